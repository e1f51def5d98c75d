"""What is usual in each slot of the week. Old weeks are forgotten bit by bit, so that a season may pass."""

from array import array
from typing import Final

# What one more week weighs against all before, once there are many: half of what is remembered is of the last 5 weeks.
_NEWS: Final = 0.12
# A slot of the week leans on the same slot of like days as if that were so many weeks of its own.
_LEAN: Final = 0.7
_WORKDAYS: Final = 5
# Monday to Friday are alike; Saturday and Sunday are each of their own kind.
_DAY_KINDS: Final = 3


class Profile:
    """The usual value of each cell of the week, shrunk towards that of the same time on like days."""

    def __init__(self, slots_a_day: int) -> None:
        self._a_day = slots_a_day
        self._mean = array("d", bytes(8 * 7 * slots_a_day))
        self._weight = array("d", self._mean)
        # Counts the weeks in which the value was withheld as well.
        self._looks = array("d", self._mean)
        self._day_mean = array("d", bytes(8 * _DAY_KINDS * slots_a_day))
        self._day_weight = array("d", self._day_mean)

    def usual(self, cell: int) -> float | None:
        """Tell what is usual; None where that is not known, or was withheld more often than not."""
        weight, day = self._weight[cell], self._day(cell)
        lean = _LEAN if self._day_weight[day] else 0.0
        if weight + lean == 0 or 2 * weight < self._looks[cell]:
            return None
        return (weight * self._mean[cell] + lean * self._day_mean[day]) / (weight + lean)

    def learn(self, cell: int, value: float) -> None:
        """Take one more week's value in."""
        self._looks[cell] = self._looks[cell] * (1 - _NEWS) + 1
        _blend(self._mean, self._weight, cell, value, _NEWS)
        # A workday's time comes five times a week.
        many = _WORKDAYS if cell < _WORKDAYS * self._a_day else 1
        _blend(self._day_mean, self._day_weight, self._day(cell), value, _NEWS / many)

    def withhold(self, cell: int) -> None:
        """Note a week in which the value was withheld: it was small, and that is all that is known."""
        self._looks[cell] = self._looks[cell] * (1 - _NEWS) + 1
        self._weight[cell] *= 1 - _NEWS

    def memory(self) -> tuple["array[float]", ...]:
        """List all that is remembered; what is written into it is remembered from then on."""
        return self._mean, self._weight, self._looks, self._day_mean, self._day_weight

    def _day(self, cell: int) -> int:
        kind = max(0, cell // self._a_day - _WORKDAYS + 1)
        return kind * self._a_day + cell % self._a_day


def _blend(mean: "array[float]", weight: "array[float]", at: int, value: float, news: float) -> None:
    weight[at] = weight[at] * (1 - news) + 1
    mean[at] += (value - mean[at]) / weight[at]
