"""What every route has to do with HTTP and nothing with the register."""
