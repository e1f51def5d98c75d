"""`passant check SITE`: lists every fault of a site file, or says in words what it asks for.

It needs nothing but Python, so that `./passant check` works before anything is installed. What more there is to see
where OpenCV is installed, it looks at too: a recording is opened, and lines, zones and polygons are held against its
pictures.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from edge.config import SiteError, check_inside, load
from edge.config.fault import Fault
from edge.config.site import Broker, CameraSite, Line, Privacy, PrivacyFill, PrivacyLevel, Site, SourceKind
from edge.vision.detect.manifest import ModelError, Task, models_folder, of_task, read_manifest

# Eighths of a turn, clockwise from rightwards as y points down; the right hand is a quarter further.
_COMPASS = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")
_QUARTER = 2
_PATIENCE_S = 1.0
_MASKED = {
    PrivacyLevel.FACES_AND_PLATES: "faces, plates, heads and the lower parts of vehicles",
    PrivacyLevel.PEOPLE_AND_VEHICLES: "people, vehicles and what moves",
    PrivacyLevel.ALL_BUT_BACKGROUND: "all but what stays as it is",
}
_FILLED = {
    PrivacyFill.SOLID: "in one colour",
    PrivacyFill.PIXELATE: "in large cells",
    PrivacyFill.BLUR: "in large cells drawn smoothly",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `check SITE`."""
    parser = subparsers.add_parser("check", description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check one site file; 0 when it can be used."""
    try:
        models = of_task(read_manifest(models_folder()), Task.ROAD_USERS)
        site = load(arguments.site, models=models)
        notes = list(_compared(site))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    except SiteError as error:
        print(error, file=sys.stderr)
        count = len(error.faults)
        print(f"{arguments.site}: {count} fault{'s'[: count != 1]}", file=sys.stderr)
        return 1
    print("\n".join([*summary(site), *notes]))
    return 0


def summary(site: Site) -> Iterator[str]:
    """Say in plain lines what a site asks for; no credential is among them."""
    yield f"device   {site.device.id} of {site.device.org}"
    yield f"camera   {_camera(site.camera)}"
    for line in site.lines:
        yield f"line     {line.id}: {_line(line)}"
    for zone in site.zones:
        yield f"zone     {zone.id}: {len(zone.polygon)} corners, {zone.use.value}"
    yield f"windows  {site.window_s} s, aligned to UTC"
    yield f"legal    {site.legal.mode.value}: counts and averages only, no alerts"
    tiles = site.detector.tiles
    cut = f"cut {tiles[0]} x {tiles[1]}" if tiles else "cut where it calls for it"
    yield f"detector {site.detector.model}, picture {cut}, threads: {site.detector.threads}"
    yield f"privacy  {_privacy(site.privacy)}"
    yield f"broker   {_broker(site.broker)}"


def _compared(site: Site) -> Iterator[str]:
    """Hold the site against a recording's pictures; gives notes of what was not done, raises SiteError."""
    if site.camera.replay:
        try:
            check_inside(site, _picture_size(site))
        except ModuleNotFoundError as missing:
            yield f"note     the recording was not opened: {missing.name} is not installed yet"
        else:
            return
    if site.camera.size is None:
        yield "note     lines, zones and privacy polygons not compared with the picture: camera.size is not given"


def _picture_size(site: Site) -> tuple[int, int]:
    # Imported here, since it may not be installed yet.
    from edge.vision.camera import open_camera  # noqa: PLC0415
    from edge.vision.camera.source import CameraError  # noqa: PLC0415

    try:
        with open_camera(site.camera) as camera:
            while (frame := camera.read(_PATIENCE_S)) is None:
                pass
            return frame.size
    except CameraError as error:
        cause, _, mend = str(error).partition("; ")
        mend = mend or "name a recording that plays"
        raise SiteError((Fault(file=site.path, line=None, key="camera.source", cause=cause, mend=mend),)) from None


def _camera(camera: CameraSite) -> str:
    source = camera.kind.value if camera.kind is SourceKind.PI else f"{camera.kind.value}:{camera.target}"
    size = f"{camera.size[0]} x {camera.size[1]} px" if camera.size else "the source's own size"
    rate = f"at most {camera.fps:g} frames a second" if camera.fps else "the source's own rate"
    replay = f", a recording, {camera.pace:g} times as fast" if camera.replay else ""
    return f"{source}, {size}, {rate}{replay}{', looped' if camera.loop else ''}"


def _line(line: Line) -> str:
    (x0, y0), (x1, y1) = line.start, line.end
    arrow = _eighth(x1 - x0, y1 - y0)
    forward = _COMPASS[(arrow + _QUARTER) % len(_COMPASS)]
    ends = f"from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g})"
    return f"{ends}, an arrow to the {_COMPASS[arrow]}; forward is across it to the {forward}"


def _eighth(dx: float, dy: float) -> int:
    """Find the eighth of a turn that a direction is nearest to, clockwise from rightwards."""
    return round(math.atan2(dy, dx) / (math.tau / len(_COMPASS))) % len(_COMPASS)


def _privacy(privacy: Privacy) -> str:
    hidden = _MASKED[privacy.level]
    drawn = len(privacy.polygons)
    polygons = f"; {drawn} polygon{'s'[: drawn != 1]} that nobody looks at" if drawn else ""
    return f"{privacy.level.value}: stills mask {hidden}, {_FILLED[privacy.fill]}{polygons}"


def _broker(broker: Broker | None) -> str:
    if broker is None:
        return "none: enough for analyse, not for run"
    if broker.certificate:
        who = "by certificate"
    else:
        who = "by user name and password file" if broker.username else "without credentials"
    channel = "TLS" if broker.tls else "unencrypted"
    return f"{broker.host}, port {broker.port}, {channel}, {who}"
