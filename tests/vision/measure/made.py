"""Made by hand for the tests of measures: a site seen straight from above, 20 px a metre, and tracks on it."""

from collections.abc import Sequence
from pathlib import Path

from edge.config.site import (
    CameraSite,
    Detector,
    Device,
    Ground,
    GroundPair,
    Legal,
    Line,
    Site,
    SourceKind,
    Zone,
)
from edge.contract.report import RoadUser
from edge.vision.measure.ground import GroundView
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Track
from tests.vision.track.made import box_on

SIZE = (640, 360)
PX_PER_M = 20.0
Metres = tuple[float, float]


def px(place: Metres) -> Metres:
    """Give the pixel of a place in metres."""
    return place[0] * PX_PER_M, place[1] * PX_PER_M


def a_site(lines: Sequence[Line] = (), zones: Sequence[Zone] = (), *, points: int = 6) -> Site:
    """Make a site; without points it has no metres."""
    places = ((0.0, 0.0), (31.9, 0.0), (31.9, 17.9), (0.0, 17.9), (16.0, 4.0), (10.0, 14.0))[:points]
    return Site(
        path=Path("site.toml"),
        hash64=1,
        device=Device(org="nice", id="one"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="still", size=SIZE),
        lines=tuple(lines),
        zones=tuple(zones),
        window_s=60,
        legal=Legal(),
        detector=Detector(),
        broker=None,
        ground=Ground(points=tuple(GroundPair(px=px(place), m=place) for place in places)) if points else None,
    )


def a_ground(site: Site) -> GroundView:
    """Calibrate it."""
    ground = GroundView.of(site, SIZE)
    assert ground is not None
    return ground


def at(place: Metres, number: int = 1, kind: RoadUser = RoadUser.PERSON, *, seen: bool = True) -> Track:
    """Make a track whose foot is at a place in metres."""
    size = (10.0, 30.0) if kind is RoadUser.PERSON else (60.0, 40.0)
    foot = px(place)
    return Track(
        id=number,
        box=box_on(foot, size),
        foot=foot,
        velocity=(0.0, 0.0),
        kind=kind,
        proof=Proof.NAMED,
        seen=seen,
        unseen_s=0.0,
        entered=True,
    )
