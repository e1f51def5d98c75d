"""What a site file names on disk: which of it is looked at, and whether it is there."""

import os
import stat
from enum import Flag, auto
from pathlib import Path


class Files(Flag):
    """Which files that a site names must be there: each process looks at its own, `check` at all."""

    NONE = 0
    CLIP = auto()
    BROKER = auto()
    ALL = CLIP | BROKER


def regular_file_cause(path: Path) -> str | None:
    """Say why a path is not a file that this user can read, or None where it is one.

    Looked at before it is opened: opening a pipe would wait for whoever writes into it.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "does not exist"
    except (OSError, ValueError) as error:
        return f"cannot be looked at ({_reason(error)})"
    if stat.S_ISDIR(mode):
        return "is a directory"
    if not stat.S_ISREG(mode):
        return "is not a regular file"
    return None if os.access(path, os.R_OK) else "cannot be read by this user"


def others_can_read(path: Path) -> bool:
    """Tell whether a file's group or everybody may read or write it."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "no reason given") if isinstance(error, OSError) else "not a path"
