"""Windows put together into slots: a slot counts when all of it was seen well enough."""

from edge.contract.report import LineReport, WindowReport, ZoneReport

# As for an event that is marked degraded: a count of less is too small, and none is made larger.
_LEAST_PERMILLE = 900

Windows = tuple[WindowReport, ...]


class Slots:
    """Keeps the windows of the slot in progress."""

    def __init__(self, slot_s: int) -> None:
        self._slot_s = slot_s
        self._slot = -1
        self._windows: dict[int, WindowReport] = {}

    def take(self, report: WindowReport) -> Windows | None:
        """Take a window in; all windows of its slot, in order, as soon as the slot is whole.

        A later revision replaces an earlier one. A slot with a window that is missing, or hardly seen, is never whole.
        """
        slot = report.window_start_s // self._slot_s
        if slot != self._slot:
            self._slot = slot
            self._windows.clear()
        if report.observed_permille < _LEAST_PERMILLE:
            return None
        self._windows[report.window_start_s] = report
        if len(self._windows) * report.window_s < self._slot_s:
            return None
        return tuple(self._windows[start_s] for start_s in sorted(self._windows))


def people_over(lines: tuple[LineReport, ...]) -> float:
    """Count the people of one line over the windows of a slot, both directions."""
    return float(sum(line.forward.people + line.backward.people for line in lines))


def vehicles_over(lines: tuple[LineReport, ...]) -> float:
    """Count the vehicles of one line over the windows of a slot, both directions."""
    return float(sum(line.forward.vehicles + line.backward.vehicles for line in lines))


def people_in(zones: tuple[ZoneReport, ...]) -> float | None:
    """Average the people of one zone over the windows of a slot; None where one of them was withheld."""
    return _mean([zone.people_mean_hundredths for zone in zones])


def vehicles_in(zones: tuple[ZoneReport, ...]) -> float | None:
    """Average the vehicles of one zone over the windows of a slot; None where one of them was withheld."""
    return _mean([zone.vehicles_mean_hundredths for zone in zones])


def _mean(hundredths: list[int | None]) -> float | None:
    given = [value for value in hundredths if value is not None]
    return sum(given) / len(given) / 100 if len(given) == len(hundredths) else None
