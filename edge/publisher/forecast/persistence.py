"""How much of what is unusual now is left at a horizon: ridge regression, its sums forgotten exponentially.

A. E. Hoerl and R. W. Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", Technometrics 12, 1970.
"""

import math
from array import array
from collections.abc import Sequence
from typing import Final

Signs = tuple[float, ...]
"""What is known when a forecast is made, as deviations from the usual."""

SIGNS: Final = 6
_HOUR_S: Final = 3600
# So long ago counts 1/e of now.
_MEMORY_S: Final = 1000 * _HOUR_S
_VARIANCE_MEMORY_S: Final = 500 * _HOUR_S
# The pull towards "nothing persists", as so many hours of ordinary deviations.
_PULL_HOURS: Final = 20


class Persistence:
    """Expects a deviation from the signs; one object for each horizon."""

    def __init__(self, slot_s: int) -> None:
        self._keep = math.exp(-slot_s / _MEMORY_S)
        self._news = slot_s / _VARIANCE_MEMORY_S
        self._pull = _PULL_HOURS * _HOUR_S / slot_s
        self._refit_after = 86_400 // slot_s
        self._products = array("d", bytes(8 * SIGNS * SIGNS))
        self._targets = array("d", bytes(8 * SIGNS))
        self._weights = array("d", self._targets)
        # The variance of deviations, and how many were learnt since the last fit.
        self._scalars = array("d", (1.0, 0.0))

    def expect(self, signs: Signs) -> float:
        """Expect the deviation at the horizon."""
        return _dot(self._weights, signs)

    def learn(self, signs: Signs, deviation: float) -> None:
        """Take in what became of one moment; the weights follow once a day."""
        keep = self._keep
        for row, sign in enumerate(signs):
            self._targets[row] = self._targets[row] * keep + sign * deviation
            for column, other in enumerate(signs):
                place = row * SIGNS + column
                self._products[place] = self._products[place] * keep + sign * other
        self._scalars[0] += self._news * (deviation * deviation - self._scalars[0])
        self._scalars[1] += 1
        if self._scalars[1] >= self._refit_after:
            self._scalars[1] = 0.0
            self._refit()

    def memory(self) -> tuple["array[float]", ...]:
        """List all that is remembered; what is written into it is remembered from then on."""
        return self._products, self._targets, self._weights, self._scalars

    def _refit(self) -> None:
        rows = [list(self._products[row * SIGNS : (row + 1) * SIGNS]) for row in range(SIGNS)]
        # Never without a pull: where nothing ever deviates there is nothing to divide by.
        pull = self._pull * max(self._scalars[0], 1e-6)
        for place, row in enumerate(rows):
            row[place] += pull
        self._weights[:] = array("d", solved(rows, list(self._targets)))


def solved(rows: list[list[float]], right: list[float]) -> list[float]:
    """Solve a positive definite system of linear equations by elimination; both arguments are used up."""
    many = len(right)
    for pivot in range(many):
        for below in range(pivot + 1, many):
            share = rows[below][pivot] / rows[pivot][pivot]
            rows[below] = [low - share * high for low, high in zip(rows[below], rows[pivot], strict=True)]
            right[below] -= share * right[pivot]
    found = [0.0] * many
    for row in reversed(range(many)):
        found[row] = (right[row] - _dot(rows[row][row + 1 :], found[row + 1 :])) / rows[row][row]
    return found


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(one * other for one, other in zip(first, second, strict=True))
