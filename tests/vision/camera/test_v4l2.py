"""Device nodes: what can be told without a camera. The camera itself is for hwtests."""

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from edge.vision.camera.source import CameraError
from edge.vision.camera.v4l2 import V4l2Camera, _instant_ns

S = 1_000_000_000


def refusal(device: str) -> str:
    with pytest.raises(CameraError) as refused, V4l2Camera(device):
        pass
    assert str(refused.value).startswith(f"{device}: ")
    return str(refused.value)


def test_what_is_no_camera_is_refused_with_cause_and_mend(tmp_path: Path) -> None:
    film = tmp_path / "street.mp4"
    film.touch()
    assert "there is no such device; is the camera plugged in?" in refusal("/dev/video250")
    assert f"not a device; a recording is clip:{film}" in refusal(str(film))
    assert "not a device" in refusal(str(tmp_path))
    assert "cannot be looked at (Not a directory)" in refusal(f"{film}/video0")


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero"])
def test_a_device_that_is_no_camera_does_not_open(device: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert "does not open as a camera; another program may be using it" in refusal(device)


def test_a_device_that_may_not_be_opened_names_the_group(
    as_ordinary_user: Callable[[], AbstractContextManager[None]],
) -> None:
    closed = next(
        (
            str(node)
            for node in Path("/dev").iterdir()
            if stat.S_ISCHR(node.stat().st_mode) and not node.stat().st_mode & 0o006 and node.stat().st_uid == 0
        ),
        None,
    )
    if closed is None or (os.geteuid() != 0 and os.access(closed, os.R_OK)):
        pytest.skip("no device node here that is closed to others")
    with as_ordinary_user():
        assert "add the user that runs this to the group video" in refusal(closed)


def test_the_drivers_stamp_is_believed_where_it_is_of_now() -> None:
    now_ns = 1000 * S
    assert _instant_ns(999_950.0, now_ns) == 999_950_000_000
    assert _instant_ns(0.0, now_ns) == now_ns
    assert _instant_ns(1_000_001.0, now_ns) == now_ns
    # Wall-clock time, as some drivers give it.
    assert _instant_ns(1.7e12, now_ns) == now_ns


def test_reading_needs_opening() -> None:
    with pytest.raises(CameraError, match="not open"):
        V4l2Camera("/dev/video0").read(0.0)
