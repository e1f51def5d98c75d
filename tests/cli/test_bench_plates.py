"""`passant bench plates` on drawn photographs: what it says follows from what is there."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.plate_crops import CROP_M, Crop, crops_of
from edge.cli.bench.plate_rivals import enlarged, haar, text_detector
from edge.cli.bench.plates import MARGIN, SIZES_PX, Row, _cover, covered, judged
from edge.cli.bench.truth import TruthError
from tests.vision.detect.plate_drawn import car, taken

PLATE = (300, 260, 130)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    place = folder / "plates" / "eu"
    place.mkdir(parents=True)
    for number, text in enumerate(("AB-123-CD", "WX-908-KL")):
        pixels, box = car((800, 480), PLATE, text)
        x0, y0, x1, y1 = box[0].astype(int)
        cv2.imwrite(str(place / f"{number}.png"), taken(pixels))
        line = f"{number}.png\t{x0}\t{y0}\t{x1 - x0}\t{y1 - y0}\t{text}\n"
        (place / f"{number}.txt").write_text(line, encoding="utf-8")
    return folder


def test_a_crop_is_as_wide_as_a_car_and_holds_its_plate(data: Path) -> None:
    for crop in crops_of(data):
        x0, y0, x1, y1 = crop.box[0]
        assert crop.pixels.shape[1] == pytest.approx(CROP_M[0] / 0.52 * (x1 - x0), abs=2)
        assert 0 < x0 < x1 < crop.pixels.shape[1]
        assert 0 < y0 < y1 < crop.pixels.shape[0]
        band = crop.pixels[int(y0) + 5 : int(y1) - 5, int(x0) + 2 : int(x0) + 8]
        assert band[..., 0].mean() > band[..., 2].mean() + 40


def test_shrinking_makes_the_plate_so_wide_and_never_wider(data: Path) -> None:
    crop = crops_of(data)[0]
    small = crop.shrunk(45)
    assert small is not None
    assert small.box[0, 2] - small.box[0, 0] == pytest.approx(45, abs=0.5)
    assert small.pixels.shape[1] / crop.pixels.shape[1] == pytest.approx(45 / 131, rel=0.02)
    assert crop.shrunk(400) is None


def test_a_folder_without_plates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="no photograph"):
        crops_of(tmp_path)
    assert main(["bench", "plates", "--data", str(tmp_path)]) == 2


@pytest.mark.parametrize("line", ["gone.png\t1\t2\t3\t4", "0.png\t1\tx\t3\t4", "0.png\t1\t2"])
def test_a_line_that_is_none_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "plates").mkdir()
    cv2.imwrite(str(tmp_path / "plates" / "0.png"), np.zeros((9, 9, 3), np.uint8))
    (tmp_path / "plates" / "0.txt").write_text(line, encoding="utf-8")
    with pytest.raises(TruthError, match=r"0\.txt"):
        crops_of(tmp_path)


def test_covered_and_falsely_are_shares_of_box_and_crop() -> None:
    crop = Crop(name="a", pixels=np.zeros((100, 200, 3), np.uint8), box=np.array([[50, 40, 90, 60]], np.float32))
    cover = np.zeros((100, 200), np.uint8)
    cover[40:60, 50:80] = 255
    cover[0:10, 0:20] = 255
    assert covered(crop, cover) == (pytest.approx(0.75), pytest.approx(0.01))


def test_a_rivals_box_gets_the_same_margin() -> None:
    crop = Crop(name="a", pixels=np.zeros((100, 200, 3), np.uint8), box=np.zeros((1, 4), np.float32))
    cover = _cover(crop, np.array([[50, 40, 90, 60]], np.float32))
    assert (cover > 0).sum() == pytest.approx(40 * 20 * MARGIN**2)


def _rows(coverage: float, falsely: float) -> list[Row]:
    return [
        Row(finder="passant", plate_px=size, crops=9, recall=1.0, coverage=coverage, falsely=falsely, cpu_ms=1.0)
        for size in SIZES_PX
    ]


@pytest.mark.parametrize(
    ("coverage", "falsely", "cost", "missed"),
    [(1.0, 0.01, 0.1, 0), (0.96, 0.01, 0.1, 2), (0.9, 0.01, 0.1, 3), (1.0, 0.03, 0.1, 2), (1.0, 0.01, 0.5, 1)],
)
def test_goals_are_judged_by_our_rows(coverage: float, falsely: float, cost: float, missed: int) -> None:
    assert [is_met for _, is_met in judged(_rows(coverage, falsely), cost)].count(False) == missed


def test_the_command_measures_ours_beside_the_cascade(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bench", "plates", "--data", str(data), "--reader", "no-such-python", "--json"])
    told = json.loads(capsys.readouterr().out)
    rows = {(row["finder"], row["plate_px"]): row for row in told["rows"]}
    assert rows["passant", None]["crops"] == 2
    assert rows["passant", None]["coverage"] == 1.0
    assert {finder for finder, _ in rows} == {"passant", "haar"}
    assert told["cost"] > 0
    assert code == (0 if all(told["goals"].values()) else 1)


def test_where_the_reader_is_not_installed_the_table_says_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["bench", "plates", "--data", str(data), "--reader", "no-such-python"])
    out = capsys.readouterr().out
    assert "is not installed" in out
    assert "met" in out


def test_rivals_answer_in_the_crops_own_pixels() -> None:
    picture = np.zeros((96, 160, 3), np.uint8)
    large, scale = enlarged(picture)
    assert large.shape == (384, 640, 3)
    assert scale == 4
    found = haar([picture])
    assert found is not None
    assert found[0][0].shape == (0, 4)
    assert text_detector([picture], sys.executable + "-none-") is None
