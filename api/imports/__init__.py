"""Imports: `importing` runs one, from the sheet to the report; `routes` and `desk` serve them."""
