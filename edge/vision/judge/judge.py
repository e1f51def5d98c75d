"""Scenes to alarms: what is raised, updated, cleared, and when.

Only where the site file names a legal ground: in the mode `statistics` there is no judge.
"""

from collections.abc import Iterator
from dataclasses import replace

from edge.config.site import AlarmSetting, LegalMode, Site, Zone
from edge.contract.report import AlarmKind
from edge.vision.judge.advice import Bollards
from edge.vision.judge.alarm import Alarm, Moment
from edge.vision.judge.crowd_movement import CrowdMovement
from edge.vision.judge.density import Density
from edge.vision.judge.gate import Gate
from edge.vision.judge.ground import Ground
from edge.vision.judge.intrusion import HeavyVehicle, Vehicle
from edge.vision.judge.on_carriageway import PersonOnCarriageway
from edge.vision.judge.post import Bureau, Post
from edge.vision.judge.sign import Trigger
from edge.vision.judge.stopped import StoppedVehicle
from edge.vision.judge.view import Lookout
from edge.vision.judge.wrong_way import WrongWayLine, WrongWayZone


class Judge:
    """All alarms of one site, for pictures of a size (w, h) px.

    Raises ValueError for a site in the mode `statistics`, which may not raise any.
    """

    def __init__(self, site: Site, size: tuple[int, int], ground: Ground | None) -> None:
        if site.legal.mode is LegalMode.STATISTICS:
            raise ValueError("the site's legal mode is statistics: it has no alarms to judge")
        self._lookout = Lookout(size, ground)
        self._bureau = Bureau(bollards=Bollards(site.bollards, ground, site.privacy.polygons))
        self._posts = [*_at_lines(site, self._bureau), *_in_zones(site, self._bureau, ground)]
        self._last_ns: int | None = None
        self._skew_ns = 0

    def see(self, moment: Moment) -> tuple[Alarm, ...]:
        """Take in one frame; gives what is to be said about alarms."""
        now_ns = self._now(moment.at_ns)
        view = self._lookout.see(moment, now_ns)
        self._bureau.bollards.see(view)
        return tuple(alarm for post in self._posts if (alarm := post.see(view)) is not None)

    def rest(self, at_ns: int) -> tuple[Alarm, ...]:
        """Note that nothing is seen at this Unix time: nothing is raised, and what is open ends when its time is up."""
        now_ns = self._now(at_ns)
        self._bureau.bollards.rest()
        return tuple(alarm for post in self._posts if (alarm := post.rest(now_ns, at_ns)) is not None)

    def _now(self, at_ns: int) -> int:
        """Give a time that runs on where Unix time is set back."""
        if self._last_ns is not None and at_ns < self._last_ns:
            self._skew_ns += self._last_ns - at_ns
        self._last_ns = at_ns
        now_ns = at_ns + self._skew_ns
        self._bureau.budget.fill(now_ns)
        return now_ns


def _at_lines(site: Site, bureau: Bureau) -> Iterator[Post]:
    for index, line in enumerate(site.lines):
        if line.one_way is not None and AlarmKind.WRONG_WAY in line.alarms:
            yield Post(
                kind=AlarmKind.WRONG_WAY,
                at_line=True,
                place=index,
                trigger=WrongWayLine(index, line),
                gate=Gate(site=site, place=line),
                setting=site.alarms[AlarmKind.WRONG_WAY],
                bureau=bureau,
            )


def _in_zones(site: Site, bureau: Bureau, ground: Ground | None) -> Iterator[Post]:
    for index, zone in enumerate(site.zones):
        for kind in sorted(zone.alarms):
            setting = site.alarms[kind]
            trigger = _trigger(kind, index, zone, setting, ground)
            if trigger is not None:
                # A level of density has held, and has been left, by its own reckoning.
                own = replace(setting, hold_s=0.0, clear_s=0.0) if kind is AlarmKind.DENSITY else setting
                yield Post(
                    kind=kind,
                    at_line=False,
                    place=index,
                    trigger=trigger,
                    gate=Gate(site=site, place=zone),
                    setting=own,
                    bureau=bureau,
                )


def _trigger(kind: AlarmKind, index: int, zone: Zone, setting: AlarmSetting, ground: Ground | None) -> Trigger | None:
    found: Trigger | None = None
    match kind:
        case AlarmKind.HEAVY_VEHICLE:
            found = HeavyVehicle(zone)
        case AlarmKind.VEHICLE:
            found = Vehicle(zone)
        case AlarmKind.WRONG_WAY:
            found = None if zone.direction is None else WrongWayZone(zone, ground)
        case AlarmKind.STOPPED_VEHICLE:
            found = StoppedVehicle(zone, setting)
        case AlarmKind.PERSON_ON_CARRIAGEWAY:
            found = PersonOnCarriageway(zone)
        case AlarmKind.DENSITY:
            found = Density(index, setting)
        case AlarmKind.CROWD_MOVEMENT:
            found = CrowdMovement(index)
    return found
