"""Sources of frames, each behind the protocol in edge.vision.camera.source."""

from pathlib import Path

from edge.config.site import CameraSite, SourceKind
from edge.vision.camera.source import Camera


def open_camera(camera: CameraSite) -> Camera:
    """Make the source that a site asks for; `with` opens it.

    Each kind is imported only here and only when asked for: picamera2 is no dependency.
    """
    if camera.loop and camera.replay:
        from edge.vision.camera.loop import LoopedCamera  # noqa: PLC0415 - see above

        return LoopedCamera(lambda: _source(camera))
    return _source(camera)


def _source(camera: CameraSite) -> Camera:
    if camera.kind is SourceKind.CLIP:
        from edge.vision.camera.clip import ClipCamera  # noqa: PLC0415 - see above

        return ClipCamera(Path(camera.target), size=camera.size, fps=camera.fps)
    if camera.kind is SourceKind.SYNTHETIC:
        from edge.vision.camera.synthetic import SyntheticCamera  # noqa: PLC0415 - see above

        return SyntheticCamera(camera.target, size=camera.size, fps=camera.fps)
    if camera.kind is SourceKind.V4L2:
        from edge.vision.camera.v4l2 import V4l2Camera  # noqa: PLC0415 - see above

        return V4l2Camera(camera.target, size=camera.size, fps=camera.fps)
    from edge.vision.camera.pi import PiCamera  # noqa: PLC0415 - see above

    return PiCamera(size=camera.size, fps=camera.fps)
