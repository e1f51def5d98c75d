"""Second looks: only what stays, and closer looks never show, is let go."""

import numpy as np
import pytest

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
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


class Film:
    """Shows a second look one frame a second, and asks it once all are shown."""

    def __init__(self) -> None:
        self._second = SecondLook(SIZE)
        self._stays: list[dict[int, int]] = []

    def show(self, *tracks: Track, closer: Detections | None = None, region: Region = CLOSE) -> None:
        self._second.see(scene(*tracks), closer, (region,) if closer is not None else (), len(self._stays) * NS_PER_S)
        self._stays.append({track.id: self._second.stay(track.id) for track in tracks})

    def refuted(self, id_: int = 1) -> list[bool]:
        return [
            self._second.is_refuted(stays[id_], index * NS_PER_S)
            for index, stays in enumerate(self._stays)
            if id_ in stays
        ]


def test_what_closer_looks_never_show_is_let_go() -> None:
    for looks in range(1, 2 * LEAST_LOOKS):
        film = Film()
        for _ in range(looks):
            film.show(track(), closer=found())
        assert any(film.refuted()) == (looks >= LEAST_LOOKS)


@pytest.mark.parametrize(
    "region", [whole(SIZE), Region(x0=320, y0=0, x1=640, y1=240), Region(x0=0, y0=60, x1=320, y1=300)]
)
def test_looks_that_are_no_closer_or_do_not_show_the_whole_of_it_refute_nothing(region: Region) -> None:
    film = Film()
    for _ in range(20):
        film.show(track(), closer=found(), region=region)
    assert not any(film.refuted())


def test_what_a_closer_look_shows_now_and_then_stays() -> None:
    film = Film()
    for n in range(20):
        film.show(track(), closer=found(BOX) if n % 3 == 0 else found())
    assert not any(film.refuted())


def test_what_moves_stays() -> None:
    film = Film()
    for n in range(20):
        # At a walker's pace between two looks.
        x = 20.0 + 12 * n
        film.show(track((x, 50.0, x + 40, 150.0)), closer=found())
    assert not any(film.refuted())


def test_who_came_on_foot_and_stays_needs_more_looks() -> None:
    for looks in range(LEAST_LOOKS, LEAST_LOOKS_AFTER_WAY + 1):
        film = Film()
        film.show(track((20.0, 50.0, 60.0, 150.0)))
        for _ in range(looks):
            film.show(track(), closer=found())
        assert any(film.refuted()) == (looks >= LEAST_LOOKS_AFTER_WAY)


def test_the_record_is_the_places() -> None:
    film = Film()
    for id_ in range(1, LEAST_LOOKS + 1):
        film.show(track(id_=id_), closer=found())
    assert all(film.refuted(id_) == [True] for id_ in range(1, LEAST_LOOKS + 1))


def test_somebody_who_comes_and_stands_where_nobody_was_is_not_let_go() -> None:
    film = Film()
    arrives, leaves = 40, 50
    for n in range(90):
        film.show(track(), closer=found(BOX) if arrives <= n < leaves else found())
    refuted = film.refuted()
    assert refuted[arrives - 10]
    assert refuted[leaves + 10]
    assert not any(refuted[arrives - 2 : leaves + 2])
