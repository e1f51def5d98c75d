"""Second looks: only what stays, and closer looks never show, is let go."""

import numpy as np
import pytest

from edge.contract.report import RoadUser
from edge.vision.anonymise.second_look import LEAST_LOOKS, LEAST_LOOKS_AFTER_WAY, SecondLook
from edge.vision.detect.region import Region, whole
from edge.vision.frame import Detections
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

SIZE = (640, 480)
CLOSE = Region(x0=0, y0=0, x1=320, y1=240)
BOX = (100.0, 50.0, 140.0, 150.0)


def track(box: tuple[float, float, float, float] = BOX, id_: int = 1) -> Track:
    return Track(
        id=id_,
        box=box,
        foot=((box[0] + box[2]) / 2, box[3]),
        velocity=(0.0, 0.0),
        kind=RoadUser.PERSON,
        proof=Proof.NAMED,
        seen=True,
        unseen_s=0.0,
        entered=False,
    )


def scene(*tracks: Track) -> Scene:
    return Scene(tracks=tracks, ended=())


def found(*boxes: tuple[float, float, float, float]) -> Detections:
    return Detections(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.full(len(boxes), 0.5, np.float32),
        kinds=np.zeros(len(boxes), np.int8),
    )


def refuted(second: SecondLook, id_: int = 1) -> bool:
    return second.stay(id_) in second.refuted()


def test_what_closer_looks_never_show_is_let_go() -> None:
    second = SecondLook(SIZE)
    for n in range(LEAST_LOOKS):
        second.see(scene(track()), found(), (CLOSE,))
        assert refuted(second) == (n == LEAST_LOOKS - 1)


@pytest.mark.parametrize(
    "region", [whole(SIZE), Region(x0=320, y0=0, x1=640, y1=240), Region(x0=0, y0=60, x1=320, y1=300)]
)
def test_looks_that_are_no_closer_or_do_not_show_the_whole_of_it_refute_nothing(region: Region) -> None:
    second = SecondLook(SIZE)
    for _ in range(20):
        second.see(scene(track()), found(), (region,))
    assert not refuted(second)


def test_what_a_closer_look_shows_now_and_then_stays() -> None:
    second = SecondLook(SIZE)
    for n in range(20):
        second.see(scene(track()), found(BOX) if n % 3 == 0 else found(), (CLOSE,))
    assert not refuted(second)


def test_what_moves_stays() -> None:
    second = SecondLook(SIZE)
    for n in range(20):
        x = 20.0 + 8 * n
        second.see(scene(track((x, 50.0, x + 40, 150.0))), found(), (CLOSE,))
        assert not refuted(second)


def test_who_came_on_foot_and_stays_needs_more_looks() -> None:
    second = SecondLook(SIZE)
    second.see(scene(track((20.0, 50.0, 60.0, 150.0))), None, ())
    for n in range(LEAST_LOOKS_AFTER_WAY):
        assert not refuted(second) or n == LEAST_LOOKS_AFTER_WAY
        second.see(scene(track()), found(), (CLOSE,))
    assert refuted(second)


def test_the_record_is_the_places() -> None:
    second = SecondLook(SIZE)
    for id_ in range(1, LEAST_LOOKS + 1):
        second.see(scene(track(id_=id_)), found(), (CLOSE,))
    assert all(refuted(second, id_) for id_ in range(1, LEAST_LOOKS + 1))
