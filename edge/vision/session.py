"""One run of vision, inside its confinement: the parts, put together, from the first frame to the last report."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.clock import LiveClock, ReplayClock, replay_start_ns
from edge.config import SiteError
from edge.config.site import LegalMode, Site
from edge.contract.report import Hello
from edge.notify import Notifier
from edge.vision.alarms import Herald, Outbound
from edge.vision.anonymise.late import LateEyes
from edge.vision.anonymise.live import LiveMasker
from edge.vision.bench import judge_of
from edge.vision.camera.source import CameraError
from edge.vision.courier import Courier
from edge.vision.crowd.eyes import crowd_eyes_for
from edge.vision.darkroom import Darkroom
from edge.vision.detect.detector import Detector, load_detector
from edge.vision.detect.manifest import ModelError
from edge.vision.door import Admission, Door
from edge.vision.heartbeat import Heartbeat
from edge.vision.lens import Lens
from edge.vision.lookout import Lookout
from edge.vision.pipeline import Crew
from edge.vision.pulse import Pulse
from edge.vision.register import Register, Under
from edge.vision.reports import ReportStore
from edge.vision.stills import Stills

_log = logging.getLogger(__name__)

_FINISHED: Final = 0
_BROKE_OFF: Final = 1
_CANNOT_RUN: Final = 2
# After a stop, and at a recording's end: how long the publisher is given to take what is left.
_DELIVERY_S: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where vision keeps its state, speaks with the publisher, is asked for stills, and says how it goes."""

    state: Path
    channel: Path
    admission: Admission
    notifier: Notifier


def hold(site: Site, places: Places, stop: Callable[[], bool], *, isolated: bool) -> int:
    """Look until `stop` or the recording's end, then offer what is left to the publisher; gives the exit code."""
    try:
        detector = load_detector(site.detector)
        under = Under(site=site.hash64, model=detector.hash64, replay=site.camera.replay, isolated=isolated)
        pulse = Pulse(isolated=isolated, replay=site.camera.replay, invoked=lambda: _invoked(detector))
        courier, clock = _courier(site, places, under, pulse)
        courier.start()
        lens = Lens(site)
        stills, darkroom = _stills(lens, detector, places.admission)
        stills.start()
        crew = Crew(eye=detector, onlooker=darkroom, bench=judge_of, crowds=crowd_eyes_for(site))
        outlet = Outbound(courier, Herald(site, under, courier.raise_alarm))
        places.notifier.ready()
        heartbeat = Heartbeat(pulse, places.notifier)
        Lookout(lens, crew, clock, outlet, pulse).run(heartbeat.at_each(lambda: stop() or not courier.is_alive()))
        places.notifier.stopping()
        stills.finish()
    except (SiteError, CameraError, ModelError) as error:
        _log.error("vision cannot run: %s", error)
        return _CANNOT_RUN
    if not courier.is_alive():
        return _BROKE_OFF
    if not courier.finish(_DELIVERY_S):
        _log.warning("the publisher did not take all reports; they are kept for the next start")
    return _FINISHED


def _stills(lens: Lens, detector: Detector, admission: Admission) -> tuple[Stills, Darkroom]:
    late = LateEyes(lens.site.detector, detector)
    darkroom = Darkroom(lens.site.privacy.fill, lambda size: LiveMasker(late.eyes, lens.site.privacy, size))
    return Stills(Door(admission), darkroom, late.load), darkroom


def _courier(site: Site, places: Places, under: Under, pulse: Pulse) -> tuple[Courier, LiveClock | ReplayClock]:
    store = ReportStore(places.state / "reports")
    unanswered = (report for report in map(store.read, store.sequences()) if report is not None)
    register = Register(places.state / "register", under, unanswered)
    if site.camera.replay:
        start_ns = replay_start_ns(site.window_s, register.reported_until_ns, now=_raises(site))
        clock: LiveClock | ReplayClock = ReplayClock(start_ns, site.camera.pace)
        _log.info("replay: its clock starts at %s UTC", time.strftime("%F %T", time.gmtime(start_ns // 10**9)))
    else:
        clock = LiveClock()
    courier = Courier(
        path=places.channel,
        hello=Hello(site=under.site, model=under.model, replay=under.replay, isolated=under.isolated),
        store=store,
        register=register,
        health=lambda waiting, lost: pulse.health(waiting=waiting, lost=lost),
    )
    return courier, clock


def _raises(site: Site) -> bool:
    return site.legal.mode is not LegalMode.STATISTICS


def _invoked(detector: Detector) -> tuple[int, float]:
    return detector.invocations, detector.invoke_cpu_s
