"""The command line: `passant …`."""
