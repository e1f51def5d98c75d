"""`passant explain SITE --out DIR|FILE`: draws a site over a masked still or blank paper, as PNG and SVG.

An installer sees whether the geometry is right: which way is forward, whether the grid of metres lies on the ground,
what each measured point is off. It never opens the camera; a still comes from `passant still`.
"""

import argparse
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.cli.explain.page import page
from edge.cli.explain.png import png
from edge.cli.explain.svg import svg
from edge.config import Files, SiteError, check_inside, load
from edge.config.scale import scaled
from edge.config.site import Site
from edge.contract.jpeg import JpegError, jpeg_size
from edge.contract.stills import MOST_BYTES

_CANNOT: Final = 1
_ENDINGS: Final = (".png", ".svg")

Size = tuple[int, int]


class ExplainError(Exception):
    """It cannot be drawn, or not written; the text says why and how to mend it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `explain SITE`."""
    parser = subparsers.add_parser("explain", description=__doc__)
    parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR|FILE", help="a folder, or a .png or .svg file")
    parser.add_argument(
        "--still", type=Path, metavar="JPEG", help="a masked still, from `passant still`; default: blank"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw one site; 0 where all was written."""
    try:
        site = load(arguments.site, files=Files.NONE)
        still = None if arguments.still is None else _still(arguments.still)
        site, size = _on_picture(site, still)
        sheet = page(site, size, None if still is None else still[0])
        made = {".svg": svg(sheet).encode(), ".png": png(sheet)}
        for path in _outputs(arguments.out, arguments.site.stem):
            _write(path, made[path.suffix.lower()])
            print(f"{path}: {sheet.width} x {sheet.height}")
    except (SiteError, ExplainError) as error:
        print(error, file=sys.stderr)
        return _CANNOT
    return 0


def _still(path: Path) -> tuple[bytes, Size]:
    """Read a still; only what `passant still` writes is let through."""
    mend = "name one that `passant still` wrote"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ExplainError(f"{path}: is too large for a still — {mend}")
        data = path.read_bytes()
        return data, jpeg_size(data)
    except OSError as error:
        raise ExplainError(f"{path}: cannot be read ({error.strerror}) — {mend}") from None
    except JpegError as error:
        raise ExplainError(f"{path}: is no masked still: {error} — {mend}") from None


def _on_picture(site: Site, still: tuple[bytes, Size] | None) -> tuple[Site, Size]:
    """Find the size of the picture, and the site for it: a still may be smaller than the site's picture."""
    own = site.camera.size or (site.ground.size if site.ground else None)
    seen = still[1] if still else None
    size = seen or own
    if size is None:
        raise ExplainError(f"{site.path}: camera.size: is missing, so no pixel has a place — write it, or give --still")
    if own is not None and own != size:
        if abs(own[0] * size[1] - own[1] * size[0]) > max(own):
            told = f"{size[0]} x {size[1]}, and camera.size is {own[0]} x {own[1]}"
            raise ExplainError(f"the still is {told}: another shape — take one of this site")
        site = scaled(site, own, size)
    site = replace(site, camera=replace(site.camera, size=size))
    check_inside(site, size)
    return site, size


def _outputs(out: Path, stem: str) -> tuple[Path, ...]:
    if out.suffix.lower() in _ENDINGS and not out.is_dir():
        return (out,)
    if out.suffix and not out.is_dir():
        raise ExplainError(f"{out}: is no folder, and ends neither in .png nor in .svg — name one that does")
    return tuple(out / f"{stem}{ending}" for ending in _ENDINGS)


def _write(path: Path, data: bytes) -> None:
    """Write a file for its owner only, as stills are: there may be one on it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "xb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o600)) as file:
            file.write(data)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ExplainError(f"{path}: cannot be written ({error.strerror}) — name another place") from error
