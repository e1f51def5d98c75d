"""Which alarms a line or a zone raises, and `[alarms.…]`: for how long what they are about must hold.

`pedestrian` zones raise `vehicle` and `heavy-vehicle`; `carriageway` zones `stopped-vehicle`,
`person-on-carriageway` and, with a direction, `wrong-way`; `closed` zones what `closed_to` says. Density and crowd
movement are raised by zones that ask for them, `wrong-way` by lines with `one_way`.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final, NamedTuple

from edge.config.site import DEFAULT_ALARMS, AlarmSetting, ClosedTo, ZoneUse
from edge.config.table import Table
from edge.contract.report import AlarmKind

WORDS: Final = {kind.name.lower().replace("_", "-"): kind for kind in AlarmKind}
"""Each kind of alarm by its word."""
ASKED: Final = {word: kind for word, kind in WORDS.items() if kind in {AlarmKind.DENSITY, AlarmKind.CROWD_MOVEMENT}}
"""Those that a zone raises only when it asks for them."""
DEFAULT_CLOSED_TO: Final = frozenset({ClosedTo.HEAVY, ClosedTo.VEHICLE})
"""Whom a closed zone is closed to that does not say so."""

LEAST_DENSITY: Final = 2
"""From how many people per m² on `density` is raised; edge/vision/judge/density.py has the levels above it."""

_CLOSED: Final = {
    ClosedTo.HEAVY: frozenset({AlarmKind.HEAVY_VEHICLE}),
    ClosedTo.VEHICLE: frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE}),
    ClosedTo.PERSON: frozenset({AlarmKind.PERSON_ON_CARRIAGEWAY}),
}
_CARRIAGEWAY: Final = frozenset({AlarmKind.STOPPED_VEHICLE, AlarmKind.PERSON_ON_CARRIAGEWAY})


class _Bounds(NamedTuple):
    """How long `hold_s` may be, in s."""

    least: float
    most: float


# At 5 frames a second 0.2 s are two pictures: one alone is no evidence of anything. A heavy vehicle is told within 2 s
# of the first light that shows it; seeing, finding and sending it need half of that.
_HOLD_S: Final = {
    AlarmKind.HEAVY_VEHICLE: _Bounds(0.2, 1.0),
    AlarmKind.VEHICLE: _Bounds(0.2, 60),
    AlarmKind.WRONG_WAY: _Bounds(0.2, 10),
    AlarmKind.STOPPED_VEHICLE: _Bounds(5, 3600),
    AlarmKind.PERSON_ON_CARRIAGEWAY: _Bounds(0.2, 60),
    AlarmKind.DENSITY: _Bounds(10, 600),
    AlarmKind.CROWD_MOVEMENT: _Bounds(1, 60),
}
_CLEAR_S: Final = _Bounds(1, 600)
_EXPIRE_S: Final = _Bounds(10, 86_400)


def of_zone(
    use: ZoneUse, closed_to: Collection[ClosedTo], asked: Collection[AlarmKind], *, directed: bool
) -> frozenset[AlarmKind]:
    """List what a zone raises: by its use, and what it asks for."""
    found = frozenset(asked)
    if use is ZoneUse.PEDESTRIAN:
        return found | _CLOSED[ClosedTo.VEHICLE]
    if use is ZoneUse.CARRIAGEWAY:
        return found | _CARRIAGEWAY | ({AlarmKind.WRONG_WAY} if directed else frozenset())
    return found.union(*(_CLOSED[who] for who in closed_to))


def settings(root: Table) -> tuple[AlarmSetting, ...]:
    """Read `[alarms]`; gives a setting for each kind in its order, what is left out by its default."""
    table = root.table("alarms", tuple(WORDS))
    return tuple(_setting(table, word, kind) for word, kind in WORDS.items())


def _setting(alarms: Table, word: str, kind: AlarmKind) -> AlarmSetting:
    table = alarms.table(word, ("hold_s", "clear_s", "expire_s"))
    default = DEFAULT_ALARMS[kind]
    setting = replace(
        default,
        hold_s=_seconds(table, "hold_s", _HOLD_S[kind], default.hold_s),
        clear_s=_seconds(table, "clear_s", _CLEAR_S, default.clear_s),
        expire_s=_seconds(table, "expire_s", _EXPIRE_S, default.expire_s),
    )
    if setting.expire_s < setting.clear_s:
        key = "expire_s" if "expire_s" in table else "clear_s"
        cause = f"it would expire after {setting.expire_s:g} s, before it can be cleared, after {setting.clear_s:g} s"
        table.fault(key, cause, "write an expire_s that is no less than clear_s")
    return setting


def _seconds(table: Table, key: str, bounds: _Bounds, default: float) -> float:
    found = table.number(key, *bounds)
    return default if found is None else float(found)
