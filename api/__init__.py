"""The ways into and out of the register: sheets, HTTP, pages."""
