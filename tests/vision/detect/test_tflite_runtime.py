"""The same boxes under LiteRT and under tflite-runtime, the latter in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from edge.vision.detect.decode import iou

ROOT = Path(__file__).parents[3]
PACKAGES = ("tflite-runtime==2.14.0", "numpy<2", "opencv-python-headless<4.12")


class Found(TypedDict):
    boxes: list[list[float]]
    kinds: list[int]


class Answer(TypedDict):
    runtimes: list[str]
    found: list[Found]


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python 3.11 with tflite-runtime and without LiteRT."""
    python = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")
    if python is None:
        pytest.skip("tflite-runtime 2.14 wants a python3.11, and there is none")
    folder = tmp_path_factory.mktemp("older") / "venv"
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = folder / "bin" / "python"
    got = subprocess.run([own, "-m", "pip", "install", "-q", *PACKAGES], check=False, capture_output=True, text=True)
    if got.returncode:
        pytest.skip(f"pip cannot install tflite-runtime here: {got.stderr.strip().splitlines()[-1]}")
    return own


def boxes_by(python: Path | str, pictures: list[Path]) -> Answer:
    code = "from tests.vision.detect.boxes import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [python, "-c", code, *pictures], check=True, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    answer: Answer = json.loads(result.stdout)
    return answer


@pytest.mark.full
def test_both_runtimes_give_the_same_boxes(older: Path) -> None:
    data = os.environ.get("PASSANT_DATA")
    pictures = sorted((Path(data).absolute() / "objects/coco_val2017/images").glob("*.jpg")) if data else []
    new, old = boxes_by(sys.executable, pictures), boxes_by(older, pictures)
    assert new["runtimes"] == ["ai_edge_litert"]
    assert old["runtimes"] == ["tflite_runtime"]
    assert sum(len(found["boxes"]) for found in new["found"]) > 20
    for ours, theirs in zip(new["found"], old["found"], strict=True):
        assert ours["kinds"] == theirs["kinds"]
        boxes, others = (np.array(found["boxes"], np.float32).reshape(-1, 4) for found in (ours, theirs))
        assert (np.diag(iou(boxes, others)) >= 0.95).all()
