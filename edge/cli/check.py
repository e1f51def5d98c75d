"""`passant check SITE`: lists every fault of a site file, or says in words what it asks for.

It needs nothing but Python, so that `./passant check` works before anything is installed. What more there is to see
where OpenCV is installed, it looks at too: a recording is opened, and all that is drawn is held against its pictures.
What is no fault but odd - a permit that is over, ground that nothing verifies - is noted beneath, with its line.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from edge.cli.summary import summary
from edge.config import SiteError, check_inside
from edge.config.advice import advice
from edge.config.disk import Files
from edge.config.fault import Fault, Notes
from edge.config.load import Reading, read
from edge.config.metres import unmet_ceiling
from edge.config.site import Site
from edge.ground.calibration import Calibration, calibrate
from edge.vision.detect.manifest import ModelError, Task, models_folder, of_task, read_manifest

_PATIENCE_S = 1.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `check SITE`."""
    parser = subparsers.add_parser("check", description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check one site file; 0 when it can be used."""
    try:
        lines = list(checked(arguments.site, time.time()))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    except SiteError as error:
        print(error, file=sys.stderr)
        count = len(error.faults)
        print(f"{arguments.site}: {count} fault{'s'[: count != 1]}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


def checked(path: Path, now_s: float, *, files: Files = Files.ALL) -> Iterator[str]:
    """Say what a site file asks for, and what is odd about it at a Unix time; `files` are those it names and needs now.

    Raises SiteError with all its faults, and ModelError where the models are not there.
    """
    reading = read(path, files=files, models=of_task(read_manifest(models_folder()), Task.ROAD_USERS))
    site = reading.site
    size, left_out = _size(reading)
    plane = _plane(site, size)
    _check_ceiling(reading, plane)
    yield from summary(site, plane)
    yield from (f"note     {note}" for note in advice(reading, now_s=now_s, size=size, plane=plane))
    yield from (f"note     {note}" for note in left_out)


def _size(reading: Reading) -> tuple[tuple[int, int] | None, list[str]]:
    """Find the size of the site's pictures (w, h), if it can be known, and hold the site against that of a recording.

    Gives notes of what was not done, too; raises SiteError.
    """
    site, left_out = reading.site, []
    if site.camera.replay:
        try:
            size = _picture_size(site)
        except ModuleNotFoundError as missing:
            left_out.append(f"the recording was not opened: {missing.name} is not installed yet")
        else:
            check_inside(site, size, reading.lines)
            return size, left_out
    if site.camera.size is None:
        left_out.append("lines, zones and privacy polygons not compared with the picture: camera.size is not given")
    return site.camera.size, left_out


def _plane(site: Site, size: tuple[int, int] | None) -> Calibration | None:
    known = size or (site.ground and site.ground.size)
    return calibrate(site.ground, known) if site.ground and known else None


def _check_ceiling(reading: Reading, plane: Calibration | None) -> None:
    """Raise SiteError where the pictures are to be scaled down, and nobody knows by how much."""
    unmet = unmet_ceiling(reading.site, plane)
    if unmet:
        notes = Notes(file=reading.site.path, lines=reading.lines)
        notes.add(*unmet)
        raise notes.error()


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
