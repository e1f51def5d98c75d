"""The gate: black at the start, and after everything that makes masks worthless, until the picture was calm."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edge.units import NS_PER_S
from edge.vision.anonymise.gate import CALM_S, Gate
from edge.vision.anonymise.verdict import Blackout
from edge.vision.frame import Frame, Pixels

PERIOD_NS = NS_PER_S // 10
CALM = round(CALM_S * 10) + 1


def street(seed: int = 3, size: tuple[int, int] = (320, 240)) -> Pixels:
    """A place with structure: blocks and edges, in colour."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 180, (size[1] // 16, size[0] // 16, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.uint8)


class Film:
    """Shows a gate one picture after the other, with a sensor's noise."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._index = 0
        self._rng = np.random.default_rng(1)

    def show(self, pixels: Pixels, *, trusted: bool = True, later_ns: int = PERIOD_NS) -> Blackout | None:
        self._index += later_ns
        noisy = pixels + self._rng.normal(0, 3, pixels.shape)
        frame = Frame(pixels=noisy.clip(0, 255).astype(np.uint8), taken_ns=self._index, index=0)
        return self._gate.see(frame, trusted=trusted)

    def settle(self, pixels: Pixels, times: int = 2 * CALM) -> Blackout | None:
        return [self.show(pixels) for _ in range(times)][-1]


def moved(pixels: Pixels) -> Pixels:
    return np.roll(pixels, (0, 10), axis=(0, 1))


def brighter(pixels: Pixels) -> Pixels:
    return np.asarray((pixels * 1.35).clip(0, 255), np.uint8)


def infrared(pixels: Pixels) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def covered(pixels: Pixels) -> Pixels:
    return np.full_like(pixels, 20)


def test_nothing_is_shown_before_it_was_calm() -> None:
    film = Film(Gate())
    seen = [film.show(street()) for _ in range(2 * CALM)]
    assert seen[0] is Blackout.NOT_PROVEN
    assert seen[CALM - 2] is Blackout.NOT_PROVEN
    assert seen[-1] is None


def test_a_recording_that_was_looked_into_is_shown_from_the_first_frame() -> None:
    assert Film(Gate(proven=True)).show(street()) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (moved, Blackout.MOVED),
        (brighter, Blackout.EXPOSURE),
        (infrared, Blackout.NIGHT),
        (covered, Blackout.EVEN),
    ],
)
def test_a_change_of_the_whole_picture_is_black_at_once_and_until_it_is_calm(
    change: Callable[[Pixels], Pixels], why: Blackout
) -> None:
    film = Film(Gate(proven=True))
    assert film.settle(street()) is None
    assert film.show(change(street())) is why
    if why is Blackout.EVEN:
        assert film.settle(change(street())) is why
    else:
        assert film.show(change(street())) is why
        assert film.settle(change(street()), 4 * CALM) is None


def test_a_slow_move_is_seen_too() -> None:
    film = Film(Gate(proven=True))
    film.settle(street())
    slow = [film.show(np.roll(street(), shift, axis=1)) for shift in range(1, 12)]
    assert Blackout.MOVED in slow


def test_people_who_walk_are_no_move() -> None:
    film = Film(Gate(proven=True))
    film.settle(street())
    crowd = street(seed=9)
    for shift in range(30):
        picture = street()
        picture[60:, :250] = np.roll(crowd, 7 * shift, axis=1)[60:, :250]
        picture[:60] = street()[:60]
        assert film.show(picture) is None or shift == 0


def test_one_lorry_is_no_exposure() -> None:
    film = Film(Gate(proven=True))
    film.settle(street())
    lorry = street()
    lorry[80:220, 40:190] = 250
    assert film.show(lorry) is None


def test_a_gap_is_black() -> None:
    film = Film(Gate(proven=True))
    film.settle(street())
    assert film.show(street(), later_ns=5 * NS_PER_S) is Blackout.GAP


def test_a_background_that_is_not_known_is_black() -> None:
    film = Film(Gate(proven=True))
    film.settle(street())
    assert film.show(street(), trusted=False) is Blackout.EXPOSURE
    assert film.settle(street()) is None


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (33, 17)])
def test_pictures_of_any_size_can_be_watched(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    film = Film(Gate())
    for _ in range(3):
        assert film.show(rng.integers(0, 255, (size[1], size[0], 3), np.uint8)) is not None
