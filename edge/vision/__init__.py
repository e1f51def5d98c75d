"""The process that sees every pixel and has no network."""
