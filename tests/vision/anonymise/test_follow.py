"""Following what was found through a film: before the first detection, over drop-outs, after somebody was lost."""

import numpy as np

from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.anonymise.follow import LINGERS_S, STAYED_S, UNKNOWN, Placed, follow
from edge.vision.anonymise.glance import Glance
from edge.vision.anonymise.tape import Note, PackedMotion
from edge.vision.detect.motion import FOREGROUND, Motion
from edge.vision.detect.region import whole
from edge.vision.frame import NO_BOXES, Detections

SIZE = (640, 480)
FPS = 10
Box = tuple[float, float, float, float]


def note(index: int, *boxes: Box, moving: Box | None = None, kind: RoadUser = RoadUser.PERSON) -> Note:
    mask = np.zeros((240, 320), np.uint8)
    if moving:
        x0, y0, x1, y1 = (round(v / 2) for v in moving)
        mask[y0:y1, x0:x1] = FOREGROUND
    found = Detections(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.full(len(boxes), 0.8, np.float32),
        kinds=np.full(len(boxes), kind, np.int8),
    )
    return Note(
        taken_ns=index * NS_PER_S // FPS,
        look=None,
        motion=PackedMotion.of(Motion(mask=mask, scale=2.0, trusted=True)),
        black=None,
        seen=Glance(looked=(whole(SIZE),), found=found, faces=NO_BOXES, plates=NO_BOXES, detailed=False),
    )


def walker(index: int) -> Box:
    x = 100.0 + 3 * index
    return (x, 200.0, x + 30, 290.0)


def hides(placed: Placed, box: Box) -> bool:
    """Whether one of the boxes holds the middle of another and is no smaller than half of it."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(x0 <= x < x1 and y0 <= y < y1 and (y1 - y0) > 45 for x0, y0, x1, y1 in placed.boxes)


def test_nobody_is_followed_where_nobody_was_found() -> None:
    notes = [note(n) for n in range(10)]
    assert all(not len(one.boxes) for backwards in (False, True) for one in follow(notes, SIZE, backwards=backwards))


def test_backwards_somebody_is_there_before_the_first_detection() -> None:
    notes = [note(n, *([walker(n)] if n >= 20 else [])) for n in range(40)]
    forwards, backwards = (follow(notes, SIZE, backwards=b) for b in (False, True))
    assert not any(hides(forwards[n], walker(n)) for n in range(20))
    assert all(hides(backwards[n], walker(n)) for n in range(8, 40))


def test_a_drop_out_is_bridged() -> None:
    notes = [note(n, *([walker(n)] if not 20 <= n < 30 else [])) for n in range(50)]
    for placed in (follow(notes, SIZE, backwards=b) for b in (False, True)):
        assert all(hides(placed[n], walker(n)) for n in range(20, 30))


def test_who_stood_and_was_lost_is_taken_to_stand_there_for_a_while() -> None:
    stood = round((STAYED_S + 1) * FPS)
    notes = [note(n, *([(300.0, 100.0, 340.0, 220.0)] if n < stood else [])) for n in range(stood + 80)]
    placed = follow(notes, SIZE, backwards=False)
    lingers = round(LINGERS_S * FPS)
    assert all(hides(one, (300.0, 100.0, 340.0, 220.0)) for one in placed[3 : stood + lingers])
    assert not len(placed[-1].boxes)


def test_what_only_moves_has_no_name() -> None:
    notes = [note(n, moving=(100.0 + 6 * n, 200.0, 180.0 + 6 * n, 240.0)) for n in range(30)]
    placed = follow(notes, SIZE, backwards=False)
    assert len(placed[20].boxes) == 1
    assert (placed[20].kinds == UNKNOWN).all()


def test_the_kind_goes_with_the_track() -> None:
    notes = [note(n, walker(n), kind=RoadUser.CAR) for n in range(20)]
    assert (follow(notes, SIZE, backwards=True)[5].kinds == RoadUser.CAR).all()
