"""What a process gives up for good before it starts its work; both sides use it, neither can undo it."""


class IsolationError(Exception):
    """The process could do what it never may; the text says which and how to mend it."""
