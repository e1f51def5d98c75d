"""Zones counted by a density network: who asks for it, what of the picture is theirs, how often it looks."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import pytest

from edge.cli.bench.crowd_photographs import MCNN, operators_net, photographs_of
from edge.config.site import Zone
from edge.contract.report import AlarmKind, CrowdEstimator
from edge.vision.crowd.counter import CrowdCounter
from edge.vision.crowd.density import STEP_NS
from edge.vision.detect.crowd import Density
from edge.vision.frame import Pixels
from edge.vision.measure.crowd import Headcount
from edge.vision.measure.ground import GroundView
from tests.vision.crowd.drawn import FIT, SIZE, VIEW, ZONE, frame_of, picture_of, site_with
from tests.vision.track.made import a_scene

DATA = Path(os.environ.get("PASSANT_DATA", Path(__file__).parents[4] / "shared" / "data"))
ASKING = replace(ZONE, alarms=frozenset({AlarmKind.DENSITY}))
CELL = 8


class EvenCrowd:
    """A place with a hundredth of a person in each cell, or one person at a place."""

    error = 0.25

    def __init__(self, head: tuple[float, float] | None = None) -> None:
        self.looks = 0
        self._head = head

    def survey(self, size: tuple[int, int]) -> Self:
        assert size == SIZE
        return self

    def step(self, pixels: Pixels) -> Density | None:
        self.looks += 1
        people = np.full((pixels.shape[0] // CELL, pixels.shape[1] // CELL), 0.01, np.float32)
        if self._head is not None:
            people[:] = 0
            people[int(self._head[1] / CELL), int(self._head[0] / CELL)] = 1
        return Density(people=people, cell=(CELL, CELL))


def counted(net: EvenCrowd, *zones: Zone, covered: bool = True, metres: bool = False) -> tuple[Headcount | None, ...]:
    """Count where the place was empty for some seconds, and is full, or stays as it was."""
    site = replace(site_with(None, metres=metres), zones=zones)
    counter = CrowdCounter(site, SIZE, GroundView.of(site, SIZE), net)
    empty, full = picture_of(), 255 - picture_of() // 2
    full[::20] = 0
    full[:105] = empty[:105]
    for number in range(30):
        counter.see(frame_of(empty, number), None, a_scene())
    for number in range(30, 33):
        counts = counter.see(frame_of(full if covered else empty, number), None, a_scene())
    return counts


def test_a_zone_that_asks_for_density_holds_what_the_map_holds_in_it() -> None:
    (count,) = counted(EvenCrowd(), ASKING)
    assert count is not None
    assert count.people == pytest.approx(640 * 240 / CELL**2 * 0.01, rel=0.05)
    assert (count.estimator, count.error) == (CrowdEstimator.DENSITY_NET, 0.25)


def test_no_other_zone_pays_for_a_look() -> None:
    net = EvenCrowd()
    assert counted(net, ZONE, replace(ASKING, crowd=FIT))[0] is None
    assert net.looks == 0


def test_a_crowd_that_never_changes_is_a_fence_and_left_to_the_tracks() -> None:
    assert counted(EvenCrowd(), ASKING, covered=False) == (None,)


def test_a_person_or_two_who_stand_there_all_day_do_not_stop_the_count() -> None:
    (count,) = counted(EvenCrowd((320, 250)), ASKING, covered=False)
    assert count is not None
    assert count.people == 0


@pytest.mark.parametrize("z", [8.0, 10.0, 14.0, 22.0, 32.0])
def test_a_head_belongs_to_the_zone_in_which_the_feet_are(z: float) -> None:
    zone = replace(ASKING, polygon=((0, 155), (640, 155), (640, 260), (0, 260)))
    (count,) = counted(EvenCrowd(VIEW.project((0.0, z, 1.6))), zone, metres=True)
    assert count is not None
    assert count.people == (155 < VIEW.project((0.0, z, 0.0))[1] < 260)


def test_it_takes_a_step_now_and_then() -> None:
    net = EvenCrowd()
    counter = CrowdCounter(replace(site_with(None), zones=(ASKING,)), SIZE, None, net)
    for number in range(41):
        counter.see(frame_of(picture_of(), number * STEP_NS / 1e9 / 20), None, a_scene())
    assert net.looks == 3


def test_an_operators_own_network_counts_crowds() -> None:
    if not (DATA / MCNN).is_file():
        pytest.skip(f"{DATA / MCNN} is not there: set PASSANT_DATA")
    net = operators_net(DATA / MCNN)
    photograph = max(photographs_of(Path(DATA)), key=lambda one: one.people if one.people < 600 else 0)
    pixels = photograph.read()
    whole = net.look(pixels)
    assert whole.total == pytest.approx(photograph.people, rel=0.5)
    half = pixels.copy()
    half[:, : pixels.shape[1] // 2] = cv2.blur(half[:, :2], (2, 2)).mean()
    assert net.look(half).people[:, : whole.people.shape[1] // 2 - 8].sum() < 0.25 * whole.total
