"""Why a card is not written, or is not to be used."""


class FlashError(ValueError):
    """An image, a device or a writing that will not do; the text says which, why, and how to mend it."""
