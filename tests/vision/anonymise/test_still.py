"""Stills: a picture and nothing else, whose size the channel can carry."""

import cv2
import numpy as np
import pytest

from edge.config.site import PrivacyFill
from edge.contract.jpeg import jpeg_size
from edge.contract.stills import MOST_BYTES, StillState
from edge.vision.anonymise.fill import fill
from edge.vision.anonymise.still import Still, developed, written
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.frame import MASKED, SHOWN, Pixels


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)


def smooth(width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(noise(5, 4), (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def decoded(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (640, 360), (1920, 1080)])
def test_a_still_is_written_as_a_jpeg_of_its_size(size: tuple[int, int]) -> None:
    pixels = smooth(*size)
    header, data = written(Still(pixels=pixels, state=StillState.SHOWN))
    assert (header.width, header.height, header.length) == (*size, len(data))
    assert jpeg_size(data) == size
    assert np.abs(decoded(data).astype(int) - pixels).mean() < (4 if min(size) > 16 else 256)


def test_one_too_large_for_the_channel_is_coarser_then_smaller() -> None:
    for width, height in ((1600, 1200), (6000, 4000)):
        header, data = written(Still(pixels=noise(width, height), state=StillState.SHOWN))
        assert len(data) <= MOST_BYTES
        assert jpeg_size(data) == (header.width, header.height)
        assert header.width * height == header.height * width
    assert header.width < width


@pytest.mark.parametrize("how", PrivacyFill)
def test_a_covered_verdict_is_filled_as_the_site_says(how: PrivacyFill) -> None:
    pixels = noise(80, 60)
    cover = np.full((60, 80), SHOWN, np.uint8)
    cover[10:50, 20:60] = MASKED
    still = developed(pixels, Verdict(cover=cover, why=None, regions=1), how)
    assert still.state is StillState.SHOWN
    assert np.array_equal(still.pixels, fill(pixels, cover, how))


@pytest.mark.parametrize("why", Blackout)
def test_a_black_verdict_is_black_and_each_reason_has_a_state(why: Blackout) -> None:
    still = developed(noise(80, 60), Verdict.black(why), PrivacyFill.SOLID)
    assert still.state is StillState[why.name]
    assert not still.pixels.any()
    _, data = written(still)
    assert not decoded(data).any()


def test_no_likeness_reaches_a_traceback() -> None:
    still = Still(pixels=noise(8, 6), state=StillState.SHOWN)
    assert "pixels" not in repr(still)
