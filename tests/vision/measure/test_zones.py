"""Zones: who stands in a polygon, by the bottom centre."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.config.site import Zone, ZoneUse
from edge.contract.report import VEHICLE_KINDS, RoadUser
from edge.vision.measure.zones import contains, occupancy
from edge.vision.track.identity import Proof
from tests.vision.track.made import Point, a_scene, a_track

# An L: its notch is the upper right quarter.
L_SHAPE = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (0.0, 200.0))
ZONE = Zone(id="promenade", polygon=L_SHAPE, use=ZoneUse.PEDESTRIAN)


def star(corners: list[tuple[float, int]], centre: Point) -> tuple[Point, ...]:
    """Make a simple polygon from (angle, radius) pairs: round a centre, in the order of the angles."""
    return tuple(
        (float(round(centre[0] + radius * math.cos(angle))), float(round(centre[1] + radius * math.sin(angle))))
        for angle, radius in sorted(corners)
    )


@settings(max_examples=100, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.floats(0, math.tau), st.integers(5, 300)), min_size=3, max_size=12, unique_by=lambda one: one[0]
    ),
    start=st.integers(0, 11),
    clockwise=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_containment_is_that_of_an_independent_reference(
    corners: list[tuple[float, int]], start: int, *, clockwise: bool, seed: int
) -> None:
    """Ask for a grid's worth of points, those on the corners' own rows and columns among them: there rays graze."""
    polygon = star(corners, (320.0, 240.0))
    assume(len(set(polygon)) == len(polygon))
    start %= len(polygon)
    turned = polygon[start:] + polygon[:start]
    turned = turned[::-1] if clockwise else turned
    contour = np.array(polygon, np.float32)
    rng = np.random.default_rng(seed)
    points = [(float(x), float(y)) for x, y in rng.integers(0, 640, (40, 2))]
    points += [(float(rng.integers(0, 640)), y) for _, y in polygon]
    points += [(x, float(rng.integers(0, 480))) for x, _ in polygon]
    for point in points:
        side = cv2.pointPolygonTest(contour, point, measureDist=False)
        if side != 0:  # on the edge itself, either answer is right
            assert contains(turned, point) == (side > 0)


def test_a_notch_is_outside() -> None:
    assert contains(L_SHAPE, (50.0, 50.0))
    assert contains(L_SHAPE, (150.0, 150.0))
    assert not contains(L_SHAPE, (150.0, 50.0))
    assert not contains(L_SHAPE, (-1.0, 150.0))
    assert not contains(L_SHAPE, (201.0, 150.0))


@pytest.mark.parametrize("at", [(50.0, 50.0), (100.0, 120.0), (0.0, 0.0), (199.0, 199.0)])
def test_who_stands_on_a_common_edge_is_in_one_of_two_zones(at: Point) -> None:
    left = ((-10.0, -10.0), (at[0], -10.0), (at[0], 300.0), (-10.0, 300.0))
    right = ((at[0], -10.0), (300.0, -10.0), (300.0, 300.0), (at[0], 300.0))
    assert contains(left, at) != contains(right, at)


def test_people_and_vehicles_are_told_apart() -> None:
    tracks = [a_track((50.0, 50.0), number=10 + kind, kind=kind) for kind in RoadUser]
    present = occupancy(2, ZONE, a_scene(*tracks))
    assert present.zone == 2
    assert present.people == {10 + RoadUser.PERSON}
    assert present.vehicles == {10 + kind for kind in VEHICLE_KINDS}


def test_the_bottom_centre_decides() -> None:
    head_inside = a_track((50.0, 210.0), size=(20.0, 60.0))
    feet_inside = a_track((50.0, 5.0), number=2, size=(20.0, 60.0))
    assert occupancy(0, ZONE, a_scene(head_inside, feet_inside)).people == {2}


def test_the_unproven_and_the_long_unseen_are_not_present() -> None:
    scene = a_scene(
        a_track((50.0, 50.0), number=1, proof=Proof.TENTATIVE),
        a_track((50.0, 50.0), number=2, unseen_s=30.0),
        a_track((50.0, 50.0), number=3, proof=Proof.MOVING, kind=RoadUser.VEHICLE, unseen_s=0.1),
        ended=[a_track((50.0, 50.0), number=4)],
    )
    present = occupancy(0, ZONE, scene)
    assert present.people == frozenset()
    assert present.vehicles == {3}
