"""What comes through a lens: pictures no sharper than the site allows, and a site that fits them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.config import SiteError
from edge.config.site import (
    CameraSite,
    Detector,
    Device,
    Ground,
    GroundPair,
    Legal,
    Line,
    Privacy,
    Site,
    SourceKind,
)
from edge.vision.frame import Frame
from edge.vision.lens import Lens

# Straight from above, 50 px a metre.
GROUND = Ground(
    points=tuple(
        GroundPair(px=(float(x), float(y)), m=(x / 50, -y / 50))
        for x, y in ((100, 100), (500, 100), (500, 300), (100, 300), (300, 200), (200, 250))
    ),
    size=(640, 360),
)


def site_of(ceiling: float | None, line_x: float = 320) -> Site:
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=SourceKind.PI, target=""),
        lines=(Line(id="quai", start=(line_x, 10), end=(line_x, 350)),),
        zones=(),
        window_s=60,
        legal=Legal(),
        detector=Detector(),
        broker=None,
        privacy=Privacy(max_px_per_m=ceiling),
        ground=GROUND,
    )


def frame(width: int = 640, height: int = 360) -> Frame:
    return Frame(pixels=np.zeros((height, width, 3), np.uint8), taken_ns=7, index=3)


def test_without_a_ceiling_a_picture_comes_through_as_it_is() -> None:
    lens, picture = Lens(site_of(None)), frame()
    assert lens.through(picture) is picture
    assert lens.site == site_of(None)


def test_a_picture_sharper_than_the_ceiling_is_scaled_below_it_with_its_site() -> None:
    lens = Lens(site_of(25.0))
    through = lens.through(frame())
    assert through.size[0] <= 640 * 25 / 50
    assert (through.taken_ns, through.index) == (7, 3)
    assert lens.site.lines[0].start[0] == pytest.approx(through.size[0] / 2, abs=1)


def test_what_lies_outside_the_pictures_is_told_before_they_are_scaled() -> None:
    with pytest.raises(SiteError, match="outside the pictures of 640 x 360"):
        Lens(site_of(25.0, line_x=700)).through(frame())


def test_a_ceiling_that_nothing_can_hold_lets_no_picture_through() -> None:
    with pytest.raises(SiteError, match="max_px_per_m"):
        Lens(replace(site_of(25.0), ground=None)).through(frame())
