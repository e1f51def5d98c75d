"""A drawn place that is bumped, turned, covered, blinded, blurred, rained on, crowded, and lit in many ways."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from edge.config.site import SourceKind
from edge.contract.report import CameraState
from edge.vision.camera.sight_watch import SightWatch
from edge.vision.camera.synthetic import SyntheticCamera
from edge.vision.camera.watch import PictureWatch
from edge.vision.frame import Frame, Pixels

S = 1_000_000_000
WIDTH, HEIGHT = 640, 360
Spoil = Callable[[Pixels, int], Pixels]
# Something is wrong from here on, and until there.
WRONG_S, RIGHT_S, END_S = 40, 60, 70
OK = CameraState.STREAMING


def _place() -> Pixels:
    """Draw houses with windows, a kerb, posts, and a street with its marks."""
    rng = np.random.default_rng(7)
    place = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for x in range(0, WIDTH, 80):
        cv2.rectangle(place, (x, 0), (x + 79, 150), tuple(int(c) for c in rng.integers(70, 190, 3)), -1)
        for dx, dy in ((10, 20), (45, 20), (10, 80), (45, 85)):
            size = rng.integers(15, 26, 2)
            cv2.rectangle(place, (x + dx, dy), (x + dx + int(size[0]), dy + int(size[1])), (40, 40, 50), -1)
    cv2.line(place, (0, 160), (WIDTH, 175), (200, 200, 200), 3)
    for x in range(20, WIDTH, 130):
        cv2.line(place, (x, 130), (x + int(rng.integers(-5, 6)), 240), (30, 30, 30), 4)
        cv2.fillPoly(place, [np.array([(x, 260), (x + 60, 262), (x + 50, 275), (x - 12, 272)])], (220, 220, 220))
    cv2.fillPoly(place, [np.array([(0, 340), (300, 300), (WIDTH, 330), (WIDTH, 360), (0, 360)])], (90, 100, 90))
    return place


PLACE = _place()
NOISES = [np.random.default_rng(seed).normal(0, 2, PLACE.shape).astype(np.float32) for seed in range(4)]


@cache
def shown(at_s: int) -> Pixels:
    """The place with people that walk, and a sensor's noise."""
    rng = np.random.default_rng(at_s)
    picture = PLACE.copy()
    for _ in range(6):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(200, 320))
        cv2.ellipse(picture, (x, y), (6, 18), 0, 0, 360, tuple(int(c) for c in rng.integers(0, 255, 3)), -1)
    return np.clip(picture + NOISES[at_s % 4], 0, 255).astype(np.uint8)


def states(spoil: Spoil, *, fps: int = 1) -> dict[float, CameraState]:
    watch, found = PictureWatch(SourceKind.PI), {}
    for number in range(END_S * fps):
        at_s = number / fps
        picture = shown(int(at_s))
        if WRONG_S <= at_s < RIGHT_S:
            picture = np.ascontiguousarray(spoil(picture.copy(), int(at_s)))
        found[at_s] = watch.see(Frame(pixels=picture, taken_ns=round(at_s * S), index=number))
    return found


def warped(picture: Pixels, degrees: float = 0.0, scale: float = 1.0, across: float = 0.0, down: float = 0.0) -> Pixels:
    pose = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, scale)
    pose[:, 2] += (across, down)
    return cv2.warpAffine(picture, pose, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def blurred(picture: Pixels, _: int) -> Pixels:
    return cv2.GaussianBlur(picture, (0, 0), 3)


def blinded(picture: Pixels, _: int) -> Pixels:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    glare = 600 * np.exp(-((np.hypot(x - 320, y - 120) / 220) ** 2))
    return np.clip(picture * 0.5 + glare[:, :, None] + 40, 0, 255).astype(np.uint8)


def covered(share: float) -> Spoil:
    def cover(picture: Pixels, _: int) -> Pixels:
        picture[:, : round(WIDTH * share)] = (35, 45, 60)
        return picture

    return cover


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        pytest.param(lambda p, _: warped(p, across=25, down=6), CameraState.MOVED, id="bumped"),
        pytest.param(lambda p, _: warped(p, degrees=4), CameraState.MOVED, id="turned about its axis"),
        pytest.param(lambda p, _: warped(p, across=250, down=40), CameraState.MOVED, id="turned aside"),
        pytest.param(lambda p, _: warped(p[::-1, ::-1].copy(), scale=1.3), CameraState.MOVED, id="elsewhere"),
        pytest.param(blurred, CameraState.BLURRED, id="out of focus"),
        pytest.param(blinded, CameraState.BLINDED, id="blinded"),
        pytest.param(covered(0.75), CameraState.BLACK, id="covered in part"),
        pytest.param(covered(1.0), CameraState.BLACK, id="covered"),
    ],
)
def test_it_is_noticed_within_ten_seconds_and_is_over_by_itself(spoil: Spoil, state: CameraState) -> None:
    found = states(spoil)
    assert {found[at] for at in found if at < WRONG_S} == {OK}
    assert all(found[at] is state for at in range(WRONG_S + 9, RIGHT_S))
    # Never streaming again in between.
    first = min(at for at in found if found[at] is not OK)
    assert all(found[at] is not OK for at in found if first <= at < RIGHT_S)
    assert all(found[at] is OK for at in range(RIGHT_S + 3, END_S))


def lorry(picture: Pixels, at_s: int) -> Pixels:
    """A lorry of half the picture, with a pattern of its own."""
    left = (at_s * 7) % 60
    cv2.rectangle(picture, (left, 90), (left + 330, 330), (160, 60, 40), -1)
    for x in range(left + 10, left + 320, 50):
        cv2.rectangle(picture, (x, 110), (x + 25, 200), (240, 240, 240), -1)
    return picture


def crowd(picture: Pixels, at_s: int) -> Pixels:
    rng = np.random.default_rng(at_s)
    for _ in range(260):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(190, HEIGHT))
        cv2.ellipse(picture, (x, y), (8, 24), 0, 0, 360, tuple(int(c) for c in rng.integers(0, 255, 3)), -1)
    return picture


def rain(picture: Pixels, at_s: int) -> Pixels:
    rng = np.random.default_rng(at_s)
    wet = np.clip(picture * 0.6 + 30, 0, 255).astype(np.uint8)
    for _ in range(300):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        cv2.line(wet, (x, y), (x - 3, y + 22), (190, 190, 190), 1)
    return wet


def night(picture: Pixels, at_s: int) -> Pixels:
    """The lights go off: a tenth of the light, a sensor at its limit, and one lamp."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    lamp = 90 * np.exp(-((np.hypot(x - 500, y - 60) / 60) ** 2))
    return np.clip(picture * 0.1 + lamp[:, :, None] + 2 * NOISES[at_s % 4], 0, 255).astype(np.uint8)


def lit_bus(picture: Pixels, at_s: int) -> Pixels:
    """By night, something ten times as bright as all else over 45 % of the width."""
    dark = np.clip(picture * 0.15, 0, 255).astype(np.uint8)
    dark[60:340, :290] = (130, 70, 40)
    for x in range(at_s % 20, 280, 50):
        cv2.rectangle(dark, (x, 80), (x + 28, 170), (230, 235, 240), -1)
    return dark


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda p, _: (p * 0.4).astype(np.uint8), id="dusk"),
        pytest.param(lambda p, _: np.clip(p * 1.6, 0, 255).astype(np.uint8), id="sun"),
        pytest.param(lambda p, _: 255 - p, id="infrared"),
        pytest.param(night, id="lights off"),
        pytest.param(rain, id="rain"),
        pytest.param(crowd, id="crowd"),
        pytest.param(lorry, id="lorry"),
        pytest.param(lit_bus, id="a lit bus by night"),
        pytest.param(covered(0.35), id="a hand at the edge"),
        pytest.param(lambda p, at: warped(p, across=3 * (at % 2), down=at % 2), id="swaying mast"),
        pytest.param(lambda p, at: warped(p, across=25) if at % 10 < 2 else p, id="a jolt of two seconds"),
        pytest.param(lambda p, at: np.full_like(p, 255) if at % 7 == 0 else p, id="lightning"),
    ],
)
def test_what_a_street_does_is_no_fault_of_the_camera(spoil: Spoil) -> None:
    assert set(states(spoil).values()) == {OK}


def test_a_camera_that_was_turned_stays_moved_however_long_it_looks_there() -> None:
    watch, found = SightWatch(), []
    for at_s in range(40 + 700):
        picture = shown(at_s % 50)
        picture = picture if at_s < 40 else warped(picture, across=60, down=10)
        found.append(watch.see(Frame(pixels=picture, taken_ns=at_s * S, index=at_s)))
    assert set(found[44:]) == {CameraState.MOVED}
    for at_s in range(740, 744):
        watch.see(Frame(pixels=shown(3), taken_ns=at_s * S, index=at_s))
    assert watch.state is OK


def test_dusk_to_night_to_dawn_is_followed() -> None:
    """Light goes to an eighth over minutes, lamps come on, and back: the place is the same all the time."""
    watch, found = SightWatch(), set()
    for at_s in range(300):
        light = 0.12 + 0.88 * abs(1 - at_s / 150)
        picture = np.clip(shown(at_s % 50) * light, 0, 255).astype(np.uint8)
        found.add(watch.see(Frame(pixels=picture, taken_ns=at_s * S, index=at_s)))
    assert found == {OK}


def test_it_looks_once_a_second_whatever_the_frame_rate() -> None:
    assert {at: state for at, state in states(blurred, fps=3).items() if at.is_integer()} == states(blurred)


def test_a_camera_that_comes_back_turned_is_told_by_the_view_before() -> None:
    watch = PictureWatch(SourceKind.PI)
    for at_s in range(40):
        watch.see(Frame(pixels=shown(at_s), taken_ns=at_s * S, index=at_s))
    watch.lose()
    found = []
    for at_s in range(100, 110):
        turned = warped(shown(at_s), across=80)
        found.append(watch.see(Frame(pixels=turned, taken_ns=at_s * S, index=at_s)))
    assert found[-1] is CameraState.MOVED


def test_a_picture_of_another_size_is_another_view() -> None:
    watch = PictureWatch(SourceKind.CLIP)
    for at_s in range(40):
        watch.see(Frame(pixels=shown(at_s), taken_ns=at_s * S, index=at_s))
    square = [shown(at_s)[:, :480].copy() for at_s in range(40, 60)]
    assert {watch.see(Frame(pixels=one, taken_ns=(40 + n) * S, index=n)) for n, one in enumerate(square)} == {OK}


@pytest.mark.parametrize(("first", "second"), [("crossing", "crossing-night"), ("promenade-night", "promenade")])
def test_a_drawn_street_whose_light_is_switched_is_the_same_street(first: str, second: str) -> None:
    watch, found = PictureWatch(SourceKind.CLIP), set()
    with (
        SyntheticCamera(first, size=(320, 180), fps=1.0) as one,
        SyntheticCamera(second, size=(320, 180), fps=1.0) as other,
    ):
        for number in range(80):
            frames = one.read(1.0), other.read(1.0)
            frame = frames[number >= 40]
            assert frame is not None
            found.add(watch.see(frame))
    assert found == {OK}
