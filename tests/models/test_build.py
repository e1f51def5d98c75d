"""The scripts that make the shipped models again, run again."""

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.full
@pytest.mark.skipif(
    platform.machine() != "x86_64" or None in {shutil.which("python3.11"), shutil.which("npm")},
    reason="the build wants x86_64, and python3.11 and npm on the PATH",
)
def test_it_gives_the_same_bytes_again(tmp_path: Path) -> None:
    made = tmp_path / "again.tflite"
    result = subprocess.run(
        ["python3.11", ROOT / "models/build_ssdlite.py", "--output", made], check=False, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert made.read_bytes() == (ROOT / "models/ssdlite-mobilenet-v2-coco.int8.tflite").read_bytes()


@pytest.mark.full
@pytest.mark.skipif(
    platform.machine() != "x86_64" or shutil.which("python3.11") is None,
    reason="the build wants x86_64, and python3.11 on the PATH",
)
def test_the_face_detector_comes_out_the_same(tmp_path: Path) -> None:
    made = tmp_path / "again.tflite"
    result = subprocess.run(
        ["python3.11", ROOT / "models/build_centerface.py", "--output", made],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert made.read_bytes() == (ROOT / "models/centerface.int8.tflite").read_bytes()
