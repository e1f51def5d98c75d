"""A tally that was written as JSON, made again; what an earlier version did not write is nothing."""

from typing import Any, TypeVar

from edge.contract.report import Metres
from edge.vision.aggregate.tally import Crowding, Flow, LineTally, Presence, Speeds, Tally, TurnTally, ZoneTally

Numbers = TypeVar("Numbers", Presence, Speeds)


def tally_of(held: dict[str, Any]) -> Tally:
    """Make a tally of what `dataclasses.asdict` made of it; raises KeyError, TypeError, ValueError."""
    more: dict[str, Any] = {"lost_ns": tuple(map(int, held["lost_ns"]))} if "lost_ns" in held else {}
    return Tally(
        start_ns=int(held["start_ns"]),
        length_ns=int(held["length_ns"]),
        observed_ns=int(held["observed_ns"]),
        lines=tuple(_line(line) for line in held["lines"]),
        zones=tuple(_zone(zone) for zone in held["zones"]),
        turns=tuple(_turn(turn) for turn in held.get("turns", ())),
        metres=Metres(held.get("metres", Metres.NONE)),
        **more,
    )


def _line(held: dict[str, Any]) -> LineTally:
    return LineTally(
        forward=tuple(map(int, held["forward"])),
        backward=tuple(map(int, held["backward"])),
        forward_flow=_flow(held.get("forward_flow", {})),
        backward_flow=_flow(held.get("backward_flow", {})),
    )


def _flow(held: dict[str, Any]) -> Flow:
    made: dict[str, Any] = {name: int(value) for name, value in held.items() if name not in {"vehicles", "people"}}
    return Flow(
        vehicles=_numbers(Speeds, held.get("vehicles", {})), people=_numbers(Speeds, held.get("people", {})), **made
    )


def _zone(held: dict[str, Any]) -> ZoneTally:
    made: dict[str, Any] = {}
    for name, value in held.items():
        if name == "crowding":
            made[name] = _crowding(value)
        else:
            made[name] = _numbers(Presence, value) if isinstance(value, dict) else int(value)
    return ZoneTally(**made)


def _crowding(held: dict[str, Any]) -> Crowding:
    made: dict[str, Any] = {
        name: tuple(map(int, value)) if isinstance(value, list) else int(value) for name, value in held.items()
    }
    return Crowding(**made)


def _turn(held: dict[str, Any]) -> TurnTally:
    return TurnTally(
        entry=int(held["entry"]),
        entry_forward=bool(held["entry_forward"]),
        exit=int(held["exit"]),
        exit_forward=bool(held["exit_forward"]),
        count=int(held["count"]),
    )


def _numbers(kind: type[Numbers], held: dict[str, Any]) -> Numbers:
    return kind(**{name: int(value) for name, value in held.items()})
