"""The demo's site file, and lines for pictures that nobody has drawn lines on yet."""

import json
from collections.abc import Iterator
from pathlib import Path

from edge.cli.footage import Footage
from edge.config.site import Line, Zone, ZoneUse

ORG = "demo"
WINDOW_S = 60
# Enough to follow a car, and a small machine keeps up.
_MOST_FPS = 10


def footage_of(source: str, size: tuple[int, int]) -> Footage:
    """Draw two lines down a picture of (width, height) px, at its thirds, one across it and one zone around it."""
    width, height = size
    left, right, middle = round(width / 3), round(width * 2 / 3), round(height * 11 / 20)
    upper, lower = round(height / 5), round(height * 19 / 20)
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    return Footage(
        source=source,
        path=None,
        width=width,
        height=height,
        description="lines at the thirds and across, a zone around all",
        lines=(
            Line(id="left", start=(left, upper), end=(left, lower)),
            Line(id="right", start=(right, upper), end=(right, lower)),
            Line(id="across", start=(round(width / 20), middle), end=(round(width * 19 / 20), middle)),
        ),
        zones=(Zone(id="picture", polygon=corners, use=ZoneUse.PEDESTRIAN),),
    )


def source_of(clip: Path) -> str:
    """Name a recording as a camera's source."""
    return f"clip:{clip.absolute()}"


def site_text(footage: Footage, *, device: str, url: str, pace: float | None) -> str:
    """Write a site file; `pace` is None for a live camera."""
    return "\n".join([*_head(footage, device, pace), *_shapes(footage), *_tail(url), ""])


def _head(footage: Footage, device: str, pace: float | None) -> Iterator[str]:
    yield "version = 1"
    yield "[device]"
    yield f"org = {_quoted(ORG)}"
    yield f"id = {_quoted(device)}"
    yield "[camera]"
    yield f"source = {_quoted(footage.source)}"
    yield f"size = [{footage.width}, {footage.height}]"
    yield f"fps = {_MOST_FPS}"
    if pace is not None:
        yield f"pace = {pace}"


def _shapes(footage: Footage) -> Iterator[str]:
    for line in footage.lines:
        yield "[[lines]]"
        yield f"id = {_quoted(line.id)}"
        yield f"from = {list(line.start)}"
        yield f"to = {list(line.end)}"
    for zone in footage.zones:
        yield "[[zones]]"
        yield f"id = {_quoted(zone.id)}"
        yield f"polygon = {[list(corner) for corner in zone.polygon]}"
        yield f"use = {_quoted(zone.use.value)}"


def _tail(url: str) -> Iterator[str]:
    yield "[windows]"
    yield f"seconds = {WINDOW_S}"
    yield "[broker]"
    yield f"url = {_quoted(url)}"


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
