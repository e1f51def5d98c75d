"""Whom the doctor looks at: a site, its state folder, and what of the appliance runs there now.

Nothing is locked and nothing is connected to for it: a vision that starts at that very moment must not notice.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.cli.run import channel_path, state_folder
from edge.config import Files, SiteError, load
from edge.config.site import Site

SERVICE_STATE: Final = Path("/var/lib/passant")
_ROOT: Final = Path(__file__).resolve().parents[3]
# Where systemd/ has it.
_SERVICE_CHANNEL: Final = Path("/run/passant/channel")
_LOCKS: Final = Path("/proc/locks")
_UNIX_SOCKETS: Final = Path("/proc/net/unix")


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """A site, or why there is none; the state folder; the vision that works there, by its process id."""

    site: Site | None
    # Why the site file cannot be used: each fault with line, cause and mend.
    faults: tuple[str, ...]
    state: Path
    # None where none runs; 0 where one runs, and the kernel does not tell us which.
    vision: int | None
    publisher: bool


def patient(path: Path | None, state: Path | None) -> Patient:
    """Read a site file, if one is named, and find out what runs."""
    site: Site | None = None
    faults: tuple[str, ...] = ()
    if path is not None:
        try:
            site = load(path, files=Files.ALL)
        except SiteError as error:
            faults = tuple(map(str, error.faults))
    folder = _state(site, state)
    return Patient(
        site=site,
        faults=faults,
        state=folder,
        vision=lock_holder(folder / "vision" / "lock"),
        publisher=_listens(channel_path(folder)) or (folder == SERVICE_STATE and _listens(_SERVICE_CHANNEL)),
    )


def _state(site: Site | None, asked: Path | None) -> Path:
    """Choose the folder asked for; else that of a run by this user, where there is one; else the service's."""
    if asked is not None:
        return asked.absolute()
    if site is None:
        return SERVICE_STATE
    own = state_folder(site, None)
    return own if own.exists() or not SERVICE_STATE.exists() else SERVICE_STATE


def environment() -> dict[str, str]:
    """Have workers run the very package that runs now, with the libraries that it has, and write nothing beside it."""
    paths = [os.fspath(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def lock_holder(lock: Path, locks: Path = _LOCKS) -> int | None:
    """Tell which process holds a lock file, by /proc/locks; 0 where it is of another PID namespace, None for nobody."""
    try:
        found = lock.stat()
        lines = locks.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    key = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    for line in lines:
        words = line.split()
        # A line with an arrow is of somebody who waits.
        if "->" not in words and key in words:
            return max(0, int(words[4]))
    return None


def _listens(channel: Path) -> bool:
    try:
        lines = _UNIX_SOCKETS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.endswith(f" {channel}") for line in lines)
