"""`passant bench sheets`: drawn side by side, and never in a checkout."""

import stat
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.pictures import TILE_PX, read_picture, sheet, write_jpeg
from edge.cli.bench.sheets import checkout_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("where", [".", "docs/sheets"])
def test_a_folder_in_a_checkout_is_refused_before_anything_is_written(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    out = tmp_path / where
    assert main(["bench", "sheets", "--data", str(tmp_path), "--out", str(out)]) == 1
    assert "git checkout" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


def test_a_link_into_a_checkout_is_no_way_round(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "away").symlink_to(tmp_path / "repo")
    assert checkout_of(tmp_path / "away" / "new") == tmp_path / "repo"
    assert checkout_of(tmp_path / "elsewhere") is None


def test_pictures_stand_in_rows_under_their_captions() -> None:
    white, black = np.full((50, 100, 3), 255, np.uint8), np.zeros((60, 80, 3), np.uint8)
    drawn = sheet([[("before", white), ("after", black)], [("one", black)]])
    assert drawn.shape[1] == 2 * (TILE_PX + 4)
    assert drawn[100, 50].tolist() == [255] * 3
    assert drawn[100, TILE_PX + 50].tolist() == [0] * 3
    assert (drawn[:18] < 100).any()


def test_a_sheet_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sheet.jpg"
    write_jpeg(path, np.full((20, 30, 3), 128, np.uint8))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert cv2.imread(str(path)).shape == (20, 30, 3)


def test_what_is_no_picture_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_bytes(b"no")
    with pytest.raises(OSError, match=r"no\.jpg"):
        read_picture(tmp_path / "no.jpg")
