"""A JPEG that holds a picture and nothing else: what may lie in one beside it is refused."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract.jpeg import JpegError, jpeg_size


def jpeg(width: int, height: int, *how: int, seed: int = 1) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", pixels, how)[1].tobytes()


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack("!H", len(content) + 2) + content


PICTURE = jpeg(48, 32)
AFTER_START = 2


def with_segment(data: bytes, added: bytes) -> bytes:
    return data[:AFTER_START] + added + data[AFTER_START:]


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 35, 60, 85, 100]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_what_opencv_writes_is_let_through_with_its_size(width: int, height: int, quality: int, seed: int) -> None:
    assert jpeg_size(jpeg(width, height, cv2.IMWRITE_JPEG_QUALITY, quality, seed=seed)) == (width, height)
    restarts = jpeg(width, height, cv2.IMWRITE_JPEG_RST_INTERVAL, 1, seed=seed)
    assert jpeg_size(restarts) == (width, height)


THUMBNAIL = b"JFIF\0\1\2\0\0\1\0\1\1\1" + bytes(3)
REFUSED = {
    "nothing": b"",
    "a PNG": cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes(),
    "EXIF": with_segment(PICTURE, segment(0xE1, b"Exif\0\0II*\0")),
    "a comment": with_segment(PICTURE, segment(0xFE, b"rue de la Gare")),
    "a colour profile": with_segment(PICTURE, segment(0xE2, b"ICC_PROFILE\0")),
    "a JFIF thumbnail": with_segment(PICTURE, segment(0xE0, THUMBNAIL)),
    "a JFXX thumbnail": with_segment(PICTURE, segment(0xE0, b"JFXX\0\x10" + bytes(8))),
    "something behind it": PICTURE + b"x",
    "a second picture behind it": PICTURE + PICTURE,
    "a second picture inside": PICTURE[:-2] + PICTURE,
    "a comment in the scan": PICTURE[:-2] + segment(0xFE, b"x") + PICTURE[-2:],
    "two sizes": with_segment(PICTURE, segment(0xC0, b"\x08\0\x20\0\x30\1\1\x11\0")),
    "no size": PICTURE.replace(b"\xff\xc0", b"\xff\xc4", 1),
    "a progressive one": jpeg(48, 32, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(JpegError):
        jpeg_size(REFUSED[name])


@given(st.integers(0, len(PICTURE) - 1))
def test_one_that_breaks_off_is_refused(end: int) -> None:
    with pytest.raises(JpegError):
        jpeg_size(PICTURE[:end])


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: PICTURE[:2] + tail))
def test_noise_is_refused_and_breaks_nothing(data: bytes) -> None:
    with pytest.raises(JpegError):
        jpeg_size(data)
