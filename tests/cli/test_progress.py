"""What is said before the first figures."""

import time
from pathlib import Path

import pytest

from edge.cli.progress import Progress
from edge.cli.sample import footage_of, site_text
from edge.config import Files, load
from edge.config.site import CameraSite


def _camera(tmp_path: Path, source: str, pace: float | None) -> CameraSite:
    footage = footage_of(source, (320, 240))
    path = tmp_path / "site.toml"
    path.write_text(site_text(footage, device="d", url="mqtt://127.0.0.1", pace=pace))
    return load(path, files=Files.NONE).camera


def test_a_film_tells_how_far_it_is_and_when_figures_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    film = Progress(camera=_camera(tmp_path, "clip:a.avi", 4.0))
    assert film.sentence(looks=False, is_over=False).startswith("starting")
    assert film.sentence(looks=True, is_over=False) == "first window: 0 of 60 s of the film, figures in about 15 s"
    now_s += 5.75
    assert film.sentence(looks=True, is_over=False) == "first window: 23 of 60 s of the film, figures in about 10 s"
    now_s += 60
    assert film.sentence(looks=True, is_over=False) == "first window: this machine is slower than the pace asked"
    assert film.sentence(looks=True, is_over=True) == ""


def test_a_camera_tells_when_its_window_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 6_000_000 + 43.5)
    camera = Progress(camera=_camera(tmp_path, "v4l2:/dev/video0", None))
    assert camera.sentence(looks=False, is_over=False) == "first window: it ends with the minute, in 17 s"
