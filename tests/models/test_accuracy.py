"""The figures that the manifest states, measured again where the test data is."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = os.environ.get("PASSANT_DATA")


@pytest.mark.skipif(not DATA, reason="PASSANT_DATA does not say where the test data is")
def test_the_detector_is_as_good_as_the_manifest_says() -> None:
    manifest = tomllib.loads((ROOT / "models/manifest.toml").read_text(encoding="utf-8"))
    figures = manifest["model"][0]["accuracy"]["figures"]
    result = subprocess.run(
        [sys.executable, ROOT / "models/score_detector.py"], capture_output=True, text=True, check=True
    )
    measured = dict(line.split(": AP50 ") for line in result.stdout.splitlines() if ": AP50 " in line)
    assert len(figures) == len(measured)
    for figure in figures:
        words = measured[f"{figure['input']} {figure['data']} {figure['of']}"].replace(",", "").split()
        # Another processor rounds otherwise here and there.
        assert float(words[0]) == pytest.approx(figure["ap50"], abs=0.02)
        assert float(words[2]) == pytest.approx(figure["ap75"], abs=0.03)
        assert int(words[-2]) == figure["boxes"]


@pytest.mark.full
@pytest.mark.skipif(not DATA, reason="PASSANT_DATA does not say where the test data is")
def test_faces_are_found_and_hidden_as_the_manifest_says() -> None:
    manifest = tomllib.loads((ROOT / "models/manifest.toml").read_text(encoding="utf-8"))
    figures = next(model for model in manifest["model"] if model["task"] == "faces")["accuracy"]["figures"]
    result = subprocess.run(
        [sys.executable, ROOT / "models/score_faces.py"], capture_output=True, text=True, check=True
    )
    measured = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    for figure in figures:
        line = measured[f"{figure['data']} {figure['look']} {figure['threshold']:g}"]
        words = line.replace(",", "").split()
        # Another processor rounds otherwise here and there; a face is 0.018.
        for key, tolerance in {"recall": 0.02, "covered": 0.04, "false": 1.0, "heads": 0.03, "elsewhere": 0.05}.items():
            if key in figure:
                assert float(words[words.index(key) + 1]) == pytest.approx(figure[key], abs=tolerance), (line, key)
        assert int(words[-2]) == figure["boxes"]
