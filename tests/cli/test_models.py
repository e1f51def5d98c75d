import shutil
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli import models
from edge.vision.detect.manifest import models_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the models, which the command takes for its own."""
    copy = Path(shutil.copytree(models_folder(), tmp_path / "models"))
    monkeypatch.setattr(models, "models_folder", lambda: copy)
    return copy


def test_it_lists_and_verifies_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ssdlite-mobilenet-v2-coco: verified\n")
    assert "Apache-2.0" in out
    assert "finds    road-users: person, bicycle, car, motorcycle, bus, lorry\n" in out
    assert "finds    faces\n" in out


def test_a_changed_model_is_named_with_its_cause(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(folder.glob("ssdlite*.tflite"))
    path.write_bytes(path.read_bytes()[:-1])
    assert main(["models"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("ssdlite-mobilenet-v2-coco: not usable\n")
    assert f"{path}: its SHA-256 begins with " in told.err


def test_a_model_does_not_ship_without_its_licence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    next(folder.glob("*.LICENSE")).unlink()
    assert main(["models"]) == 1
    assert "the licence is missing" in capsys.readouterr().err


def test_one_bad_model_does_not_hide_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('file = "ssd', 'file = "gone-ssd', 1), encoding="utf-8")
    assert main(["models"]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "ssdlite-mobilenet-v2-coco: not usable"
    assert "centerface: verified" in told.out.splitlines()
    assert "the file is missing" in told.err


def test_no_manifest_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "manifest.toml").unlink()
    assert main(["models"]) == 1
    assert "there is no manifest" in capsys.readouterr().err
