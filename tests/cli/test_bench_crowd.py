"""`passant bench crowd`: what it says follows from what is there."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.crowd import judged
from edge.cli.bench.crowd_photographs import OURS, POINTS, WHOLE, Row, measured, photographs_of
from edge.cli.bench.crowd_sites import SiteRow, places_of, scored
from edge.cli.bench.truth import TruthError
from edge.vision.frame import Pixels

ROW = Row(estimator=WHOLE, error=100.0, correlation=0.0, counted=20.0, people=120.0, part_a=200.0, part_b=50.0)
SITE = SiteRow(site="quai", people=20.0, error=2.0, share=0.1, promised=0.12, tracks=0.4, cpu_ms=1.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a folder of data with two photographs: so many heads are so bright."""
    marked = {}
    for name, people in (("A/IMG_1", 200), ("B/IMG_2", 40)):
        path = tmp_path / "crowd" / f"shanghaitech_{name[0]}" / f"{name[2:]}.jpg"
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), np.full((64, 64, 3), people, np.uint8))
        marked[name] = {"w": 64, "h": 64, "count": people, "points": []}
    (tmp_path / POINTS).write_text(json.dumps(marked))
    return tmp_path


def brightness(pixels: Pixels) -> float:
    return float(pixels.mean())


def test_a_way_to_count_is_held_against_each_photograph(data: Path) -> None:
    photographs = photographs_of(data)
    right = measured("right", brightness, photographs)
    assert right.error == pytest.approx(0, abs=1)
    assert right.correlation == pytest.approx(1)
    off = measured("off", lambda pixels: 150 - brightness(pixels) / 2, photographs)
    assert (off.part_a, off.part_b) == (pytest.approx(150, abs=1), pytest.approx(90, abs=1))
    assert off.error == pytest.approx(120, abs=1)
    assert off.correlation == pytest.approx(-1)


def test_missing_data_is_an_error_with_a_mend(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photograph, _) = photographs_of(data)
    photograph.path.unlink()
    with pytest.raises(TruthError, match="unpack the data again"):
        photograph.read()
    (data / POINTS).write_text("{")
    with pytest.raises(TruthError, match="--data"):
        photographs_of(data)
    with pytest.raises(TruthError, match="--data"):
        places_of(data)
    assert main(["bench", "crowd", "--data", str(data)]) == 2
    assert "--data" in capsys.readouterr().err


def test_goals_are_met_by_what_is_measured_only() -> None:
    ours = replace(ROW, estimator=OURS, error=59.0)
    assert [met for _, met in judged([ROW, ours], [SITE])] == [True, True]
    assert [met for _, met in judged([ROW, replace(ours, error=61.0)], [replace(SITE, share=0.16)])] == [False, False]
    assert [met for _, met in judged([ROW], [])] == [False]


def test_a_site_is_fitted_to_its_first_third_and_scored_on_its_last() -> None:
    rng = np.random.default_rng(2)
    at_s = np.arange(0, 300, 0.5)
    truth = np.round(20 + 10 * np.sin(at_s / 12)) + 0.0
    features = np.stack([np.ones(len(at_s)), truth / 2, truth * 3, truth / 4], axis=1) + 0.0
    features[:, 1:] += rng.normal(0, 0.1, (len(at_s), 3))
    features[(at_s > 102) & (at_s < 198), 1:] = 0
    row = scored("quai", at_s, features, truth, 1.0)
    assert row.share < 0.05
    assert row.tracks == pytest.approx(0.75, abs=0.02)
    assert row.people == pytest.approx(truth[at_s > 200].mean(), abs=0.1)
    features[at_s > 202, 1] = 0
    assert scored("quai", at_s, features, truth, 1.0).share > row.share
