"""The camera of a site file: the grammar of its source, the picture's size, the pace of a recording."""

import re
from pathlib import Path

from edge.config.disk import Files, regular_file_cause
from edge.config.fault import quoted
from edge.config.site import CameraSite, SourceKind
from edge.config.table import Table

SCENES = ("promenade", "crossing", "square", "still", "busy", "parade", "market", "faulty")
"""The scenes that can be drawn, by name: those of edge.vision.camera.scenes, which cannot be asked without numpy."""

_KEYS = ("source", "size", "fps", "pace", "loop")
_GRAMMAR = "write pi, v4l2:/dev/video0, clip:street.mp4 or synthetic:promenade"
_NETWORK = re.compile(r"\s*(?:(?:https?|rtsps?|rtmps?|udp|tcp|srt|ftp|onvif)(?=:)|\w+(?=://))", re.IGNORECASE)
_ADDRESS = "://"
_FILM = re.compile(r"[\w./ -]+\.(?:avi|mp4|mkv|webm|mov|m4v)", re.IGNORECASE)
_DEVICE = re.compile(r"/dev/[\w./-]+")
_NIGHT = "-night"
_LEAST_PX, _MOST_PX = 16, 8_192
# Slower pictures leave gaps that nobody has observed.
_LEAST_FPS, _MOST_FPS = 1, 120
_LEAST_PACE, _MOST_PACE = 0.1, 1_000


def camera(root: Table, folder: Path, files: Files) -> CameraSite | None:
    """Read `[camera]`; paths in it are relative to the folder."""
    root.require("camera", '[camera] with source = "pi"')
    table = root.table("camera", _KEYS)
    if "camera" in root:
        table.require("source", 'source = "pi"')
    source = _source(table, folder, files)
    size = _size(table)
    fps = table.number("fps", _LEAST_FPS, _MOST_FPS)
    pace = table.number("pace", _LEAST_PACE, _MOST_PACE)
    loop = table.flag("loop")
    if source is None:
        return None
    kind, target = source
    site = CameraSite(kind=kind, target=target, size=size, fps=fps, pace=pace or 1.0, loop=loop or False)
    for key in ("pace", "loop"):
        if key in table and not site.replay:
            table.fault(key, "is for recordings only", "take it out, or use a clip: or synthetic: source")
    return site


def _source(table: Table, folder: Path, files: Files) -> tuple[SourceKind, str] | None:
    """Read the source; what is no source is never quoted, for a camera's URL often holds a password."""
    text = table.text("source")
    if text is None:
        return None
    if _ADDRESS in text or any(map(_NETWORK.match, (text, text.partition(":")[2]))):
        mend = "vision has no network: connect the camera to this device, or record a clip:"
        table.fault("source", "is a network camera", mend)
        return None
    if text == SourceKind.PI.value:
        return SourceKind.PI, ""
    word, colon, target = text.partition(":")
    if not colon or word not in {kind.value for kind in SourceKind} - {SourceKind.PI.value}:
        table.fault("source", "is no source that there is", _meant(text) or _GRAMMAR)
        return None
    kind = SourceKind(word)
    return _target(table, kind, target, folder, files)


def _meant(text: str) -> str | None:
    """Guess what a source without its kind was meant to be; quotes only what can hold no credential."""
    for pattern, kind in ((_DEVICE, SourceKind.V4L2), (_FILM, SourceKind.CLIP)):
        if pattern.fullmatch(text):
            return f"did you mean {kind.value}:{text}?"
    return f"did you mean {SourceKind.SYNTHETIC.value}:{text}?" if text in SCENES else None


def _target(table: Table, kind: SourceKind, target: str, folder: Path, files: Files) -> tuple[SourceKind, str] | None:
    if kind is SourceKind.V4L2:
        if _DEVICE.fullmatch(target):
            return kind, target
        table.fault("source", "v4l2: needs a device", "write it as in v4l2:/dev/video0")
    elif kind is SourceKind.SYNTHETIC:
        if target.removesuffix(_NIGHT) in SCENES:
            return kind, target
        mend = f"write one of {', '.join(SCENES)}, each also with {_NIGHT} behind it"
        table.fault("source", f"{quoted(target)} is no scene that there is", mend)
    elif not target:
        table.fault("source", "clip: needs a file", "write it as in clip:street.mp4, relative to this file")
    else:
        clip = folder / target
        cause = regular_file_cause(clip) if Files.CLIP in files else None
        if cause is None:
            return kind, str(clip)
        table.fault("source", f"{quoted(target)} {cause}", "name a recording, relative to this file")
    return None


def _size(table: Table) -> tuple[int, int] | None:
    values = table.items("size")
    if values is None:
        return None
    match values:
        case [int(width), int(height)] if all(_LEAST_PX <= side <= _MOST_PX for side in (width, height)):
            return width, height
    table.fault("size", "is not a picture's size", f"write [width, height], each from {_LEAST_PX} to {_MOST_PX}")
    return None
