"""Reads a site file into checked values, or tells all that is wrong with it at once."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edge.config.alarm import settings
from edge.config.bollard import bollards
from edge.config.broker import broker
from edge.config.camera import camera
from edge.config.clock import clock
from edge.config.disk import Files
from edge.config.document import parse, read_bytes
from edge.config.fault import KeyPath, Notes, SiteError
from edge.config.ground import ground
from edge.config.legal import legal
from edge.config.lines import lines
from edge.config.privacy import privacy
from edge.config.site import Detector, Device, Site
from edge.config.table import Table, is_number
from edge.config.zones import zones
from edge.contract.bounds import DEFAULT_WINDOW_S, LEAST_WINDOW_S, MOST_WINDOW_S

__all__ = ["Files", "Reading", "SiteError", "load", "read"]

VERSION = 1

_KEYS = (
    *("version", "device", "place", "camera", "ground", "lines", "zones", "bollards", "windows", "legal", "alarms"),
    *("detector", "privacy", "broker"),
)
_DAY_S = 86_400
_MODEL = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_MOST_TILES = 8
_MOST_THREADS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A site, and where in its file each thing stands: all that is in the site stands there in the same order."""

    site: Site
    lines: dict[KeyPath, int]


def load(path: Path, *, files: Files = Files.ALL, models: Collection[str] | None = None) -> Site:
    """Read and check a site file; `files` says which of the files it names must be there, `models` which models are.

    Raises SiteError, which holds every fault with its line, and nothing else.
    """
    return read(path, files=files, models=models).site


def read(path: Path, *, files: Files = Files.ALL, models: Collection[str] | None = None) -> Reading:
    """Read and check a site file, as `load` does; gives the lines of its keys too, for `advice`."""
    content = read_bytes(path)
    values, key_lines = parse(path, content)
    notes = Notes(file=path, lines=key_lines)
    root = Table(values=values, where=(), known=_KEYS, notes=notes)
    folder = path.absolute().parent
    _version(root)
    device = _device(root)
    eye = camera(root, folder, files)
    size = eye.size if eye else None
    own = clock(root)
    taken: dict[str, str] = {}
    site_ground = ground(root, size)
    site_lines, site_zones = lines(root, size, taken, own), zones(root, size, taken, own)
    places = tuple(taken)
    site_bollards = bollards(root, size, taken)
    if root.is_blank("lines") and root.is_blank("zones"):
        root.fault("lines", "there is neither a line nor a zone", "write at least one [[lines]] or [[zones]]")
    window_s = _window_s(root)
    site_legal = legal(root, places, own)
    site_alarms = settings(root)
    detector = _detector(root, models)
    site_privacy = privacy(root, size)
    site_broker = broker(root, folder, files, eye, site_legal.mode)
    if notes.faults or device is None or eye is None:
        raise notes.error()
    site = Site(
        path=path.absolute(),
        hash64=int.from_bytes(hashlib.sha256(content).digest()[:8], "big"),
        device=device,
        camera=eye,
        lines=site_lines,
        zones=site_zones,
        window_s=window_s,
        legal=site_legal,
        detector=detector,
        broker=site_broker,
        privacy=site_privacy,
        ground=site_ground,
        bollards=site_bollards,
        alarms=site_alarms,
        time_zone=own.zone,
    )
    return Reading(site=site, lines=key_lines)


def _version(root: Table) -> None:
    root.require("version", f"version = {VERSION}, as the first line")
    version = root.whole("version", 0, 2**31)
    if version not in {None, VERSION}:
        root.fault("version", f"is {version}", f"this Passant reads version {VERSION}")


def _device(root: Table) -> Device | None:
    root.require("device", '[device] with org = "nice" and id = "promenade-042"')
    table = root.table("device", ("org", "id"))
    if "device" in root:
        table.require("org", 'org = "nice"')
        table.require("id", 'id = "promenade-042"')
    org, name = table.id("org"), table.id("id")
    return Device(org=org, id=name) if org and name else None


def _window_s(root: Table) -> int:
    table = root.table("windows", ("seconds",))
    seconds = table.whole("seconds", LEAST_WINDOW_S, MOST_WINDOW_S)
    if seconds is not None and (seconds % LEAST_WINDOW_S or _DAY_S % seconds):
        mend = "write a multiple of 60 that divides a day evenly: 60, 120, 180, 300, 600, 900, 1800 or 3600"
        table.fault("seconds", f"windows of {seconds} s do not line up with the day", mend)
    return seconds or DEFAULT_WINDOW_S


def _detector(root: Table, models: Collection[str] | None) -> Detector:
    default = Detector()
    table = root.table("detector", ("model", "tiles", "threads"))
    model = table.text("model")
    if model is not None and not _MODEL.fullmatch(model):
        table.fault("model", "is not a model's name", "see passant models for those there are")
    elif model is not None and models is not None and model not in models:
        table.fault("model", f"no model of road users is called {model}", f"choose one of: {', '.join(models)}")
    threads = table.whole("threads", 1, _MOST_THREADS)
    tiles = None if "tiles" not in table or table.is_word("tiles", "auto") else _tiles(table)
    return Detector(model=model or default.model, tiles=tiles, threads=threads or default.threads)


def _tiles(table: Table) -> tuple[int, int] | None:
    mend = f'write [columns, rows], each from 1 to {_MOST_TILES}, or "auto"'
    match table.items("tiles", mend):
        case [int(columns), int(rows)] if all(is_number(n) and 1 <= n <= _MOST_TILES for n in (columns, rows)):
            return columns, rows
        case list():
            table.fault("tiles", "is not a cut of the picture", mend)
    return None
