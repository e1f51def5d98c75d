"""One event as it lies in the outbox, under its seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from edge.publisher.seal import Sealer

# More than there are revisions of a window.
STAMPS_PER_S = 16
COLUMNS = {
    "pending": "sequence, id, place, stamp, recorded, window, payload, seal",
    "alert": "sequence, id, place, stamp, recorded, expires, site, alarm, ended, payload, seal",
}
"""The columns of both tables that hold events, in a row's order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One pending event. `place` is its topic below `ev/` and `last/`; `stamp` orders those of one place.

    Either it is of a window of so many seconds, or an alert that holds until `expires_tenths` of Unix time: made under
    the site file of hash `site`, about an alarm that it may say has ended.
    """

    sequence: int
    id: str
    place: str
    stamp: int
    recorded_s: int
    window_s: int = 0
    expires_tenths: int = 0
    site: str = ""
    alarm: str = ""
    ended: bool = False
    payload: bytes
    newest: bool = False

    @property
    def table(self) -> str:
        """The table that it lies in."""
        return "alert" if self.expires_tenths else "pending"

    @property
    def values(self) -> tuple[int | str | bytes, ...]:
        """What is written of it, but for the seal."""
        first = self.sequence, self.id, self.place, self.stamp, self.recorded_s
        if self.table == "pending":
            return *first, self.window_s, self.payload
        return *first, self.expires_tenths, self.site, self.alarm, int(self.ended), self.payload

    def seal(self, sealer: Sealer) -> bytes:
        """Compute the seal; an alert's is no window's."""
        return sealer.seal(*_domain(self.table), *self.values)


def row_of(table: str, values: Sequence[object], sealer: Sealer) -> Row | None:
    """Read a row of a table, its seal last; None where it is not as it was written."""
    *kept, seal = values
    # A flipped byte may change a value's type as well.
    if not isinstance(seal, bytes) or not all(isinstance(value, int | str | bytes) for value in kept):
        return None
    known = cast("tuple[int | str | bytes, ...]", tuple(kept))
    if not sealer.holds(seal, *_domain(table), *known):
        return None
    return _alert(known) if table == "alert" else _window(known)


def _window(known: tuple[Any, ...]) -> Row:
    sequence, row_id, place, stamp, recorded_s, window_s, payload = known
    return Row(
        sequence=sequence,
        id=row_id,
        place=place,
        stamp=stamp,
        recorded_s=recorded_s,
        window_s=window_s,
        payload=payload,
    )


def _alert(known: tuple[Any, ...]) -> Row:
    sequence, row_id, place, stamp, recorded_s, expires_tenths, site, alarm, ended, payload = known
    return Row(
        sequence=sequence,
        id=row_id,
        place=place,
        stamp=stamp,
        recorded_s=recorded_s,
        expires_tenths=expires_tenths,
        site=site,
        alarm=alarm,
        ended=bool(ended),
        payload=payload,
    )


def _domain(table: str) -> tuple[str, ...]:
    return (table,) if table == "alert" else ()
