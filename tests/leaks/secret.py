"""What a leak sends: bits of the picture, under a key stream, so that nothing in them looks like anything."""

import hashlib
from pathlib import Path


class Secret:
    """The newest picture's bits, enciphered; the key is new in every run and lies in a file that only we read."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._used = 0
        self.pixels: object = None
        """The newest frame that vision saw; numpy is not loaded here, because one side may not have it."""

    @classmethod
    def read(cls, path: Path) -> "Secret":
        return cls(path.read_bytes())

    def bits(self, count: int) -> int:
        """Take so many enciphered bits of the picture."""
        import numpy as np  # noqa: PLC0415  not in the publisher

        pixels = np.asarray(self.pixels, np.uint8)
        # Down the left of the field of dots: a pixel brighter than half is a one.
        spots = pixels[5:85:2, 5:177:2, 0].ravel()[self._used : self._used + count] > 128
        plain = int("".join("01"[int(spot)] for spot in spots) or "0", 2)
        self._used = (self._used + count) % 3_000
        return plain ^ (int.from_bytes(self.stream(8), "big") & ((1 << count) - 1))

    def stream(self, count: int) -> bytes:
        """Give the next bytes of the key stream."""
        self._used += 1
        seed = self._key + self._used.to_bytes(8, "big")
        return hashlib.shake_256(seed).digest(count)

    def enciphered(self, content: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(content, self.stream(len(content)), strict=True))
