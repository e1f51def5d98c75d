"""`passant bench privacy`: truths are read as they stand, shares and bounds add up, and each goal can be missed."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.coverage import covered_shares, most_likely, touched_px
from edge.cli.bench.environment import UnobtainableError, environment
from edge.cli.bench.peer import BOXES, ELLIPSES, _ellipses, _rectangles
from edge.cli.bench.privacy_goals import judged_goals
from edge.cli.bench.privacy_table import misses, table
from edge.cli.bench.privacy_truth import Labels, plate_texts, truth_sets
from edge.cli.bench.tally import Pace, Row, Tally
from edge.cli.bench.truth import TruthError

SIZE = (40, 30)


def labels(*boxes: tuple[float, float, float, float], tracks: tuple[int, ...] | None = None) -> Labels:
    ids = range(len(boxes)) if tracks is None else tracks
    return Labels(boxes=np.array(boxes, np.float32).reshape(-1, 4), tracks=np.array(ids, np.int64))


def cover(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    return _rectangles([SIZE[1], SIZE[0]], [list(box) for box in boxes])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every set in small: grey pictures with labels, and labels whose picture is gone."""
    grey = np.full((100, 200, 3), 90, np.uint8)
    for folder in ("faces/dlib", "plates/eu", "objects/coco_val2017/images", "objects/coco_val2017/labels", "videos"):
        (tmp_path / folder).mkdir(parents=True)
    for picture in ("faces/dlib/one.jpg", "plates/eu/p.jpg", "objects/coco_val2017/images/7.jpg"):
        cv2.imwrite(str(tmp_path / picture), grey)
    (tmp_path / "faces/dlib/testing.xml").write_text(
        "<dataset><images><image file='one.jpg'><box top='5' left='10' width='20' height='30'/>"
        "<box top='1' left='1' width='2' height='2' ignore='1'/></image>"
        "<image file='gone.jpg'><box top='5' left='10' width='20' height='30'/></image></images></dataset>"
    )
    marked = {"faces": [[1, 2, 3, 4]], "optional": [[5, 6, 7, 8]]}
    (tmp_path / "faces/coco_val2017_faces_dev.json").write_text(json.dumps({"images": {"7": marked, "8": marked}}))
    (tmp_path / "plates/eu/p.txt").write_text("p.jpg\t20\t30\t40\t10\tAB-123\n")
    (tmp_path / "objects/coco_val2017/labels/7.txt").write_text("0 0.5 0.5 0.1 0.2\n2 0.25 0.5 0.5 1\n63 .5 .5 .1 .1\n")
    (tmp_path / "videos/vtest.avi").write_bytes(b"")
    (tmp_path / "videos/vtest.gt.csv").write_text("frame,id,x,y,w,h\n0,9,10,20,30,90\n2,9,11,20,30,90\n2,4,0,0,3,6\n")
    return tmp_path


def test_truths_are_boxes_in_pixels_and_what_is_gone_or_optional_is_left_out(data: Path) -> None:
    faces, plates, vtest, coco = truth_sets(data)
    assert [material.labels["faces"][0].boxes.tolist() for material in faces.files] == [
        [[10, 5, 30, 35]],
        [[1, 2, 3, 4]],
    ]
    assert plates.files[0].labels["plates"][0].boxes.tolist() == [[20, 30, 60, 40]]
    assert coco.files[0].labels["persons"][0].boxes.tolist() == [[90, 40, 110, 60]]
    assert coco.files[0].labels["vehicles"][0].boxes.tolist() == [[0, 0, 100, 100]]
    heads = vtest.files[0].labels["upper thirds"]
    assert heads[0].boxes.tolist() == [[10, 20, 40, 50]]
    assert heads[2].tracks.tolist() == [9, 4]
    assert vtest.files[0].labels["persons"][2].boxes.tolist() == [[11, 20, 41, 110], [0, 0, 3, 6]]
    assert plate_texts(data) == {data / "plates/eu/p.jpg": "AB-123"}


def test_a_set_that_is_not_there_is_left_out_and_none_at_all_is_said(
    data: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "plates/eu/p.txt").unlink()
    assert [truth.name for truth in truth_sets(data)] == ["faces", "vtest", "coco"]
    with pytest.raises(TruthError, match="plates"):
        truth_sets(data, "plates")
    empty = tmp_path_factory.mktemp("empty")
    assert main(["bench", "privacy", "--data", str(empty)]) == 2
    assert str(empty) in capsys.readouterr().err


def test_a_line_that_is_no_plate_is_told_with_its_file(data: Path) -> None:
    (data / "plates/eu/p.txt").write_text("p.jpg 20 30 40\n")
    with pytest.raises(TruthError, match=r"p\.txt"):
        truth_sets(data, "plates")


def test_a_share_is_of_the_pixels_a_box_touches_inside_the_picture() -> None:
    masked = cover((10, 10, 20, 20))
    boxes = np.array(
        [[10, 10, 20, 20], [10, 10, 20, 30], [9.5, 10, 19.5, 20], [50, 50, 60, 60], [-5, -5, 5, 5]], np.float32
    )
    assert covered_shares(masked, boxes) == pytest.approx([1.0, 0.5, 10 / 11, 1.0, 0.0])


def test_touched_pixels_count_once() -> None:
    assert touched_px((30, 40), np.array([[0, 0, 10, 10], [5, 0, 15, 10], [38, 28, 60, 60]], np.float32)) == 150 + 4


@pytest.mark.parametrize(
    ("events", "trials", "bound"),
    # Without an event 1 - 0.05 ** (1 / n); the others from published tables of the beta quantile.
    [(0, 19, 0.14587), (0, 55, 0.05301), (1, 10, 0.39416), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_the_bound_is_clopper_and_pearsons(events: int, trials: int, bound: float) -> None:
    assert most_likely(events, trials) == pytest.approx(bound, abs=1e-4)


def test_a_tally_keeps_black_frames_apart_and_a_track_leaks_by_one_frame() -> None:
    tally = Tally(truth="vtest", sought="persons", by="a level")
    two = labels((0, 0, 10, 10), (20, 0, 30, 10), tracks=(1, 2))
    tally.add(("film", 0), SIZE, None, two, late=False)
    tally.add(("film", 1), SIZE, cover((0, 0, 10, 10), (20, 0, 30, 9)), two, late=True)
    tally.add(("film", 2), SIZE, cover((0, 0, 40, 30)), two, late=True)
    tally.add(("film", 3), SIZE, None, None, late=True)
    row = tally.row(None)
    assert (row.boxes, row.covered, row.boxes_shown, row.covered_shown) == (6, 5, 4, 3)
    assert (row.tracks, row.leaking, row.frames, row.black, row.black_late) == (2, 1, 4, 2, 1)
    assert row.share == pytest.approx(5 / 6)
    assert row.share_shown == pytest.approx(3 / 4)
    assert row.area == pytest.approx((3 * 1200 + 190) / 4800)
    assert row.area_over_boxes == pytest.approx((3 * 1200 + 190) / 600)
    assert [(miss.frame, miss.size, miss.covered) for miss in row.misses] == [(1, (10, 10), pytest.approx(0.9))]
    assert "film frame 1: 10x10 px, 90.0% covered" in next(misses([row], 1))
    assert "83.33%" in table([row])


def test_the_peers_ellipse_lies_within_its_rectangle_and_the_rectangle_ends_where_it_ends() -> None:
    boxes = [[5, 4, 26, 25]]
    rectangle, ellipse = (shape([SIZE[1], SIZE[0]], boxes) for shape in (_rectangles, _ellipses))
    assert np.count_nonzero(rectangle) == 21 * 21
    assert rectangle[4, 5]
    assert not rectangle[25, 25]
    assert not np.any(ellipse[rectangle == 0])
    assert np.count_nonzero(ellipse) == pytest.approx(np.pi / 4 * 20 * 20, rel=0.03)


def row(**how: object) -> Row:
    good = Row(
        truth="vtest",
        sought="upper thirds",
        by="people-and-vehicles",
        boxes=1000,
        covered=1000,
        boxes_shown=1000,
        covered_shown=1000,
        tracks=10,
        leaking=0,
        frames=800,
        black=0,
        black_late=0,
        area=0.1,
        area_over_boxes=2.5,
        pace=Pace(frames=800, wall_s=10, cpu_s=15),
    )
    return replace(good, **how)  # type: ignore[arg-type]


PERSONS = row(sought="persons")
PEER = row(by=BOXES, covered=500, covered_shown=500, pace=Pace(frames=800, wall_s=31, cpu_s=60))


def missed(*rows: Row) -> list[str]:
    return [goal for goal, is_met in judged_goals(list(rows)) if not is_met]


def test_goals_are_met_by_what_meets_them() -> None:
    assert missed(row(), PERSONS, PEER, replace(PEER, by=ELLIPSES, pace=None)) == []
    assert judged_goals([]) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(covered=994, covered_shown=994)], "99.5%"),
        # All covered, but by black frames.
        ([row(boxes_shown=100, covered_shown=99)], "99.5%"),
        ([row(), replace(PEER, pace=Pace(frames=800, wall_s=29, cpu_s=60))], "3 times as fast"),
        ([row(covered=998, covered_shown=998), replace(PEER, covered=999)], "no less covered"),
        ([row(covered=998, covered_shown=998), replace(PEER, by=ELLIPSES, covered=998)], "more covered"),
        ([replace(PERSONS, area_over_boxes=3.0)], "3 times"),
        ([replace(PERSONS, by="faces-and-plates", area_over_boxes=1.0)], "1 times"),
        ([replace(PERSONS, black=9, black_late=9)], "black"),
        ([row(truth="faces", sought="faces", covered=98, boxes=100, covered_shown=98, boxes_shown=100)], "99.0%"),
        ([row(truth="plates", sought="plates", by="faces-and-plates", covered=940, covered_shown=940)], "95.0%"),
    ],
)
def test_each_goal_can_be_missed(rows: list[Row], words: str) -> None:
    (goal,) = missed(*rows)
    assert words in goal


def test_a_peer_that_cannot_be_had_is_told_and_ends_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real package client finds nobody: it has no index."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(UnobtainableError, match="No matching distribution"):
        environment("peer", ("peer.lock",), lambda _: None)
    assert not list((tmp_path / "cache" / "passant").glob("peer-*/whole"))


def test_a_lock_that_is_not_there_is_told() -> None:
    with pytest.raises(UnobtainableError, match="from a checkout"):
        environment("none", ("none.lock",), lambda _: None)
