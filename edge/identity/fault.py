"""What stops an identity from being made or renewed, for whoever installs or runs the certificate authority."""


class IdentityError(ValueError):
    """Something about keys, claims or certificates that cannot be used; the text says what, and how to mend it."""
