"""When a place may raise alarms: by the legal ground, and by its calendar."""

from dataclasses import dataclass

from edge.config.calendar import holds
from edge.config.site import Line, Site, Zone
from edge.units import NS_PER_S


@dataclass(kw_only=True, slots=True, eq=False)
class Gate:
    """The gate of one line or zone; asked every frame, worked out once a second."""

    site: Site
    place: Line | Zone
    _second: int | None = None
    _open: bool = False

    def is_open(self, at_ns: int) -> bool:
        """Tell whether an alarm may be raised, or go on, at a Unix time."""
        second = at_ns // NS_PER_S
        if second != self._second:
            self._second = second
            self._open = self.site.legal.permits(self.place.id, second) and holds(
                self.place.when, second, self.site.time_zone
            )
        return self._open

    def valid_s(self, at_ns: int, wanted_s: float) -> float:
        """Cut the time for which an alarm is to hold to the end of the legal ground."""
        return min(wanted_s, max(0.0, self.site.legal.end_s - at_ns / NS_PER_S))
