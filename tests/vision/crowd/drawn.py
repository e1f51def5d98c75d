"""Drawn for the tests of crowd counting: a place seen by the drawn world's camera, and boxes for people on it."""

from dataclasses import replace

import numpy as np

from edge.config.site import CrowdFit, Ground, GroundPair, Site, Zone, ZoneUse
from edge.units import ns_from_seconds
from edge.vision.camera.world import View
from edge.vision.frame import Frame, Pixels
from tests.vision.measure.made import a_site

SIZE = (640, 360)
VIEW = View(width=SIZE[0], height=SIZE[1])
ZONE = Zone(id="square", polygon=((0, 120), (640, 120), (640, 360), (0, 360)), use=ZoneUse.PEDESTRIAN)
PLACES = ((-3.0, 6.0), (3.0, 6.0), (-6.0, 12.0), (6.0, 12.0), (-8.0, 20.0), (8.0, 20.0), (0.0, 30.0))
"""On the ground, in metres to the right and ahead, for its calibration."""
FIT = CrowdFit(weights=(0.0, 1.0, 0.0, 0.0), error=0.125, moments=10)
"""A fit that takes each covered area of a person for one."""
PERSON = (0.5, 1.7)


def site_with(fit: CrowdFit | None, *, metres: bool = True, zone: Zone = ZONE) -> Site:
    """Make a site whose zone has this fit."""
    pairs = tuple(GroundPair(px=VIEW.project((x, z, 0.0)), m=(x, z)) for x, z in PLACES)
    return replace(a_site(zones=(replace(zone, crowd=fit),), points=0), ground=Ground(points=pairs) if metres else None)


def picture_of(*people: tuple[float, float], brightness: int = 120) -> Pixels:
    """Draw a plain place with upright boxes for people who stand at (x, z) m."""
    picture = np.full((SIZE[1], SIZE[0], 3), brightness, np.uint8)
    rng = np.random.default_rng(5)
    picture += rng.integers(0, 12, picture.shape, np.uint8)
    for x, z in people:
        left, top = VIEW.project((x - PERSON[0] / 2, z, PERSON[1]))
        right, foot = VIEW.project((x + PERSON[0] / 2, z, 0.0))
        picture[max(0, round(top)) : round(foot), max(0, round(left)) : round(right)] = (40, 30, 200)
    return picture


def frame_of(picture: Pixels, at_s: float) -> Frame:
    """Make a frame."""
    return Frame(pixels=picture, taken_ns=ns_from_seconds(at_s), index=round(at_s * 10))
