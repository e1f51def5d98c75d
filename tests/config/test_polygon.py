import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.polygon import area, covers, crossing, encloses, inner_point, is_flat, overlap, span

_RADII = st.lists(st.integers(10, 1000), min_size=3, max_size=12)


def _star(radii: list[int]) -> list[tuple[float, float]]:
    """Corners around the origin in the order of their angle: simple, whatever the distances."""
    turn = math.tau / len(radii)
    return [(radius * math.cos(n * turn), radius * math.sin(n * turn)) for n, radius in enumerate(radii)]


@given(radii=_RADII)
def test_corners_in_order_around_a_point_never_cross(radii: list[int]) -> None:
    assert crossing(_star(radii)) is None
    assert not is_flat(_star(radii))


@given(count=st.integers(4, 12), data=st.data())
def test_two_swapped_corners_of_a_ring_are_found(count: int, data: st.DataObject) -> None:
    corners = _star([1000] * count)
    n = data.draw(st.integers(0, count - 2))
    corners[n], corners[n + 1] = corners[n + 1], corners[n]
    assert crossing(corners) is not None


def test_touching_and_folding_back_count_as_crossing() -> None:
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    assert crossing(square) is None
    assert crossing([*square[:3], (5.0, 0.0)]) == (0, 2)
    assert crossing([(0.0, 0.0), (10.0, 0.0), (5.0, 0.0), (5.0, 10.0)]) == (0, 1)
    assert crossing([*square, (0.0, 20.0)]) == (2, 4)
    assert crossing([square[0], square[0], *square[1:]]) == (0, 1)
    assert crossing([(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (10.0, 10.0)]) is None


def test_flat_is_flat_wherever_it_starts() -> None:
    assert is_flat([(1.0, 1.0), (1.0, 1.0), (2.0, 2.0), (5.0, 5.0)])
    assert not is_flat([(1.0, 1.0), (1.0, 1.0), (2.0, 2.0), (5.0, 4.0)])


@given(radii=_RADII, shrunk=st.floats(0.1, 0.9))
def test_a_star_holds_itself_made_smaller_and_not_larger(radii: list[int], shrunk: float) -> None:
    star = _star(radii)
    smaller = [(x * shrunk, y * shrunk) for x, y in star]
    assert covers(star, smaller)
    assert covers(star, star)
    assert not covers(smaller, star)
    assert overlap(star, smaller)
    assert overlap(star, star)
    assert encloses(star, inner_point(star))
    assert area(smaller) == pytest.approx(area(star) * shrunk**2)


@given(radii=_RADII, others=_RADII)
def test_what_lies_apart_or_edge_to_edge_does_not_overlap(radii: list[int], others: list[int]) -> None:
    star, other = _star(radii), _star(others)
    reach = max(x for x, _ in star) - min(x for x, _ in other)
    beside = [(x + reach, y) for x, y in other]
    assert not overlap(star, beside)
    assert not covers(star, beside)
    assert overlap(star, [(x + reach / 1000, y) for x, y in star])


def test_a_polygon_in_the_bay_of_another_is_outside_it() -> None:
    bay = [(0.0, 0.0), (90.0, 0.0), (90.0, 30.0), (30.0, 30.0), (30.0, 60.0), (90.0, 60.0), (90.0, 90.0), (0.0, 90.0)]
    inside = [(40.0, 32.0), (80.0, 32.0), (80.0, 58.0), (40.0, 58.0)]
    assert not covers(bay, inside)
    assert not overlap(bay, inside)
    # All its corners lie in the arms, and it spans the bay.
    across = [(40.0, 10.0), (80.0, 10.0), (80.0, 80.0), (40.0, 80.0)]
    assert not covers(bay, across)
    assert overlap(bay, across)


def test_a_notch_between_the_corners_is_no_part_of_a_polygon() -> None:
    notched = [(0.0, 0.0), (60.0, 0.0), (65.0, 50.0), (70.0, 0.0), (100.0, 0.0), (100.0, 90.0), (0.0, 90.0)]
    inner = [(10.0, 10.0), (90.0, 10.0), (90.0, 80.0), (10.0, 80.0)]
    assert not covers(notched, inner)
    assert covers(notched, [(x, y + 45) for x, y in inner[:2]] + inner[2:])


def test_half_a_pixel_over_the_edge_is_no_matter() -> None:
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    assert covers(square, [(2.0, -0.4), (8.0, -0.4), (8.0, 5.0)])
    assert not covers(square, [(2.0, -0.6), (8.0, -0.6), (8.0, 5.0)])


def test_area_and_span_of_a_rectangle() -> None:
    rectangle = [(1.0, 1.0), (4.0, 1.0), (4.0, 5.0), (1.0, 5.0)]
    assert (area(rectangle), span(rectangle)) == (12.0, 5.0)
