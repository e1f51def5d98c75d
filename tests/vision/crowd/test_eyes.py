"""Heads where they are large enough, the network where they are packed."""

import os
from pathlib import Path

import numpy as np
import pytest

from edge.cli.bench.crowd_photographs import photographs_of
from edge.vision.crowd.eyes import LEAST_FOUND, LEAST_IN_CELL, PARTS, CrowdEyes, fused, load_crowd_eyes
from edge.vision.detect.crowd import Density, load_crowd_net
from edge.vision.detect.region import tiles_of
from edge.vision.frame import NO_BOXES, Boxes
from tests.vision.crowd.drawn import SIZE, picture_of

DATA = Path(os.environ.get("PASSANT_DATA", Path(__file__).parents[4] / "shared" / "data"))
CELLS = (24, 32)
NUMBER = PARTS[0] * PARTS[1]


def density_of(people: float) -> Density:
    """Spread so many people over each part's first cell."""
    cells = np.zeros(CELLS, np.float32)
    cells[:: CELLS[0] // PARTS[1], :: CELLS[1] // PARTS[0]] = people
    return Density(people=cells, cell=(SIZE[0] / CELLS[1], SIZE[1] / CELLS[0]))


def heads_at(*places: tuple[float, float]) -> Boxes:
    return np.array([(x - 5, y - 6, x + 5, y + 6) for x, y in places], np.float32).reshape(-1, 4)


def found_in(part: int, boxes: Boxes) -> list[Boxes]:
    return [boxes if index == part else NO_BOXES for index in range(NUMBER)]


@pytest.fixture(scope="module")
def eyes() -> CrowdEyes:
    found = load_crowd_eyes(load_crowd_net())
    assert found is not None
    return found


def test_heads_that_are_found_count_in_their_part_and_the_network_in_the_others() -> None:
    both = fused(density_of(3.0), found_in(5, heads_at((205, 125), (225, 125), (245, 125), (265, 125))), SIZE)
    assert both.total == pytest.approx(3.0 * (NUMBER - 1) + 4)
    assert both.people[8, 10] == 1


@pytest.mark.parametrize(("told", "counts"), [(1 / LEAST_FOUND - 0.1, "head"), (1 / LEAST_FOUND + 0.1, "net")])
def test_the_network_counts_where_it_tells_of_many_more(told: float, counts: str) -> None:
    cells = np.zeros(CELLS, np.float32)
    cells[0, 0] = told
    density = Density(people=cells, cell=density_of(0).cell)
    assert fused(density, found_in(0, heads_at((20, 20))), SIZE).total == pytest.approx(1 if counts == "head" else told)


def test_a_head_that_two_parts_show_counts_once() -> None:
    parts = tiles_of(SIZE, *PARTS)
    shared = (parts[0].x1 + parts[1].x0) / 2, 30.0
    head = heads_at(shared)
    found = [head, head, *[NO_BOXES] * (NUMBER - 2)]
    assert fused(density_of(0), found, SIZE).total == 1


def test_what_is_less_than_a_surface_is_nobody() -> None:
    faint = np.full(CELLS, LEAST_IN_CELL * 0.9, np.float32)
    density = Density(people=faint, cell=density_of(0).cell)
    assert fused(density, [NO_BOXES] * NUMBER, SIZE).total == 0


def test_an_empty_place_is_empty_and_takes_a_step_for_each_part(eyes: CrowdEyes) -> None:
    picture = picture_of()
    survey = eyes.survey(SIZE)
    steps = [survey.step(picture) for _ in range(NUMBER + 1)]
    assert steps[:-1] == [None] * NUMBER
    assert steps[-1] is not None
    assert steps[-1].total < 1
    assert eyes.look(picture).total == steps[-1].total


def test_its_error_is_told(eyes: CrowdEyes) -> None:
    assert eyes.error is not None
    assert 0.1 < eyes.error < 1


def test_packed_crowds_are_told_from_sparse_ones(eyes: CrowdEyes) -> None:
    if not (DATA / "crowd").is_dir():
        pytest.skip(f"{DATA / 'crowd'} is not there: set PASSANT_DATA")
    by_name = {one.name: one for one in photographs_of(DATA)}
    for name in ("A/IMG_86", "A/IMG_68", "B/IMG_46", "B/IMG_288"):
        one = by_name[name]
        assert eyes.look(one.read()).total == pytest.approx(one.people, rel=0.35), name
