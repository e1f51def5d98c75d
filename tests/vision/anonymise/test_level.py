"""Levels and parts of boxes: each level hides all that the one before it hides."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.config.site import PrivacyLevel
from edge.vision.anonymise import parts
from edge.vision.anonymise.level import Known, cover_of
from edge.vision.detect.motion import FOREGROUND, Motion
from edge.vision.frame import MASKED, Boxes

SIZE = (160, 120)
LEVELS = tuple(PrivacyLevel)


def boxes(*rows: tuple[float, float, float, float]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 4)


@st.composite
def some_boxes(draw: st.DrawFn) -> Boxes:
    rows = draw(st.lists(st.tuples(*(st.floats(-30, 170, width=32),) * 4), max_size=4))
    array = boxes(*rows)
    return np.concatenate((np.minimum(array[:, :2], array[:, 2:]), np.maximum(array[:, :2], array[:, 2:]) + 1), axis=1)


@st.composite
def motions(draw: st.DrawFn) -> Motion | None:
    mask = np.zeros((60, 80), np.uint8)
    for x, y, side in draw(st.lists(st.tuples(st.integers(0, 79), st.integers(0, 59), st.integers(1, 30)), max_size=3)):
        mask[y : y + side, x : x + side] = FOREGROUND
    return draw(st.sampled_from((None, Motion(mask=mask, scale=2.0, trusted=True))))


@given(some_boxes(), some_boxes(), some_boxes(), motions())
def test_each_level_hides_all_that_the_one_before_hides(
    people: Boxes, vehicles: Boxes, always: Boxes, motion: Motion | None
) -> None:
    known = Known(people=people, vehicles=vehicles, always=always, motion=motion)
    covers = [cover_of(known, level, SIZE) == MASKED for level in LEVELS]
    for less, more in pairwise(covers):
        assert not (less & ~more).any()


def test_a_person_is_hidden_from_head_to_foot() -> None:
    cover = cover_of(Known(people=boxes((60, 20, 80, 100))), PrivacyLevel.PEOPLE_AND_VEHICLES, SIZE)
    assert (cover[20:100, 60:80] == MASKED).all()
    assert (cover[:, :40] != MASKED).all()


def test_the_head_is_hidden_where_no_face_was_found() -> None:
    cover = cover_of(Known(people=boxes((60, 20, 80, 100))), PrivacyLevel.FACES_AND_PLATES, SIZE)
    assert (cover[20:34, 63:77] == MASKED).all()
    assert (cover[50:, :] != MASKED).all()


def test_the_head_of_a_bust_is_half_of_it() -> None:
    (head,) = parts.heads(boxes((50, 40, 110, 100)))
    assert head[3] - 40 >= 30
    assert (head[0], head[2]) <= (50, 110)
    assert head[2] >= 110


def test_the_lower_part_of_a_vehicle_is_hidden_where_no_plate_was_found() -> None:
    cover = cover_of(Known(vehicles=boxes((40, 40, 100, 80))), PrivacyLevel.FACES_AND_PLATES, SIZE)
    assert (cover[60:80, 40:100] == MASKED).all()
    assert (cover[:55] != MASKED).all()


def test_what_moves_and_is_unknown_is_hidden_and_what_a_person_explains_is_not() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 10:20] = mask[35:50, 60:70] = FOREGROUND
    known = Known(people=boxes((120, 30, 140, 100)), motion=Motion(mask=mask, scale=2.0, trusted=True))
    cover = cover_of(known, PrivacyLevel.FACES_AND_PLATES, SIZE)
    assert (cover[20:40, 20:40] == MASKED).all()
    assert (cover[72:98, 122:138] != MASKED).all()
    assert (cover_of(known, PrivacyLevel.PEOPLE_AND_VEHICLES, SIZE)[70:100, 120:140] == MASKED).all()


def test_faces_and_plates_are_hidden_at_every_level() -> None:
    for level in LEVELS:
        assert (cover_of(Known(always=boxes((50, 50, 80, 60))), level, SIZE)[50:60, 50:80] == MASKED).all()


def test_the_box_of_a_plate_is_wider_than_what_the_network_masked() -> None:
    cover = np.zeros(SIZE[::-1], np.uint8)
    cover[50:60, 50:80] = MASKED
    ((x0, y0, x1, y1),) = parts.whole_plates(cover)
    assert x0 < 50
    assert y0 < 50
    assert x1 > 80
    assert y1 > 60


def test_one_picture_proves_no_background() -> None:
    assert (cover_of(Known(), PrivacyLevel.ALL_BUT_BACKGROUND, SIZE) == MASKED).all()
