"""A site for pictures of another size: the same places, and nothing else changed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config import SiteError, check_inside, load
from edge.config.load import read
from edge.config.picture import points
from edge.config.scale import scaled
from edge.config.site import Site
from edge.ground.calibration import calibrate

SIZE = (1280, 720)
_SIDES = st.integers(16, 8192)


@pytest.fixture
def site(folder: Path, full: str) -> Site:
    path = folder / "site.toml"
    path.write_text(full)
    return load(path)


_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@_fixtures
@given(width=_SIDES, height=_SIDES)
def test_every_point_keeps_its_share_of_the_picture(width: int, height: int, site: Site) -> None:
    found = dict(points(scaled(site, SIZE, (width, height))))
    assert len(found) == len(dict(points(site))) == 29
    for key, (x, y) in points(site):
        assert found[key] == pytest.approx((x / SIZE[0] * width, y / SIZE[1] * height))
    check_inside(scaled(site, SIZE, (width, height)), (width, height))


@_fixtures
@given(width=_SIDES, height=_SIDES)
def test_there_and_back_is_the_same_site(width: int, height: int, site: Site) -> None:
    back = scaled(scaled(site, SIZE, (width, height)), (width, height), SIZE)
    for (key, place), (same, was) in zip(points(back), points(site), strict=True):
        assert key == same
        assert place == pytest.approx(was)
    assert _but_for_points(back) == _but_for_points(site)


def test_nothing_but_pixels_changes(site: Site) -> None:
    small = scaled(site, SIZE, (640, 360))
    assert small.camera == replace(site.camera, size=(640, 360))
    assert _but_for_points(small) == _but_for_points(site)


def _but_for_points(site: Site) -> Site:
    """Give a site with all that is in px taken out."""
    return replace(
        site,
        camera=replace(site.camera, size=None),
        lines=tuple(replace(line, start=(0, 0), end=(0, 0)) for line in site.lines),
        zones=tuple(replace(zone, polygon=(), obstacles=(), direction=None) for zone in site.zones),
        bollards=tuple(replace(bollard, footprint=(), line=((0, 0), (0, 0))) for bollard in site.bollards),
        privacy=replace(site.privacy, polygons=()),
        ground=None,
    )


@pytest.mark.parametrize("own", [None, (1280, 720)])
def test_the_ground_stays_where_it_is(own: tuple[int, int] | None, site: Site) -> None:
    assert site.ground is not None
    site = replace(site, ground=replace(site.ground, size=own))
    assert site.ground is not None
    small = scaled(site, SIZE, (640, 360))
    assert small.ground is not None
    plane, same = calibrate(site.ground, SIZE).homography, calibrate(small.ground, (640, 360)).homography
    assert plane is not None
    assert same is not None
    assert same.to_metres((300, 250)) == pytest.approx(plane.to_metres((600, 500)), abs=1e-6)


def test_a_ground_of_another_size_is_scaled_from_its_own(site: Site) -> None:
    assert site.ground is not None
    double = replace(site, ground=scaled(site, SIZE, (2560, 1440)).ground)
    assert scaled(double, SIZE, (640, 360)).ground == scaled(site, SIZE, (640, 360)).ground


def test_what_lies_outside_the_pictures_is_told_with_its_line(full: str, folder: Path) -> None:
    path = folder / "site.toml"
    path.write_text(full)
    reading = read(path)
    with pytest.raises(SiteError) as told:
        check_inside(reading.site, (1, 1), reading.lines)
    rows = full.splitlines()
    assert len(told.value.faults) > 20
    for fault in told.value.faults:
        assert fault.line is not None
        place = re.match(r"\[[^\]]*\]", fault.cause)
        assert (place[0] if place else "size = [1280, 720]") in rows[fault.line - 1]
