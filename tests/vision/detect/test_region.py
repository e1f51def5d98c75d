"""Regions: inside the picture, not empty, and together all of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.detect.region import Region, tiles_of, whole, zoomed

Size = tuple[int, int]
sizes = st.tuples(st.integers(16, 8192), st.integers(16, 8192))


def uncovered(regions: tuple[Region, ...], size: Size) -> int:
    """Count the cells between all edges that no region covers: as good as counting pixels."""
    xs = sorted({0, size[0], *(edge for region in regions for edge in (region.x0, region.x1))})
    ys = sorted({0, size[1], *(edge for region in regions for edge in (region.y0, region.y1))})
    covered = np.zeros((len(ys) - 1, len(xs) - 1), bool)
    for region in regions:
        columns = slice(xs.index(region.x0), xs.index(region.x1))
        covered[ys.index(region.y0) : ys.index(region.y1), columns] = True
    return int(np.count_nonzero(~covered))


def inside(region: Region, size: Size) -> bool:
    return 0 <= region.x0 < region.x1 <= size[0] and 0 <= region.y0 < region.y1 <= size[1]


@given(sizes, st.integers(1, 8), st.integers(1, 8))
def test_fixed_tiles_cover_the_picture_entirely(size: Size, columns: int, rows: int) -> None:
    tiles = tiles_of(size, columns, rows)
    assert len(tiles) == columns * rows
    assert all(inside(tile, size) for tile in tiles)
    assert uncovered(tiles, size) == 0
    # None is shown in another shape than its neighbours.
    assert len({(tile.width, tile.height) for tile in tiles}) == 1


@settings(max_examples=60)
@given(sizes.filter(lambda size: max(size) < 20 * min(size)), st.floats(1, 4))
def test_enlarged_tiles_cover_the_picture_entirely(size: Size, zoom: float) -> None:
    tiles = zoomed(size, zoom)
    assert all(inside(tile, size) for tile in tiles)
    assert uncovered(tiles, size) == 0
    # Each shows its part as large as asked for, or larger.
    assert all(max(tile.width, tile.height) <= max(size) / zoom + 1 for tile in tiles)


@given(sizes, st.integers(2, 8))
def test_what_one_tile_cuts_is_whole_in_its_neighbour(size: Size, columns: int) -> None:
    tiles = tiles_of(size, columns, 1)
    for left, right in pairwise(tiles):
        assert left.x1 - right.x0 >= 0.2 * left.width - 1


def test_the_whole_is_one_tile() -> None:
    assert tiles_of((640, 360), 1, 1) == (whole((640, 360)),)


@pytest.mark.parametrize("corners", [(5, 0, 5, 9), (0, 9, 5, 9), (6, 0, 5, 9)])
def test_an_empty_region_is_refused(corners: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = corners
    with pytest.raises(ValueError, match="holds no pixel"):
        Region(x0=x0, y0=y0, x1=x1, y1=y1)
