import math

from hypothesis import given
from hypothesis import strategies as st

from edge.config.polygon import crossing, is_flat

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
