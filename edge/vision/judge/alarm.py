"""The judge's values: what it is shown of one frame, and what it says."""

from dataclasses import dataclass

from edge.contract.report import AlarmKind, AlarmPhase, Severity
from edge.vision.measure.crowd import Crowd
from edge.vision.track.tracker import Scene


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One frame as the judge sees it.

    `taken_ns` is of the source's own clock, `at_ns` Unix time. `steady` is false while the light has just changed or
    the place is being learnt: nothing that rests on movement alone begins then. `crowds` has an entry for each zone of
    the site, None where its people are not measured. `looked` are the parts (x0, y0, x1, y1) px of the picture that the
    detector was shown.
    """

    scene: Scene
    taken_ns: int
    at_ns: int
    steady: bool
    crowds: tuple[Crowd | None, ...]
    looked: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BollardAdvice:
    """What a bollard's controller may want to know, by its index in the site file; `arrival_s` None: not known."""

    bollard: int
    inhibit: bool
    valid_s: float
    arrival_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One message in the life of an alarm, of a line or zone by its index.

    `number` counts the alarms of one judge from 1, `revision` the messages about it from 0. `since_ns` is when what it
    is about was first seen, `at_ns` when this was said, both Unix time; it holds for `valid_s` without another word.
    `level` is of density alarms: people per m².
    """

    number: int
    revision: int
    kind: AlarmKind
    phase: AlarmPhase
    severity: Severity
    at_line: bool
    place: int
    since_ns: int
    at_ns: int
    valid_s: float
    level: int | None = None
    advice: tuple[BollardAdvice, ...] = ()
