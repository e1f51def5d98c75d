"""Passant: counts passers-by and knows none of them."""

__version__ = "0.1.0"
