"""Fills: every pixel inside changes as promised, none outside."""

from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.config.site import PrivacyFill
from edge.vision.anonymise.cover import cover_boxes
from edge.vision.anonymise.fill import LEAST_CELL_PX, MOST_CELLS, SOLID, black, fill
from edge.vision.frame import MASKED, SHOWN, Cover, Pixels

Rect = tuple[float, float, float, float]
Case = tuple[Pixels, NDArray[np.float32]]

sides = st.integers(1, 90)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A picture of any size and boxes in it, at its borders, off it, empty, one over another."""
    width, height = draw(sides), draw(sides)
    edge = st.integers(-40, 130) | st.floats(-40, 130, width=32)
    boxes = draw(st.lists(st.tuples(edge, edge, edge, edge), max_size=6))
    ordered = draw(st.booleans())
    array = np.array(boxes, np.float32).reshape(-1, 4)
    if ordered:
        array = np.concatenate((np.minimum(array[:, :2], array[:, 2:]), np.maximum(array[:, :2], array[:, 2:])), axis=1)
    pixels = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 256, (height, width, 3), np.uint8)
    return pixels, array


def touched(size: tuple[int, int], boxes: NDArray[np.float32]) -> Cover:
    """Find what boxes touch, pixel by pixel."""
    cover = np.full((size[1], size[0]), SHOWN, np.uint8)
    for x, y in product(range(size[0]), range(size[1])):
        if any(x0 < x1 and y0 < y1 and x0 < x + 1 and x < x1 and y0 < y + 1 and y < y1 for x0, y0, x1, y1 in boxes):
            cover[y, x] = MASKED
    return cover


def regions(cover: Cover) -> list[list[tuple[int, int]]]:
    """Flood what is masked, over sides and corners; each region as its (x, y)."""
    left = {(int(x), int(y)) for y, x in zip(*np.nonzero(cover), strict=True)}
    found = []
    while left:
        waiting = [left.pop()]
        region = []
        while waiting:
            x, y = waiting.pop()
            region.append((x, y))
            near = {(x + dx, y + dy) for dx, dy in product((-1, 0, 1), repeat=2)} & left
            left -= near
            waiting.extend(near)
        found.append(region)
    return found


def cells_of(region: list[tuple[int, int]]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Sort the pixels of a region by the cell they lie in; nothing where the region is too small for one."""
    left, top = min(x for x, _ in region), min(y for _, y in region)
    width, height = max(x for x, _ in region) + 1 - left, max(y for _, y in region) + 1 - top
    longer = max(width, height)
    across = min(MOST_CELLS, longer // LEAST_CELL_PX)
    columns, rows = max(1, across * width // longer), max(1, across * height // longer)
    cells: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for x, y in region if across else []:
        cells.setdefault(((x - left) * columns // width, (y - top) * rows // height), []).append((x, y))
    return cells


def mosaic(pixels: Pixels, cover: Cover) -> Pixels:
    """Pixelate slowly, from the promise alone."""
    out = pixels.copy()
    out[cover == MASKED] = SOLID
    for region in regions(cover):
        for cell in cells_of(region).values():
            if len(cell) >= LEAST_CELL_PX**2:
                total = sum(pixels[y, x].astype(int) for x, y in cell)
                mean = [int(np.floor(channel / len(cell) + 0.5)) for channel in total]
                for x, y in cell:
                    out[y, x] = mean
    return out


@given(cases())
@settings(max_examples=80, deadline=None)
def test_a_cover_of_boxes_is_every_pixel_they_touch(case: Case) -> None:
    pixels, boxes = case
    size = (pixels.shape[1], pixels.shape[0])
    assert np.array_equal(cover_boxes(size, boxes), touched(size, boxes))


@given(cases(), st.sampled_from(PrivacyFill))
@settings(deadline=None)
def test_nothing_outside_changes_and_the_given_picture_stays(case: Case, how: PrivacyFill) -> None:
    pixels, boxes = case
    cover = cover_boxes((pixels.shape[1], pixels.shape[0]), boxes)
    before = pixels.copy()
    pixels.flags.writeable = cover.flags.writeable = False
    filled = fill(pixels, cover, how)
    assert np.array_equal(pixels, before)
    assert not np.shares_memory(filled, pixels)
    assert filled.dtype == np.uint8
    assert filled.shape == pixels.shape
    assert np.array_equal(filled[cover == SHOWN], pixels[cover == SHOWN])


@given(cases())
@settings(deadline=None)
def test_a_solid_fill_is_one_colour(case: Case) -> None:
    pixels, boxes = case
    cover = cover_boxes((pixels.shape[1], pixels.shape[0]), boxes)
    assert (fill(pixels, cover, PrivacyFill.SOLID)[cover == MASKED] == SOLID).all()


@given(cases())
@settings(max_examples=60, deadline=None)
def test_each_cell_of_a_mosaic_is_the_mean_of_what_it_masks(case: Case) -> None:
    pixels, boxes = case
    cover = cover_boxes((pixels.shape[1], pixels.shape[0]), boxes)
    assert np.array_equal(fill(pixels, cover, PrivacyFill.PIXELATE), mosaic(pixels, cover))


@given(cases(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_blur_tells_no_more_than_the_means_of_the_cells(case: Case, seed: int) -> None:
    pixels, boxes = case
    cover = cover_boxes((pixels.shape[1], pixels.shape[0]), boxes)
    random = np.random.default_rng(seed)
    other = pixels.copy()
    for region in regions(cover):
        cells = cells_of(region)
        for cell in cells.values() or [region]:
            # The same pixels in another order within each cell; anything at all where there is too little for a mean.
            values = np.array([pixels[y, x] for x, y in cell])
            enough = bool(cells) and len(cell) >= LEAST_CELL_PX**2
            values = random.permutation(values) if enough else random.integers(0, 256, values.shape)
            for (x, y), value in zip(cell, values, strict=True):
                other[y, x] = value
    for how in (PrivacyFill.BLUR, PrivacyFill.PIXELATE):
        assert np.array_equal(fill(other, cover, how), fill(pixels, cover, how))


def test_a_blur_is_smooth_where_a_mosaic_has_edges() -> None:
    ramp = np.repeat(np.linspace(0, 255, 160).astype(np.uint8)[None, :, None], 160, axis=0).repeat(3, axis=2)
    cover = cover_boxes((160, 160), np.array([[0, 0, 160, 160]], np.float32))
    steps = {
        how: int(np.abs(np.diff(fill(ramp, cover, how)[80, :, 0].astype(int))).max())
        for how in (PrivacyFill.PIXELATE, PrivacyFill.BLUR)
    }
    assert steps[PrivacyFill.PIXELATE] > 50
    assert steps[PrivacyFill.BLUR] < 5


def test_at_most_so_many_cells_are_told_apart_in_any_region() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (240, 320, 3), np.uint8)
    for how, width in product((PrivacyFill.PIXELATE,), (5, 8, 40, 64, 200, 320)):
        cover = cover_boxes((320, 240), np.array([[0, 0, width, 240]], np.float32))
        colours = np.unique(fill(pixels, cover, how)[cover == MASKED], axis=0)
        assert len(colours) <= MOST_CELLS**2 <= 8**2


def test_what_touches_at_a_corner_is_one_region() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (80, 80, 3), np.uint8)
    cover = cover_boxes((80, 80), np.array([[0, 0, 40, 40], [40, 40, 80, 80]], np.float32))
    cell = 80 // MOST_CELLS
    assert np.unique(fill(pixels, cover, PrivacyFill.PIXELATE)[:cell, :cell].reshape(-1, 3), axis=0).shape == (1, 3)


@pytest.mark.parametrize("value", [1, 128, 254])
@pytest.mark.parametrize("how", PrivacyFill)
def test_whatever_does_not_say_shown_is_masked(how: PrivacyFill, value: int) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (40, 40, 3), np.uint8)
    cover = cover_boxes((40, 40), np.array([[3, 3, 33, 33]], np.float32))
    assert np.array_equal(fill(pixels, np.where(cover, value, 0).astype(np.uint8), how), fill(pixels, cover, how))


@pytest.mark.parametrize("how", PrivacyFill)
def test_a_cover_of_another_size_is_refused(how: PrivacyFill) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        fill(np.zeros((4, 6, 3), np.uint8), np.zeros((6, 4), np.uint8), how)


@pytest.mark.parametrize("side", [np.nan, np.inf, -np.inf])
def test_a_box_that_lies_nowhere_covers_everything(side: float) -> None:
    assert (cover_boxes((7, 5), np.array([[1, 1, side, 2]], np.float32)) == MASKED).all()


def test_a_black_picture_is_black() -> None:
    picture = black((7, 5))
    assert picture.shape == (5, 7, 3)
    assert not picture.any()


def test_no_threads_of_opencv_change_a_fill() -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (200, 300, 3), np.uint8)
    cover = cover_boxes((300, 200), np.array([[10, 10, 200, 190]], np.float32))
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = fill(pixels, cover, PrivacyFill.BLUR)
        cv2.setNumThreads(4)
        assert np.array_equal(fill(pixels, cover, PrivacyFill.BLUR), alone)
    finally:
        cv2.setNumThreads(before)
