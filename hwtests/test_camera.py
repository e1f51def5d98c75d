"""Whether the camera gives pictures that are new, in time, sharp and lit; and comes back when it was unplugged."""

from collections.abc import Callable
from typing import Any

from hwtests.device import Device
from hwtests.post import Post, eventually
from hwtests.wiring import relay

Fit = Callable[..., dict[str, Any]]
# A camera that comes back is opened again after half a minute at most; the health message comes once a minute.
_BACK_S = 150.0


def test_pictures_come(fit: Fit) -> None:
    assert fit("camera")["frames"] > 0


def test_their_times_rise(fit: Fit) -> None:
    assert fit("camera")["backwards"] == 0


def test_they_are_not_the_same_again_and_again(fit: Fit) -> None:
    figures = fit("camera")
    assert figures["repeated"] < figures["frames"] / 2, "a stuck camera: a sensor's noise makes no two pictures alike"


def test_they_come_often_enough(fit: Fit) -> None:
    fit("fps")


def test_the_focus_is_right(fit: Fit) -> None:
    fit("focus", warned=False)


def test_the_exposure_is_right(fit: Fit) -> None:
    fit("exposure", warned=False)


def test_there_is_light(fit: Fit) -> None:
    fit("light", warned=False)


def test_a_camera_that_was_unplugged_comes_back(post: Post, working: Device, able: Callable[[str], None]) -> None:
    able("camera")
    plug = relay("PASSANT_CAMERA_RELAY")
    assert plug is not None

    def told(state: str) -> bool:
        return bool(post.health) and post.health[-1].get("vision", {}).get("camera") == state

    plug.off()
    try:
        assert eventually(lambda: told("absent"), _BACK_S), "nobody noticed that the camera is gone"
    finally:
        plug.on()
    assert eventually(lambda: told("streaming"), _BACK_S), "the camera did not come back"
