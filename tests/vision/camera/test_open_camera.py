"""From a site's camera to its source, and nothing imported that was not asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge.config.site import CameraSite, SourceKind
from edge.vision.camera import open_camera
from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.loop import LoopedCamera
from edge.vision.camera.pi import PiCamera
from edge.vision.camera.source import Camera
from edge.vision.camera.synthetic import SyntheticCamera
from edge.vision.camera.v4l2 import V4l2Camera

_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("kind", "target", "source"),
    [
        (SourceKind.CLIP, "/x/a.avi", ClipCamera),
        (SourceKind.SYNTHETIC, "still", SyntheticCamera),
        (SourceKind.V4L2, "/dev/video0", V4l2Camera),
        (SourceKind.PI, "", PiCamera),
    ],
)
def test_each_kind_has_its_source(kind: SourceKind, target: str, source: type[Camera]) -> None:
    assert type(open_camera(CameraSite(kind=kind, target=target))) is source


def test_a_drawn_street_keeps_size_rate_and_loop() -> None:
    site = CameraSite(kind=SourceKind.SYNTHETIC, target="still", size=(160, 90), fps=5.0, loop=True)
    with open_camera(site) as camera:
        assert isinstance(camera, LoopedCamera)
        frame = camera.read(1.0)
        assert frame is not None
        assert frame.size == (160, 90)
        following = camera.read(1.0)
        assert following is not None
        assert following.taken_ns == 200_000_000


def test_a_live_camera_is_never_looped() -> None:
    assert type(open_camera(CameraSite(kind=SourceKind.V4L2, target="/dev/video0", loop=True))) is V4l2Camera


def test_one_kind_does_not_import_the_others() -> None:
    code = (
        "import sys\n"
        "from edge.config.site import CameraSite, SourceKind\n"
        "from edge.vision.camera import open_camera\n"
        "open_camera(CameraSite(kind=SourceKind.CLIP, target='/x/a.avi'))\n"
        "print(*sorted(m for m in sys.modules if m.startswith(('edge.vision.camera.', 'cv2', 'picamera2'))))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True, capture_output=True, text=True).stdout
    loaded = {name.rsplit(".", 1)[-1] for name in out.split()}
    assert loaded == {"child", "clip", "rate", "shape", "source", "tokens"}
