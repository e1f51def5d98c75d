"""The process that masks files: `python -m edge.vision.files.worker FOLDER`. It sees pixels and has no network.

Orders come on its standard input and answers go to its standard output, a line each; the one folder it may write
to is FOLDER. It is confined before anything else is loaded, and ends with its parent.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Final

from edge.config.site import SourceKind
from edge.confine import IsolationError, probe, process, syscalls
from edge.vision import crash
from edge.vision.files.orders import Unable
from edge.vision.files.post import Post
from edge.vision.hush import hushed
from edge.vision.isolation import confine

_UNIX: Final = (("AF_UNIX", 1, 5, 0),)


def main(arguments: list[str]) -> int:
    """Work until there are no more orders; gives the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    post = Post(sys.stdin.buffer, hushed())
    with crash.quiet_hooks():
        try:
            process.end_with_parent()
            setup = post.setup()
            isolated = _confine(Path(arguments[0]), isolation=setup.isolation)
        except IsolationError as error:
            post.say(Unable(why=str(error)))
            return 1
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Imported only now: numpy starts threads, and the confinement must come before the first.
        from edge.vision.files.jobs import work  # noqa: PLC0415

        return work(post, setup, isolated=isolated)


def _confine(folder: Path, *, isolation: bool) -> bool:
    """Give up what vision gives up, and the one kind of socket that it keeps."""
    proven = confine(state=folder, camera_kind=SourceKind.CLIP, allow_unproven=not isolation)
    if isolation:
        syscalls.load(syscalls.sockets_except(()))
        if probe.everywhere(lambda: probe.sockets(_UNIX)):
            raise IsolationError("a Unix socket can be made; run it on a Linux kernel with seccomp")
    return proven


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
