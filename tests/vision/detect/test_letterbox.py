import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.detect.letterbox import PADDING, Letterbox, input_size
from edge.vision.detect.region import Region, whole

SIDES = st.integers(8, 2000)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    x0, y0 = draw(st.integers(0, 500)), draw(st.integers(0, 500))
    return Region(x0=x0, y0=y0, x1=x0 + draw(SIDES), y1=y0 + draw(SIDES))


SIZES = st.tuples(st.integers(1, 20), st.integers(1, 20)).map(lambda cells: (32 * cells[0], 32 * cells[1]))


@given(regions(), SIZES, st.tuples(*[st.floats(0, 1)] * 4))
def test_boxes_come_back_to_where_they_were(
    region: Region, size: tuple[int, int], corners: tuple[float, float, float, float]
) -> None:
    letterbox = Letterbox.fit(region, size)
    xs, ys = sorted(corners[:2]), sorted(corners[2:])
    inside = np.array([[xs[0], ys[0], xs[1], ys[1]]], np.float32)
    there = inside * np.array(letterbox.shown * 2, np.float32)
    back = letterbox.restore(there)
    wanted = [region.x0, region.y0] * 2 + inside * ([region.width, region.height] * 2)
    np.testing.assert_allclose(back, wanted, atol=0.01)


@given(regions(), SIZES)
def test_a_region_keeps_its_shape_and_fills_the_input_one_way(region: Region, size: tuple[int, int]) -> None:
    width, height = Letterbox.fit(region, size).shown
    assert width <= size[0]
    assert height <= size[1]
    assert width == size[0] or height == size[1]
    scale = min(size[0] / region.width, size[1] / region.height)
    assert abs(width - region.width * scale) <= max(0.5, 1 - region.width * scale)
    assert abs(height - region.height * scale) <= max(0.5, 1 - region.height * scale)


@given(regions())
def test_a_box_beyond_the_region_is_clipped_to_it(region: Region) -> None:
    back = Letterbox.fit(region, (64, 64)).restore(np.array([[-900, -900, 900, 900]], np.float32))
    assert back.tolist() == [[region.x0, region.y0, region.x1, region.y1]]


@given(regions(), st.integers(64 * 64, 800 * 800))
def test_the_input_takes_the_regions_shape_and_about_the_pixels_asked_for(region: Region, pixels: int) -> None:
    width, height = input_size(region, pixels, 32)
    assert width % 32 == 0
    assert height % 32 == 0
    ratio = min(max(region.width / region.height, 1 / 3), 3.0)
    wanted = (pixels * ratio) ** 0.5
    assert abs(width - wanted) <= 16 or width == 32
    assert abs(height - width / ratio) <= 16 or height == 32


def test_red_and_blue_change_places_and_the_rest_is_grey() -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[..., 0], pixels[..., 2] = 200, 10
    drawn = Letterbox.fit(whole((80, 40)), (64, 64)).draw(pixels)
    assert drawn.shape == (64, 64, 3)
    assert np.unique(drawn[:32].reshape(-1, 3), axis=0).tolist() == [[10, 0, 200]]
    assert np.unique(drawn[32:]).tolist() == [PADDING]


def test_only_the_region_is_drawn() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[20:60, 30:70] = 255
    drawn = Letterbox.fit(Region(x0=30, y0=20, x1=70, y1=60), (32, 32)).draw(pixels)
    assert drawn.min() == 255


def test_a_line_one_pixel_wide_is_not_lost_between_the_samples() -> None:
    for x in range(1280 - 8, 1280):
        pixels = np.zeros((720, 1280, 3), np.uint8)
        pixels[:, x] = 255
        drawn = Letterbox.fit(whole((1280, 720)), (320, 180)).draw(pixels)
        assert drawn.max() >= 60, x


@given(st.sampled_from([(768, 576), (1280, 720), (353, 287), (64, 1000)]), SIZES)
def test_any_picture_fits_any_input(picture: tuple[int, int], size: tuple[int, int]) -> None:
    pixels = np.full((picture[1], picture[0], 3), 90, np.uint8)
    letterbox = Letterbox.fit(whole(picture), size)
    drawn = letterbox.draw(pixels)
    assert drawn.shape == (size[1], size[0], 3)
    assert (drawn[: letterbox.shown[1], : letterbox.shown[0]] == 90).all()
