"""Movement: nothing in a still scene, a moving thing where it is, and no trust in it while the light changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.units import ns_from_seconds
from edge.vision.detect.motion import Motion, MotionModel, blobs, without
from edge.vision.frame import Frame, Pixels

RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
SIZE = (320, 180)
SQUARE_PX = 24
LEAST_PX = 40.0


class Street:
    """A drawn street with a sensor's noise; `size` (width, height) px."""

    def __init__(self, size: tuple[int, int] = SIZE, noise: float = 4.0) -> None:
        self._rng = np.random.default_rng(11)
        self._size = size
        columns, rows = -(-size[0] // 16), -(-size[1] // 16)
        wall = self._rng.integers(60, 180, (rows, columns, 3)).repeat(16, 0).repeat(16, 1)
        self._empty = wall[: size[1], : size[0]]
        self._noises = [self._rng.normal(0, noise, self._empty.shape) for _ in range(8)]

    def picture(self, *, light: float = 0.0, square: tuple[int, int] | None = None) -> Pixels:
        """Draw it, so much brighter, with a dark and bright square whose top left corner is there."""
        drawn = self._empty + light
        if square is not None:
            x, y = square
            drawn[y : y + SQUARE_PX, x : x + SQUARE_PX] = 250
            drawn[y + SQUARE_PX // 2 : y + SQUARE_PX, x : x + SQUARE_PX] = 5
        drawn = drawn + self._noises[self._rng.integers(8)]
        return drawn.clip(0, 255).astype(np.uint8)


def seen(model: MotionModel, pixels: Pixels, at_s: float) -> Motion:
    return model.see(Frame(pixels=pixels, taken_ns=ns_from_seconds(at_s), index=0))


def settled(street: Street, fps: float, until_s: float = 4.0) -> MotionModel:
    model = MotionModel()
    for n in range(round(until_s * fps)):
        seen(model, street.picture(), n / fps)
    return model


@RATES
@pytest.mark.parametrize("noise", [0.0, 4.0, 6.0])
def test_a_still_scene_has_no_movement_however_noisy(fps: float, noise: float) -> None:
    street = Street(noise=noise)
    model = settled(street, fps)
    for n in range(20):
        motion = seen(model, street.picture(), 4.0 + n / fps)
        assert motion.trusted
        assert len(blobs(motion.mask, motion.scale, LEAST_PX)) == 0
        assert motion.share() < 0.001


@RATES
@pytest.mark.parametrize("size", [SIZE, (768, 432)])
def test_a_moving_square_is_found_where_it_is(fps: float, size: tuple[int, int]) -> None:
    street = Street(size)
    model = settled(street, fps)
    for n in range(12):
        x, y = 20 + 8 * n, 40 + 3 * n
        motion = seen(model, street.picture(square=(x, y)), 4.0 + n / fps)
        (box,) = blobs(motion.mask, motion.scale, LEAST_PX)
        assert motion.scale == pytest.approx(max(1.0, size[0] / 384))
        assert box == pytest.approx((x, y, x + SQUARE_PX, y + SQUARE_PX), abs=2 + 2 * motion.scale)


@RATES
def test_while_the_place_is_learnt_movement_is_not_trusted(fps: float) -> None:
    street, model = Street(), MotionModel()
    assert not seen(model, street.picture(square=(20, 20)), 0.0).trusted
    trusted = [seen(model, street.picture(), (n + 1) / fps).trusted for n in range(100)]
    # First never, then always.
    assert trusted == sorted(trusted)
    assert trusted[-1]


def test_who_was_shown_the_place_beforehand_trusts_from_the_first_frame() -> None:
    street, model = Street(), MotionModel()
    for n in range(40):
        model.learn(Frame(pixels=street.picture(), taken_ns=ns_from_seconds(n / 5), index=n))
    motion = seen(model, street.picture(square=(100, 60)), 0.0)
    assert motion.trusted
    assert len(blobs(motion.mask, motion.scale, LEAST_PX)) == 1


@RATES
@pytest.mark.parametrize("light", [70.0, -60.0])
def test_after_a_light_switch_movement_is_not_trusted_and_then_again(fps: float, light: float) -> None:
    street = Street()
    model = settled(street, fps)
    after = [seen(model, street.picture(light=light), 4.0 + n / fps) for n in range(60)]
    assert not after[0].trusted
    assert after[-1].trusted
    for motion in after:
        assert not motion.trusted or len(blobs(motion.mask, motion.scale, LEAST_PX)) == 0
    # It sees again what moves.
    motion = seen(model, street.picture(light=light, square=(100, 60)), 4.0 + 60 / fps)
    assert len(blobs(motion.mask, motion.scale, LEAST_PX)) == 1


def test_what_stays_is_learnt_in_the_same_time_at_any_rate() -> None:
    learnt_s = {}
    for fps in (2.0, 10.0):
        street = Street()
        # Long enough that its first frames weigh no more than later ones.
        model = settled(street, fps, until_s=45.0)
        for n in range(round(90 * fps)):
            motion = seen(model, street.picture(square=(100, 60)), 45.0 + n / fps)
            if len(blobs(motion.mask, motion.scale, LEAST_PX)) == 0:
                learnt_s[fps] = n / fps
                break
    assert learnt_s[2.0] == pytest.approx(learnt_s[10.0], rel=0.5)
    assert min(learnt_s.values()) > 1


def test_a_shadow_is_no_thing() -> None:
    street = Street(noise=2.0)
    model = settled(street, 10.0)
    shaded = street.picture().astype(float)
    shaded[40:100, 60:160] *= 0.75
    motion = seen(model, shaded.astype(np.uint8), 4.0)
    assert motion.share() < 0.003


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(1, 8), st.integers(1, 8)), max_size=8, unique_by=lambda one: one[0]
    ),
    st.sampled_from([1.0, 2.0, 3.3]),
    st.integers(1, 64),
)
def test_blobs_are_the_boxes_of_what_is_large_enough(
    things: list[tuple[int, int, int]], scale: float, least: int
) -> None:
    """Each thing lies in a column of its own, two pixels from the next."""
    mask = np.zeros((12, 80), np.uint8)
    for column, w, h in things:
        mask[1 : 1 + h, 10 * column + 1 : 10 * column + 1 + w] = 255
    expected = sorted((10 * column + 1, 1, 10 * column + 1 + w, 1 + h) for column, w, h in things if w * h >= least)
    boxes = blobs(mask, scale, least * scale * scale - 1e-6)
    assert boxes.dtype == np.float32
    assert boxes.shape == (len(expected), 4)
    assert sorted((boxes / scale).round(3).tolist()) == [list(box) for box in expected]


corners = st.tuples(st.floats(-40, 140, width=32), st.floats(-40, 140, width=32), st.floats(1, 60), st.floats(1, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(corners, max_size=4), st.floats(0, 0.5), st.sampled_from([1.0, 2.0]))
def test_what_is_explained_is_gone_and_the_rest_is_untouched(
    boxes: list[tuple[float, float, float, float]], margin: float, scale: float
) -> None:
    mask = np.full((50, 50), 255, np.uint8)
    array = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes], np.float32).reshape(-1, 4)
    rest = without(mask, scale, array, margin)
    assert (mask == 255).all()
    rows, columns = np.mgrid[0:50, 0:50]
    taken, kept = np.zeros(mask.shape, bool), np.ones(mask.shape, bool)
    for x, y, w, h in boxes:
        left, right, top, bottom = x - margin * w, x + w + margin * w, y - margin * h, y + h + margin * h
        xs, ys = columns * scale, rows * scale
        taken |= (xs > left) & (xs + scale < right) & (ys > top) & (ys + scale < bottom)
        kept &= (xs + scale < left) | (xs > right) | (ys + scale < top) | (ys > bottom)
    assert (rest[taken] == 0).all()
    assert (rest[kept] == 255).all()
