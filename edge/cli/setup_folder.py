"""The folder in which an installer on the device asks for stills: `<state>/setup`, for root and the setup group."""

import grp
import logging
import os
import stat
from pathlib import Path
from typing import Final

from edge.contract.stills import SETUP_FOLDER, SETUP_GROUP

_log = logging.getLogger(__name__)

# With the group: what is made in it belongs to the group as well (set-group-ID).
_FOR_GROUP: Final = 0o2770
_FOR_OWNER: Final = 0o700
_THROUGH: Final = stat.S_IXGRP


def setup_group() -> int | None:
    """Tell the id of the setup group; None where this device has none."""
    try:
        return grp.getgrnam(SETUP_GROUP).gr_gid
    except KeyError:
        return None


def made_setup_folder(state: Path) -> Path:
    """Make the folder in a state folder, or mend its owner and mode; where that is not allowed root alone may ask.

    Members of the group need a way through the state folder, and get no more than that. Raises OSError where there can
    be no folder.
    """
    folder, group = state / SETUP_FOLDER, setup_group()
    folder.mkdir(mode=_FOR_OWNER, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        return folder  # whoever made it chose its mode
    if group is None:
        folder.chmod(_FOR_OWNER)
        return folder
    try:
        # Where the unit's systemd-tmpfiles made it, it is right already, and may not be changed from here.
        if (folder.stat().st_gid, stat.S_IMODE(folder.stat().st_mode)) != (group, _FOR_GROUP):
            os.chown(folder, -1, group)
            folder.chmod(_FOR_GROUP)
        _let_through(state, group)
    except PermissionError:
        _log.warning("only root can take stills: %s cannot be given to the group %s from here", folder, SETUP_GROUP)
    return folder


def _let_through(state: Path, group: int) -> None:
    found = state.stat()
    if found.st_mode & stat.S_IXOTH or (found.st_gid == group and found.st_mode & _THROUGH):
        return
    os.chown(state, -1, group)
    state.chmod(stat.S_IMODE(found.st_mode) | _THROUGH)
