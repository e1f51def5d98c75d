"""Pairs of places as a camera over a street sees them, and as an installer may mix them up."""

import math
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from edge.config.pairs import crossed, mirrored, row, twins
from edge.config.site import GroundPair, Point

PLACES = [(-4.0, 6.0), (5.0, 7.0), (-6.0, 25.0), (6.0, 24.0), (0.5, 14.0), (3.0, 40.0)]

_TILTS = st.floats(0.1, 1.3)
_HEIGHTS = st.floats(3, 15)


def _seen(m: Point, tilt: float, height: float) -> Point:
    """Project a place x m to the right and y m ahead by a camera of so many m, tilted down by so many radians."""
    x, y = m
    depth = y * math.cos(tilt) + height * math.sin(tilt)
    down = height * math.cos(tilt) - y * math.sin(tilt)
    return 640 + 900 * x / depth, 360 + 900 * down / depth


def _pairs(tilt: float, height: float, *, towards: bool = False) -> list[GroundPair]:
    return [GroundPair(px=_seen((x, y), tilt, height), m=(x, -y if towards else y)) for x, y in PLACES]


def _swapped(pairs: list[GroundPair], i: int, j: int) -> list[GroundPair]:
    found = list(pairs)
    found[i], found[j] = GroundPair(px=pairs[i].px, m=pairs[j].m), GroundPair(px=pairs[j].px, m=pairs[i].m)
    return found


@given(tilt=_TILTS, height=_HEIGHTS, towards=st.booleans())
def test_what_a_camera_sees_is_no_fault_whichever_way_y_counts(tilt: float, height: float, *, towards: bool) -> None:
    pairs = _pairs(tilt, height, towards=towards)
    assert twins(pairs) is None
    assert not row([pair.px for pair in pairs])
    assert not row([pair.m for pair in pairs])
    assert crossed(pairs) is None
    assert mirrored(pairs) is towards


@given(tilt=_TILTS, height=_HEIGHTS, which=st.sampled_from(list(combinations(range(len(PLACES)), 2))))
def test_two_that_were_swapped_are_found(tilt: float, height: float, which: tuple[int, int]) -> None:
    pairs = _swapped(_pairs(tilt, height), *which)
    found = crossed(pairs)
    assert found is not None
    assert crossed(_swapped(pairs, *found)) is None


@given(tilt=_TILTS, height=_HEIGHTS)
def test_of_four_the_swap_is_told_that_leaves_no_mirror_image(tilt: float, height: float) -> None:
    pairs = _pairs(tilt, height)[:4]
    assert crossed(_swapped(pairs, 2, 3)) == (2, 3)
    assert crossed(_swapped(pairs, 0, 1)) == (0, 1)
    # Swapped crosswise they are a mirror image: nothing but a length can tell.
    assert crossed(_swapped(pairs, 0, 3)) is None
    assert mirrored(_swapped(pairs, 0, 3))


def test_where_no_swap_helps_two_are_told_all_the_same() -> None:
    pairs = _pairs(0.4, 6)
    first, second, third, *rest = pairs
    turned = [
        GroundPair(px=first.px, m=second.m),
        GroundPair(px=second.px, m=third.m),
        GroundPair(px=third.px, m=first.m),
    ]
    found = crossed([*turned, *rest])
    assert found is not None
    assert found[0] < found[1]


def test_places_in_a_row_but_for_one_tell_no_plane() -> None:
    ends: list[Point] = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.05)]
    assert row([*ends, (3.0, 9.0)])
    assert not row([*ends, (3.0, 9.0), (12.0, 4.0)])
    # A promenade of 3 by 200 m is narrow, and no row.
    assert not row([(0.0, 0.0), (3.0, 0.0), (3.0, 200.0), (0.0, 200.0)])


def test_two_marks_on_one_place_are_told_with_what_is_the_same() -> None:
    pairs = _pairs(0.4, 6)
    (x, y), m = pairs[1].px, pairs[1].m
    assert twins([*pairs, GroundPair(px=(x + 1, y), m=(99.0, 99.0))]) == (1, 6, "px")
    assert twins([*pairs, GroundPair(px=(x + 99, y), m=m)]) == (1, 6, "m")
