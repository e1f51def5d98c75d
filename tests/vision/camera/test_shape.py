"""The size that leaves a source: never a distorted picture."""

import pytest

from edge.vision.camera.shape import fitted
from edge.vision.camera.source import CameraError


@pytest.mark.parametrize(
    ("own", "wanted", "size"),
    [
        ((1280, 720), None, (1280, 720)),
        ((1920, 1080), (640, 360), (640, 360)),
        ((1920, 1080), (854, 480), (854, 480)),
        ((320, 240), (640, 480), (640, 480)),
    ],
)
def test_the_sites_size_where_the_shape_is_the_same(
    own: tuple[int, int], wanted: tuple[int, int] | None, size: tuple[int, int]
) -> None:
    assert fitted("x", own, wanted) == size


@pytest.mark.parametrize("wanted", [(640, 480), (720, 1280), (1, 1), (640, 350)])
def test_another_shape_is_refused(wanted: tuple[int, int]) -> None:
    with pytest.raises(CameraError, match="another shape; set size = "):
        fitted("x", (1920, 1080), wanted)


def test_the_size_that_is_proposed_would_do() -> None:
    with pytest.raises(CameraError, match=r"set size = \[640, 360\]"):
        fitted("x", (1920, 1080), (640, 480))
    assert fitted("x", (1920, 1080), (640, 360)) == (640, 360)


def test_a_huge_picture_is_refused() -> None:
    with pytest.raises(CameraError, match="too large"):
        fitted("x", (40_000, 20_000), None)
