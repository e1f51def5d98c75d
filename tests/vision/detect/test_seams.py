import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.report import RoadUser
from edge.vision.detect.region import Region, tiles_of, whole
from edge.vision.detect.seams import merge
from edge.vision.frame import Boxes, Detections

SIZE = (800, 600)


def seen(truth: Boxes, regions: tuple[Region, ...], kind: RoadUser = RoadUser.CAR) -> list[Detections]:
    """What a perfect detector says of each region: what is in it, clipped, surer where more is seen."""
    lists = []
    for region in regions:
        low, high = np.array([region.x0, region.y0] * 2), np.array([region.x1, region.y1] * 2)
        clipped = np.clip(truth, low, high).astype(np.float32)
        shares = _areas(clipped) / _areas(truth)
        inside = shares > 0.15
        order = np.argsort(-shares[inside], kind="stable")
        count = int(inside.sum())
        lists.append(
            Detections(
                boxes=clipped[inside][order],
                scores=(0.9 * shares[inside][order]).astype(np.float32),
                kinds=np.full(count, kind, np.int8),
            )
        )
    return lists


def _areas(boxes: Boxes) -> Boxes:
    return np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)


def one(*corners: float) -> Boxes:
    return np.array([corners], np.float32)


@pytest.mark.parametrize("tiles", [(2, 1), (2, 2), (3, 2)])
@given(st.integers(0, 500), st.integers(0, 400), st.integers(40, 280), st.integers(40, 190))
def test_one_thing_is_one_wherever_the_seams_are(
    tiles: tuple[int, int], x: int, y: int, width: int, height: int
) -> None:
    truth = one(x, y, min(x + width, SIZE[0]), min(y + height, SIZE[1]))
    regions = tiles_of(SIZE, *tiles)
    found = merge(seen(truth, regions), regions, SIZE)
    assert len(found) == 1
    np.testing.assert_allclose(found.boxes, truth, atol=1)
    assert found.kinds.tolist() == [RoadUser.CAR]


def test_a_thing_longer_than_the_overlap_is_put_together_from_both_sides() -> None:
    regions = tiles_of(SIZE, 2, 1)
    truth = one(150, 200, 700, 300)
    lists = seen(truth, regions)
    assert all((found.boxes != truth).any() for found in lists)
    assert merge(lists, regions, SIZE).boxes.tolist() == truth.tolist()


def test_a_thing_at_the_crossing_of_four_tiles_is_one() -> None:
    regions = tiles_of(SIZE, 2, 2)
    truth = one(300, 200, 520, 400)
    found = merge(seen(truth, regions), regions, SIZE)
    assert found.boxes.tolist() == truth.tolist()


def test_a_whole_box_is_not_stretched_by_a_cut_one() -> None:
    regions = (Region(x0=0, y0=0, x1=400, y1=600), Region(x0=300, y0=0, x1=800, y1=600))
    lists = seen(one(320, 100, 390, 300), regions)
    cut = Detections(
        boxes=one(310, 90, 400, 310), scores=np.array([0.95], np.float32), kinds=np.array([RoadUser.CAR], np.int8)
    )
    found = merge([cut, lists[1]], regions, SIZE)
    assert found.boxes.tolist() == [[320, 100, 390, 300]]
    assert found.scores.tolist() == pytest.approx([0.95])


def test_two_who_stand_side_by_side_at_a_seam_stay_two() -> None:
    regions = tiles_of(SIZE, 2, 1)
    truth = np.array([[330, 200, 390, 380], [395, 200, 455, 380]], np.float32)
    found = merge(seen(truth, regions, RoadUser.PERSON), regions, SIZE)
    assert sorted(found.boxes.tolist()) == truth.tolist()


def test_two_who_hide_each_other_in_part_at_a_seam_stay_two() -> None:
    regions = tiles_of(SIZE, 2, 1)
    truth = np.array([[330, 200, 400, 380], [380, 200, 470, 380]], np.float32)
    found = merge(seen(truth, regions, RoadUser.PERSON), regions, SIZE)
    assert sorted(found.boxes.tolist()) == truth.tolist()


def test_a_person_is_not_merged_into_the_car_behind() -> None:
    regions = tiles_of(SIZE, 2, 1)
    truth = one(300, 200, 480, 300)
    lists = [seen(truth, regions, RoadUser.PERSON)[0], seen(truth, regions, RoadUser.CAR)[1]]
    found = merge(lists, regions, SIZE)
    assert sorted(found.kinds.tolist()) == [RoadUser.PERSON, RoadUser.CAR]


def test_a_closer_look_and_the_whole_picture_see_the_same_thing() -> None:
    regions = (whole(SIZE), Region(x0=200, y0=100, x1=500, y1=400))
    truth = np.array([[250, 150, 300, 300], [450, 200, 560, 300]], np.float32)
    found = merge(seen(truth, regions), regions, SIZE)
    assert sorted(found.boxes.tolist()) == truth.tolist()


def test_one_list_and_none_pass_as_they_are() -> None:
    alone = seen(one(10, 10, 60, 60), (whole(SIZE),))
    assert merge(alone, (whole(SIZE),), SIZE) is alone[0]
    assert len(merge([], (), SIZE)) == 0
    assert len(merge([Detections.none()] * 2, tiles_of(SIZE, 2, 1), SIZE)) == 0
