"""The benchmark of metres knows the truth, looks through a camera that is right, and fails when a goal is missed."""

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.cli.bench import metres
from edge.cli.bench.metres_camera import SIZE, Camera, Eye, visible
from edge.cli.bench.metres_run import Offset, Row, mean_row, rows_of
from edge.cli.bench.metres_scene import Place, site_of
from edge.cli.bench.metres_tracks import TracksError, Walker, moved, read_columns, turned
from edge.cli.bench.world.noise import fitted
from edge.vision.measure.ground import GroundView


def test_tracks_are_cut_where_nobody_knows(tmp_path: Path) -> None:
    file = tmp_path / "tracks.txt"
    rows = [(frame, 7, frame / 10, 0, 2 * frame / 10) for frame in (0, 5, 10, 50, 55)]
    file.write_text("\n".join(" ".join(map(str, row)) for row in reversed(rows)))
    first, second = read_columns(file, (0, 1, 2, 4), fps=10, metres=0.5)
    assert first.instants_s.tolist() == [0.0, 0.5, 1.0]
    assert second.places.tolist() == [[2.5, 5.0], [2.75, 5.5]]
    assert first.at(np.array([0.25, 3.0]))[0] == pytest.approx((0.125, 0.25))
    assert np.isnan(first.at(np.array([3.0]))).all()
    (back,) = turned(moved([first], (1.0, 2.0)))
    assert back.places[0].tolist() == [2.0, 1.0]


def test_a_file_that_is_no_tracks_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "tracks.txt"
    file.write_text("once upon a time")
    with pytest.raises(TracksError, match=r"tracks\.txt"):
        read_columns(file, (0, 1, 2, 3), fps=10, metres=1)


def test_the_camera_sees_what_a_pinhole_sees() -> None:
    camera = Camera(height_m=6.0, tilt=math.radians(30), focal_px=1000.0)
    # The optical axis meets the ground at 6 m / tan 30°.
    assert camera.project(np.array([[0.0, 6 / math.tan(math.radians(30))]]))[0] == pytest.approx((640, 360))
    # At 12 m along the axis a metre across is 1000/12 px.
    across = camera.project(np.array([[1.0, 6 / math.tan(math.radians(30))]]))[0]
    assert across == pytest.approx((640 + 1000 / 12, 360))
    # As high as the camera is the horizon, at any distance.
    heights = camera.project(np.array([[0.0, 9.0], [0.0, 90.0]]), 6.0)
    assert heights[:, 1] == pytest.approx(360 - 1000 * math.tan(math.radians(30)))


def test_who_stands_behind_another_is_hidden() -> None:
    boxes = np.array([(0, 0, 10, 20), (0, 5, 10, 25), (50, 0, 60, 20)], np.float64)
    assert visible(boxes, np.array([12.0, 10.0, 11.0])) == pytest.approx((0.25, 1.0, 1.0))
    eye = Eye(noise=fitted(), random=np.random.default_rng(1))
    found = [len(eye.find(np.arange(3), boxes, np.array([12.0, 10.0, 11.0]), 0.1)) for _ in range(50)]
    assert max(found) == 2


def test_the_exact_site_file_is_exact_and_the_installers_is_not() -> None:
    place = Place(name="made", walkers=(), zone=(-4.0, 10.0, 4.0, 18.0), camera=Camera())
    exact = GroundView.of(site_of(place, None), SIZE)
    clicked = GroundView.of(site_of(place, np.random.default_rng(2)), SIZE)
    assert exact is not None
    assert clicked is not None
    spots = np.array([(-3.0, 11.0), (3.0, 17.0), (0.0, 14.0)])
    assert exact.to_metres(place.camera.project(spots)) == pytest.approx(spots, abs=1e-6)
    off = np.abs(clicked.to_metres(place.camera.project(spots)) - spots).max()
    assert 0.005 < off < 0.5
    assert exact.area_m2(site_of(place, None).zones[0].polygon) == pytest.approx(64.0)


def strollers(many: int, mps: float) -> tuple[Walker, ...]:
    """People who walk past the camera one after another, 4 s apart and on ways 1.5 m apart, for a minute and more."""
    walkers = []
    for n in range(many):
        begin_s, y = 4.0 * n, 11.0 + 1.5 * (n % 4)
        walkers.append(
            Walker(
                instants_s=np.array([begin_s, begin_s + 16 / mps]),
                places=np.array([(-8.0, y), (8.0, y)]) * (1 if n % 2 else (-1, 1)),
            )
        )
    return tuple(walkers)


def test_made_walkers_are_measured_as_they_walk() -> None:
    place = Place(name="made", walkers=strollers(18, 1.4), zone=(-5.0, 10.0, 5.0, 18.0), camera=Camera())
    row = mean_row(rows_of(place, fitted(), calibrations=2, seed=1))
    assert row.walking.truth == pytest.approx(1.4, abs=0.01)
    assert abs(row.walking.bias) < 0.05
    assert row.passing.count > 12
    assert abs(row.passing.bias) < 0.08
    assert row.found > 0.75
    assert abs(row.density.bias) < 0.15
    assert row.followed == pytest.approx(1 + row.density.bias, abs=0.06)


def a_row(**more: object) -> Row:
    right = Offset(truth=1.0, bias=0.01, spread=0.1, count=9)
    row = Row(
        place="made",
        people=9,
        most_present=4,
        found=0.9,
        followed=0.95,
        residual=0.01,
        walking=right,
        passing=right,
        density=right,
        densest=right,
    )
    return replace(row, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "missed"),
    [
        ({}, []),
        ({"walking": Offset(truth=1, bias=0.06, spread=0, count=9)}, ["walking speed"]),
        ({"passing": Offset(truth=1, bias=-0.06, spread=0, count=9)}, ["speed over lines"]),
        ({"density": Offset(truth=1, bias=-0.11, spread=0, count=9)}, ["density"]),
        ({"density": Offset(truth=1, bias=-0.4, spread=0, count=9), "found": 0.7}, []),
        ({"density": Offset(truth=1, bias=math.nan, spread=0, count=0)}, ["density"]),
        ({"density": Offset(truth=1, bias=-0.4, spread=0, count=9), "place": "HERMES"}, []),
    ],
)
def test_goals(more: dict[str, object], missed: list[str]) -> None:
    goals = metres.judged([a_row(**more)])
    assert [goal.partition(": ")[2].partition(" within")[0] for goal, is_met in goals if not is_met] == missed


def test_without_tracks_it_says_which_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    metres.add_parser(parser.add_subparsers())
    args = parser.parse_args(["metres", "--data", str(tmp_path)])
    assert args.run(args) == 2
    assert "obsmat.txt" in capsys.readouterr().err


def test_a_goal_that_is_missed_is_exit_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    place = Place(name="made", walkers=strollers(18, 1.4), zone=(-5.0, 10.0, 5.0, 18.0), camera=Camera())
    monkeypatch.setattr(metres, "places", lambda _: [place])
    parser = argparse.ArgumentParser()
    metres.add_parser(parser.add_subparsers())
    args = parser.parse_args(["metres", "--calibrations", "1", "--json"])
    monkeypatch.setattr(metres, "MOST_SPEED_BIAS", 0.0)
    assert args.run(args) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0]["people"] == 18
    assert False in told["goals"].values()
