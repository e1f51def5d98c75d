"""Privacy polygons: every pixel that they touch, against exact geometry."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.polygon import crossing, is_flat
from edge.vision.anonymise.fill import SOLID
from edge.vision.anonymise.polygon import burnt, polygon_cover
from edge.vision.frame import MASKED

Exact = tuple[Fraction, Fraction]

quarters = st.integers(-20, 80).map(lambda n: Fraction(n, 4))
corners = st.lists(st.tuples(quarters, quarters), min_size=3, max_size=7, unique=True)


def meets_square(start: Exact, end: Exact, x: int, y: int) -> bool:
    """Clip a segment to the closed square of a pixel (Liang and Barsky 1984), without any rounding."""
    first, last = Fraction(0), Fraction(1)
    for a, b, low in ((start[0], end[0], x), (start[1], end[1], y)):
        if a == b:
            if not low <= a <= low + 1:
                return False
            continue
        ends = sorted(((low - a) / (b - a), (low + 1 - a) / (b - a)))
        first, last = max(first, ends[0]), min(last, ends[1])
    return first <= last


def holds(polygon: Sequence[Exact], x: Fraction, y: Fraction) -> bool:
    """Tell whether a point that lies on no edge is inside, by the crossings to its right."""
    crossings = 0
    for (x0, y0), (x1, y1) in pairwise((*polygon, polygon[0])):
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) > x:
            crossings += 1
    return crossings % 2 == 1


def is_touched(polygon: Sequence[Exact], x: int, y: int) -> bool:
    edges = pairwise((*polygon, polygon[0]))
    return any(meets_square(start, end, x, y) for start, end in edges) or holds(
        polygon, x + Fraction(1, 2), y + Fraction(1, 2)
    )


@given(corners, st.tuples(st.integers(1, 17), st.integers(1, 17)))
@settings(max_examples=150, deadline=None)
def test_every_pixel_that_a_polygon_touches_is_covered_and_no_other(exact: list[Exact], size: tuple[int, int]) -> None:
    given_corners = [(float(x), float(y)) for x, y in exact]
    if is_flat(given_corners) or crossing(given_corners):
        return
    cover = polygon_cover(size, [given_corners])
    assert cover.shape == (size[1], size[0])
    for x, y in product(range(size[0]), range(size[1])):
        assert (cover[y, x] == MASKED) == is_touched(exact, x, y), (x, y)


def test_several_polygons_are_covered_together() -> None:
    one, two = [(1.0, 1.0), (5.0, 1.0), (1.0, 6.0)], [(8.5, 2.0), (12.0, 8.0), (7.0, 9.5)]
    both = np.maximum(polygon_cover((16, 12), [one]), polygon_cover((16, 12), [two]))
    assert np.array_equal(polygon_cover((16, 12), [one, two]), both)
    assert np.array_equal(polygon_cover((16, 12), [two, one]), both)


def test_what_a_polygon_winds_round_twice_is_inside() -> None:
    star = [(16 + 14 * np.cos(a), 16 + 14 * np.sin(a)) for a in np.arange(5) * 4 * np.pi / 5]
    assert polygon_cover((32, 32), [star])[16, 16] == MASKED


def test_the_whole_picture_can_be_covered() -> None:
    assert (polygon_cover((9, 7), [[(0, 0), (9, 0), (9, 7), (0, 7)]]) == MASKED).all()
    assert (polygon_cover((9, 7), [[(-99, -99), (99, -99), (99, 99), (-99, 99)]]) == MASKED).all()


@pytest.mark.parametrize(
    "nothing", [[], [[(20.0, 2.0), (30.0, 2.0), (25.0, 9.0)]], [[(2.0, 20.0), (9.0, 20.0), (5.0, 30.0)]]]
)
def test_what_lies_off_the_picture_covers_nothing(nothing: list[list[tuple[float, float]]]) -> None:
    assert not polygon_cover((16, 12), nothing).any()


def test_burning_takes_what_lies_beneath_and_nothing_else() -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (40, 50, 3), np.uint8)
    before = pixels.copy()
    pixels.flags.writeable = False
    polygons = [[(3.2, 4.0), (30.0, 8.5), (11.0, 33.0)], [(45.0, 30.0), (50.0, 30.0), (50.0, 40.0)]]
    cover = polygon_cover((50, 40), polygons)
    burned = burnt(pixels, polygons)
    assert np.array_equal(pixels, before)
    assert (burned[cover == MASKED] == SOLID).all()
    assert np.array_equal(burned[cover != MASKED], pixels[cover != MASKED])
    assert not np.shares_memory(burned, pixels)
