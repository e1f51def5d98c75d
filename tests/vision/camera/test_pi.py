"""The Raspberry Pi's camera where there is none: the import that fails. The camera itself is for hwtests."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from edge.vision.camera.pi import PiCamera
from edge.vision.camera.source import CameraError

_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(importlib.util.find_spec("picamera2") is not None, reason="picamera2 is installed here")
def test_without_picamera2_the_error_names_its_package() -> None:
    with pytest.raises(CameraError, match=r"sudo apt install python3-picamera2, then rm -r \.venv"), PiCamera():
        pass


def test_the_module_itself_needs_no_picamera2() -> None:
    code = "import sys, edge.vision.camera.pi; sys.exit('picamera2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=False).returncode == 0


def test_reading_needs_opening() -> None:
    with pytest.raises(CameraError, match="not open"):
        PiCamera().read(0.0)
