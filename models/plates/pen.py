"""What drawings are made with: one source of chance and one set of letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from plates.lettering import Lettering
from plates.sheet import Alpha, Colour

Choice = TypeVar("Choice")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "0123456789"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pen:
    """Draws what chance says; the same seed draws the same."""

    rng: np.random.Generator
    lettering: Lettering

    def text(self, pattern: str) -> str:
        """Fill a pattern: A becomes a letter, 0 a digit, # either; all else stays."""
        return "".join(self._sign(sign) for sign in pattern)

    def one(self, choices: Sequence[Choice]) -> Choice:
        """Choose one."""
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, low: float, high: float) -> float:
        """Choose a number."""
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        """Say yes in such a share of cases."""
        return bool(self.rng.random() < share)

    def near(self, colour: Colour, by: int) -> Colour:
        """Choose a colour near another."""
        red, green, blue = (int(np.clip(side + self.rng.integers(-by, by + 1), 0, 255)) for side in colour)
        return red, green, blue

    def ink(self, text: str) -> Alpha:
        """Draw a text."""
        return self.lettering.ink(text, self.rng)

    def _sign(self, sign: str) -> str:
        signs = {"A": LETTERS, "0": DIGITS, "#": LETTERS + DIGITS}.get(sign)
        return sign if signs is None else self.one(signs)
