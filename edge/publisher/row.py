"""One event as it lies in the outbox, under its seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from edge.publisher.seal import Sealer

COLUMNS = {
    "pending": "sequence, id, place, stamp, recorded, window, payload, seal",
    "alert": "sequence, id, place, stamp, recorded, expires, payload, seal",
}
"""The columns of both tables that hold events, in a row's order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One pending event. `place` is its topic below `ev/` and `last/`; `stamp` orders those of one place.

    Either it is of a window of so many seconds, or an alert that holds until `expires_tenths` of Unix time.
    """

    sequence: int
    id: str
    place: str
    stamp: int
    recorded_s: int
    window_s: int = 0
    expires_tenths: int = 0
    payload: bytes
    newest: bool = False

    @property
    def table(self) -> str:
        """The table that it lies in."""
        return "alert" if self.expires_tenths else "pending"

    @property
    def values(self) -> tuple[int | str | bytes, ...]:
        """What is written of it, but for the seal."""
        until = self.expires_tenths or self.window_s
        return self.sequence, self.id, self.place, self.stamp, self.recorded_s, until, self.payload

    def seal(self, sealer: Sealer) -> bytes:
        """Compute the seal; an alert's is no window's."""
        return sealer.seal(*_domain(self.table), *self.values)


def row_of(table: str, values: Sequence[object], sealer: Sealer) -> Row | None:
    """Read a row of a table, its seal last; None where it is not as it was written."""
    *kept, seal = values
    # A flipped byte may change a value's type as well.
    if not isinstance(seal, bytes) or not all(isinstance(value, int | str | bytes) for value in kept):
        return None
    known = cast("tuple[int, str, str, int, int, int, bytes]", tuple(kept))
    if not sealer.holds(seal, *_domain(table), *known):
        return None
    sequence, row_id, place, stamp, recorded_s, until, payload = known
    return Row(
        sequence=sequence,
        id=row_id,
        place=place,
        stamp=stamp,
        recorded_s=recorded_s,
        window_s=0 if table == "alert" else until,
        expires_tenths=until if table == "alert" else 0,
        payload=payload,
    )


def _domain(table: str) -> tuple[str, ...]:
    return (table,) if table == "alert" else ()
