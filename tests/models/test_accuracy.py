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
    stated = manifest["model"][0]["accuracy"]
    result = subprocess.run(
        [sys.executable, ROOT / "models/score_detector.py"], capture_output=True, text=True, check=True
    )
    assert len(stated["figures"]) == 3
    for figure in stated["figures"]:
        line = next(line for line in result.stdout.splitlines() if line.startswith(f"{figure['data']} "))
        words = line.replace(":", "").replace(",", "").split()
        measured = {name: float(words[words.index(name) + 1]) for name in ("AP50", "AP75")}
        assert measured["AP50"] == pytest.approx(figure["ap50"], abs=0.02), line
        assert measured["AP75"] == pytest.approx(figure["ap75"], abs=0.02), line
