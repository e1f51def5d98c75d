"""Made by hand for the judge's tests: sites that may raise, things that drive and walk, and what is said of them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.config.site import (
    DEFAULT_ALARMS,
    AlarmSetting,
    Bollard,
    CameraSite,
    Detector,
    Device,
    Ground,
    GroundPair,
    Legal,
    LegalMode,
    Line,
    Site,
    SourceKind,
    Zone,
    ZoneUse,
)
from edge.contract.report import AlarmKind, AlarmPhase, RoadUser
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.judge.alarm import Alarm, Moment
from edge.vision.judge.judge import Judge
from edge.vision.measure.crowd import Crowd
from edge.vision.measure.ground import GroundView
from edge.vision.track.identity import Ballot, Proof
from edge.vision.track.tracker import Scene, Track

Point = tuple[float, float]
SIZE = (640, 360)
# A Monday, 2026-11-23 00:00:00 UTC.
START_S = 1_795_392_000
SQUARE = ((100.0, 100.0), (540.0, 100.0), (540.0, 350.0), (100.0, 350.0))
# A picture straight from above, 20 px a metre.
PLAN = Ground(
    points=tuple(
        GroundPair(px=(x, y), m=(x / 20, y / 20)) for x, y in ((0, 0), (639, 0), (639, 359), (0, 359), (320, 180))
    )
)


def a_zone(*kinds: AlarmKind, use: ZoneUse = ZoneUse.PEDESTRIAN, **more: object) -> Zone:
    return replace(Zone(id="square", polygon=SQUARE, use=use, alarms=frozenset(kinds)), **more)


def legal(start_s: float = 0.0, end_s: float = 1e6) -> Legal:
    """Allow alarms from and to seconds after the start."""
    return Legal(
        mode=LegalMode.ALERT,
        basis="order 12",
        start_s=START_S + round(start_s),
        end_s=START_S + round(end_s),
        perimeter=frozenset({"square", "gate"}),
    )


def a_site(
    *places: Zone | Line,
    bollards: tuple[Bollard, ...] = (),
    ground: Ground | None = None,
    ground_for: Legal | None = None,
    settings: dict[AlarmKind, AlarmSetting] | None = None,
) -> Site:
    chosen = DEFAULT_ALARMS | (settings or {})
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="still"),
        lines=tuple(place for place in places if isinstance(place, Line)),
        zones=tuple(place for place in places if isinstance(place, Zone)),
        window_s=60,
        legal=ground_for or legal(),
        detector=Detector(),
        broker=None,
        bollards=bollards,
        ground=ground,
        alarms=tuple(chosen[kind] for kind in AlarmKind),
    )


@dataclass(frozen=True, kw_only=True)
class Mover:
    """A thing of a kind that is there from `from_s` to `to_s`, named with so much certainty a second."""

    start: Point
    velocity: Point = (0.0, 0.0)
    size: Point = (90.0, 50.0)
    kind: RoadUser = RoadUser.CAR
    proof: Proof = Proof.NAMED
    number: int = 1
    from_s: float = 0.0
    to_s: float = 1e9
    ballot: Ballot | None = None

    def at(self, seconds: float) -> Track | None:
        if not self.from_s <= seconds < self.to_s:
            return None
        age = seconds - self.from_s
        x, y = self.start[0] + age * self.velocity[0], self.start[1] + age * self.velocity[1]
        return Track(
            id=self.number,
            box=(x - self.size[0] / 2, y - self.size[1], x + self.size[0] / 2, y),
            foot=(x, y),
            velocity=self.velocity,
            kind=self.kind,
            proof=self.proof,
            seen=True,
            unseen_s=0.0,
            entered=True,
            ballot=self.ballot or votes(self.kind, 3.0 * age + 1.0),
        )


def votes(kind: RoadUser, total: float) -> Ballot:
    """Give a ballot of so many votes, all for one kind."""
    match kind:
        case RoadUser.PERSON:
            return Ballot(person=total)
        case RoadUser.BICYCLE:
            return Ballot(bicycle=total)
        case RoadUser.BUS | RoadUser.LORRY:
            return Ballot(heavy=total)
        case RoadUser.VEHICLE:
            return Ballot()
        case _:
            return Ballot(light=total)


Movers = Sequence[Mover] | Callable[[float], Iterable[Track]]


@dataclass(kw_only=True)
class Watch:
    """A judge at work: takes frames at a rate, keeps what it says."""

    site: Site
    fps: float = 5.0
    # Whether the detector is shown the whole picture, or nothing of it.
    looks: bool = True
    said: list[Alarm] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.judge = Judge(self.site, SIZE, GroundView.of(self.site, SIZE))
        self._before: dict[int, Track] = {}

    def run(self, until_s: float, movers: Movers = (), *, steady: bool = True, crowd: Crowd | None = None) -> "Watch":
        """Show frames up to a time."""
        while self.seconds < until_s - 1e-9:
            tracks = movers(self.seconds) if callable(movers) else [mover.at(self.seconds) for mover in movers]
            self.show([track for track in tracks if track is not None], steady=steady, crowd=crowd)
        return self

    def show(self, tracks: list[Track], *, steady: bool = True, crowd: Crowd | None = None) -> tuple[Alarm, ...]:
        """Show one frame."""
        now = {track.id: track for track in tracks}
        ended = tuple(track for number, track in self._before.items() if number not in now)
        self._before = now
        moment = Moment(
            scene=Scene(tracks=tuple(tracks), ended=ended),
            taken_ns=ns_from_seconds(self.seconds),
            at_ns=self.at_ns,
            steady=steady,
            crowds=(crowd,) * len(self.site.zones),
            looked=((0, 0, *SIZE),) if self.looks else (),
        )
        told = self.judge.see(moment)
        self.said += told
        self.seconds += 1 / self.fps
        return told

    def rest(self, until_s: float) -> "Watch":
        """Let the camera show nothing up to a time."""
        while self.seconds < until_s - 1e-9:
            self.said += self.judge.rest(self.at_ns)
            self.seconds += 1 / self.fps
        return self

    @property
    def at_ns(self) -> int:
        return START_S * NS_PER_S + ns_from_seconds(self.seconds)

    def phases(self, kind: AlarmKind | None = None, *, all_of_them: bool = False) -> list[AlarmPhase]:
        """Give the phases that were told, refreshes left out unless asked for."""
        return [
            alarm.phase
            for alarm in self.said
            if kind in {None, alarm.kind} and (all_of_them or alarm.phase is not AlarmPhase.UPDATED)
        ]

    def when(self, phase: AlarmPhase, kind: AlarmKind | None = None) -> float:
        """Give how many seconds after the start a phase was first told; nan where it was not."""
        found = [alarm for alarm in self.said if alarm.phase is phase and kind in {None, alarm.kind}]
        return (found[0].at_ns - START_S * NS_PER_S) / NS_PER_S if found else math.nan


def a_lorry(**more: object) -> Mover:
    """Drive one from the left into the square, whose border it passes after a second and a half."""
    lorry = Mover(start=(-50.0, 250.0), velocity=(100.0, 0.0), size=(160.0, 90.0), kind=RoadUser.LORRY)
    return replace(lorry, **more)
