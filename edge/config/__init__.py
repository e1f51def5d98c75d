"""The site file: one TOML that an installer writes, read into frozen, checked values."""
