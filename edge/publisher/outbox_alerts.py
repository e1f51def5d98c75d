"""The outbox's alerts: under which site file each was made, what was said before, and of which alarms anybody heard."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from edge.publisher.events.alert import AlertDraft
from edge.publisher.row import STAMPS_PER_S, Row

# Messages remembered, so that one that is said again is known: those of more hours than any of them holds.
_REMEMBERED: Final = 20_000
_TENTHS_A_S: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Which alerts may be told now: not over, not of a clock that was set back since, of the site file in force.

    Times are Unix time; `site` is None while no alert may be told at all.
    """

    now_tenths: int
    most_recorded_s: int
    site: str | None

    @property
    def values(self) -> tuple[int, int, str | None]:
        """The values of `_OVER`."""
        return self.now_tenths, self.most_recorded_s, self.site


_OVER: Final = "(expires <= ? OR recorded > ? OR site IS NOT ?)"
# An end of which nobody heard the beginning, and of which no beginning waits before it.
_UNHEARD: Final = (
    "ended AND NOT EXISTS (SELECT 1 FROM said WHERE said.alarm = alert.alarm AND told)"
    " AND NOT EXISTS (SELECT 1 FROM alert AS other WHERE other.alarm = alert.alarm AND other.sequence < alert.sequence)"
)
HOLDS: Final = f"NOT {_OVER}"
"""What is true of a row that may be told; takes `Due.values`."""


def known(base: sqlite3.Connection, alert: AlertDraft) -> bytes | None:
    """Give the digest of the message that was stored under the same alarm and revision, or None."""
    found = base.execute("SELECT digest FROM said WHERE alarm = ? AND revision = ?", (alert.alarm, alert.revision))
    row = found.fetchone()
    return None if row is None else row[0]


def note(base: sqlite3.Connection, alert: AlertDraft, sequence: int) -> None:
    """Remember what a message said."""
    base.execute("INSERT INTO said VALUES (?, ?, ?, ?, FALSE)", (sequence, alert.alarm, alert.revision, alert.digest))
    base.execute(
        "DELETE FROM said WHERE sequence <= (SELECT sequence FROM said ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
        (_REMEMBERED,),
    )


def heard(base: sqlite3.Connection, sequences: list[tuple[int]]) -> None:
    """Note that the broker has taken these."""
    base.executemany("UPDATE said SET told = TRUE WHERE sequence = ?", sequences)


def row_of_draft(alert: AlertDraft, sequence: int, recorded_s: int, recorded: str | None) -> Row:
    """Make the row of an alert under its number."""
    return Row(
        sequence=sequence,
        id=alert.id,
        place=f"{alert.kind}/{alert.place}",
        # As windows are stamped, in sixteenths of a second: of two in one tenth both are the newest.
        stamp=alert.at_tenths * STAMPS_PER_S // _TENTHS_A_S,
        recorded_s=recorded_s,
        expires_tenths=alert.send_until_tenths,
        site=alert.site,
        alarm=alert.alarm,
        ended=alert.ended,
        payload=alert.render(sequence, recorded),
    )


def any_over(base: sqlite3.Connection, due: Due) -> bool:
    """Tell whether there is anything to drop; writes nothing."""
    found = base.execute(f"SELECT EXISTS (SELECT 1 FROM alert WHERE {_OVER} OR ({_UNHEARD}))", due.values)  # noqa: S608  our own words
    return bool(found.fetchone()[0])


def drop_over(base: sqlite3.Connection, due: Due) -> int:
    """Delete what may not be told, and the ends of alarms of which nobody heard; tells how many."""
    over = base.execute(f"DELETE FROM alert WHERE {_OVER}", due.values).rowcount  # noqa: S608  our own words
    return over + base.execute(f"DELETE FROM alert WHERE {_UNHEARD}").rowcount  # noqa: S608  our own words
