"""Crowds counted by a zone's own fit."""

from dataclasses import replace

import numpy as np
import pytest

from edge.config.site import CrowdFit, Site
from edge.contract.report import CrowdEstimator
from edge.vision.crowd.counter import CrowdCounter, Headcounts
from edge.vision.frame import Pixels
from edge.vision.measure.ground import GroundView
from tests.vision.crowd.drawn import FIT, SIZE, ZONE, frame_of, picture_of, site_with
from tests.vision.track.made import a_scene, a_track

EMPTY = picture_of()


def counted(site: Site, *pictures: tuple[Pixels, float], settled_s: float = 10.0) -> list[Headcounts]:
    """Count in an empty place for a while, then in each picture for as many seconds; the last count of each."""
    counter = CrowdCounter(site, SIZE, GroundView.of(site, SIZE))
    found, at_s = [], 0.0
    for picture, length_s in ((EMPTY, settled_s), *pictures):
        counts: Headcounts = ()
        until_s = at_s + length_s
        while at_s < until_s:
            counts = counter.see(frame_of(picture, at_s), None, a_scene())
            at_s += 0.25
        found.append(counts)
    return found


def people_in(counts: Headcounts) -> float:
    (count,) = counts
    assert count is not None
    return count.people


def test_a_zone_without_a_fit_is_left_to_the_tracks() -> None:
    assert counted(site_with(None)) == [(None,)]


def test_each_zone_has_an_entry_in_its_place() -> None:
    site = site_with(FIT)
    site = replace(site, zones=(replace(ZONE, id="other", crowd=None), *site.zones))
    first, second = counted(site)[0]
    assert first is None
    assert second is not None


def test_nothing_is_said_before_the_place_is_known() -> None:
    assert counted(site_with(FIT), settled_s=1.0) == [(None,)]


def test_an_empty_place_holds_nobody_and_says_who_counted_and_how_well() -> None:
    ((count,),) = counted(site_with(FIT))
    assert count is not None
    assert count.people == pytest.approx(0, abs=0.05)
    assert (count.estimator, count.error) == (CrowdEstimator.SITE_FIT, 0.125)


@pytest.mark.parametrize("z", [8.0, 12.0, 20.0])
def test_people_count_as_much_far_away_as_near(z: float) -> None:
    crowd = picture_of(*((x, z) for x in (-3.0, -1.0, 1.0, 3.0)))
    *_, seen = counted(site_with(FIT), (crowd, 4.0))
    assert people_in(seen) == pytest.approx(4, rel=0.3)


def test_without_metres_they_do_not() -> None:
    near, far = (people_in(counted(site_with(FIT, metres=False), (picture_of((0.0, z)), 4.0))[-1]) for z in (8.0, 20.0))
    assert near > 3 * far


def test_who_stands_still_for_minutes_goes_on_being_counted() -> None:
    *_, seen = counted(site_with(FIT), (picture_of((-2.0, 10.0), (2.0, 10.0)), 120.0), settled_s=180.0)
    assert people_in(seen) == pytest.approx(2, rel=0.35)


def test_light_that_changes_everywhere_is_no_crowd() -> None:
    *_, dark = counted(site_with(FIT), (picture_of(brightness=20), 12.0))
    assert people_in(dark) == pytest.approx(0, abs=0.05)


def test_edges_and_tracks_are_features_too() -> None:
    by_tracks = CrowdCounter(site_with(replace(FIT, weights=(0.5, 0.0, 0.0, 2.0))), SIZE)
    scene = a_scene(a_track((320.0, 300.0)), a_track((320.0, 60.0), number=2))
    for number in range(40):
        counts = by_tracks.see(frame_of(EMPTY, number / 4), None, scene)
    assert people_in(counts) == pytest.approx(2.5)
    striped = picture_of((0.0, 10.0))
    striped[::6] = 255 - striped[::6]
    by_edges = site_with(replace(FIT, weights=(0.0, 0.0, 1.0, 0.0)))
    plain, full = (people_in(counted(by_edges, (one, 4.0))[-1]) for one in (picture_of((0.0, 10.0)), striped))
    assert full > 2 * plain > 0


def test_a_count_is_never_less_than_nobody() -> None:
    assert people_in(counted(site_with(replace(FIT, weights=(-3.0, 1.0, 0.0, 0.0))))[0]) == 0


def test_a_fit_with_other_weights_is_not_used_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert counted(site_with(CrowdFit(weights=(1.0, 2.0), error=0.1, moments=9))) == [(None,)]
    assert "run passant calibrate-crowd again" in caplog.text


def test_pictures_smaller_than_the_features_are_taken_as_they_are() -> None:
    small = (160, 90)
    zone = replace(ZONE, polygon=((0, 30), (160, 30), (160, 90), (0, 90)))
    counter = CrowdCounter(site_with(FIT, metres=False, zone=zone), small)
    for number in range(40):
        counts = counter.see(frame_of(np.full((90, 160, 3), 90, np.uint8), number / 4), None, a_scene())
    assert people_in(counts) == 0
