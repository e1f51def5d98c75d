"""Looks at a camera and a model for `passant doctor`, as isolated as vision; what leaves it are numbers."""
