"""The inner wall of the proof: the appliance sees a machine that can only be read, but for its state folder.

Run as a program: `python -m edge.cli.prove.chamber STATE COMMAND…` confines itself and becomes the command.
"""

import os
import sys
from pathlib import Path
from typing import Never

from edge.confine import namespace

CANNOT = 125
"""The exit code where this machine does not allow such a wall."""
# Whoever listens here would carry bytes out that no network sees.
_SOCKETS = Path("/run")


def main(words: list[str]) -> Never:
    """Confine and become `COMMAND`; the exit code is CANNOT where that is refused."""
    state, command = Path(words[0]), words[1:]
    no_sockets = not _SOCKETS.is_dir() or namespace.give_fresh(_SOCKETS)
    if not (no_sockets and namespace.hide_devices() and namespace.write_only_below(state)):
        sys.exit(CANNOT)
    os.execv(command[0], command)  # noqa: S606  the words are our own


if __name__ == "__main__":
    main(sys.argv[1:])
