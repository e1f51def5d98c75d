"""A zone's fit as TOML, and its way into a site file of which every other byte stays as it is."""

import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.config import Files, SiteError, load
from edge.config.site import CrowdFit, Site

_HEADER: Final = re.compile(rb"^[ \t]*\[(\[?)[ \t]*([A-Za-z0-9_.\-\" \t]+?)[ \t]*\]\]?[ \t]*(#.*)?\r?$")
_ZONES: Final = "zones"
_CROWD: Final = "zones.crowd"


class CrowdFileError(Exception):
    """The fit cannot be written into the site file; the text says why and what to do."""


def crowd_table(found: CrowdFit) -> str:
    """Write a fit as the table that belongs beneath its zone."""
    weights = ", ".join(f"{weight:.6g}" for weight in found.weights)
    return f"[zones.crowd]\nweights = [{weights}]\nerror = {found.error:g}\nmoments = {found.moments}"


def written(path: Path, zone: str, found: CrowdFit) -> None:
    """Put a zone's fit into its site file, in place of the one that is there; whole, or not at all.

    The new file is read and compared before it takes the old one's place: nothing but the fit may differ. Raises
    CrowdFileError and SiteError; the file is then as it was.
    """
    before = load(path, files=Files.NONE)
    index = [one.id for one in before.zones].index(zone)
    try:
        content = path.read_bytes()
        new = inserted(content, index, crowd_table(found))
        # A link stays a link: what it leads to is replaced.
        _replaced(path.resolve(), new, lambda fresh: _check(fresh, before, index, found))
    except OSError as error:
        raise CrowdFileError(f"{path}: {error.strerror} — paste the lines above beneath the zone yourself") from error


def inserted(content: bytes, index: int, table: str) -> bytes:
    """Put a table at the end of the zone of that index, or in place of the zone's old one; raises CrowdFileError."""
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    lines = content.splitlines(keepends=True)
    headers = [(number, name) for number, line in enumerate(lines) if (name := _header(line)) is not None]
    zones = [number for number, name in headers if name == _ZONES]
    if index >= len(zones):
        raise CrowdFileError("the zones are not written as [[zones]] — paste the lines above beneath the zone yourself")
    within = [(number, name) for number, name in headers if number > zones[index]]
    end = next((number for number, name in within if not name.startswith(f"{_ZONES}.")), len(lines))
    own = [number for number, name in within if number < end and name == _CROWD]
    block = [line.encode() + newline for line in table.split("\n")]
    if own:
        begin = own[0]
        end = next((number for number, _ in within if number > begin), len(lines))
        end = _without_tail(lines, begin, end)
        return b"".join([*lines[:begin], *block, *lines[end:]])
    end = _without_tail(lines, zones[index], end)
    head = lines[:end]
    if head and not head[-1].endswith(b"\n"):
        head = [*head[:-1], head[-1] + newline]
    return b"".join([*head, newline, *block, *lines[end:]])


def _header(line: bytes) -> str | None:
    """Give the name in a table's header, without blanks and quotes; None where the line is none."""
    found = _HEADER.match(line.rstrip(b"\n"))
    return None if found is None else re.sub(rb"[ \t\"]", b"", found[2]).decode()


def _without_tail(lines: list[bytes], begin: int, end: int) -> int:
    """Leave blank lines and comments before the next header to it."""
    while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(b"#")):
        end -= 1
    return end


def _check(path: Path, before: Site, index: int, found: CrowdFit) -> None:
    try:
        after = load(path, files=Files.NONE)
    except SiteError:
        after = before
    zones = list(before.zones)
    zones[index] = replace(zones[index], crowd=found)
    if after != replace(before, path=after.path, hash64=after.hash64, zones=tuple(zones)):
        raise CrowdFileError(
            f"{before.path}: it is written in a way that this cannot add to — paste the lines above beneath the zone"
        )


def _replaced(path: Path, content: bytes, check: Callable[[Path], None]) -> None:
    """Replace a file at once, its owner and rights kept, if the new one passes the check."""
    old = path.stat()
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".toml", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), old.st_mode & 0o7777)
            with suppress(PermissionError):
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
            os.fsync(file.fileno())
        check(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
