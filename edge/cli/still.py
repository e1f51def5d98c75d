"""`passant still --out FILE`: take one masked still from the device that runs here, for aiming its camera."""

import argparse
import os
import secrets
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Final, NoReturn

from edge.cli.run import state_folder
from edge.cli.setup_folder import setup_group
from edge.cli.still_line import Line, StillLineError
from edge.config import Files, SiteError, load
from edge.contract.jpeg import JpegError, jpeg_size
from edge.contract.stills import SETUP_FOLDER, SETUP_GROUP, StillError, StillHeader, StillState

_CANNOT: Final = 1
# What a service under systemd keeps its state in, and is not told to the one who asks.
_SERVICE_STATE: Final = Path("/var/lib/passant")
_WHY: Final = {
    StillState.NO_PICTURE: "the camera gives no picture that can be used, or the clock is not set; look into the log",
    StillState.NO_MODEL: "a model that masks is missing; run ./passant models",
    StillState.FAILED: "masking failed; look into the log of passant run",
    StillState.NOT_PROVEN: "nothing is proven of the picture yet; ask again in some seconds",
    StillState.EXPOSURE: "the exposure jumped; ask again in some seconds",
    StillState.MOVED: "the camera moved; hold it still and ask again",
    StillState.NIGHT: "the camera switched between day and night; ask again in some seconds",
    StillState.GAP: "pictures were missing; ask again in some seconds",
    StillState.EVEN: "nothing can be told apart in the picture; is the lens covered?",
    StillState.UNSEEN: "no detector looked at the picture in time; ask again, or lower camera.fps",
}
_MAY_NOT: Final = (
    f"only root and members of the group {SETUP_GROUP} may take a still — use sudo, or sudo adduser NAME {SETUP_GROUP} "
    "and log in anew"
)


class StillFileError(Exception):
    """The still cannot be written; the text says why and how to mend it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `still`."""
    parser = subparsers.add_parser("still", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the JPEG, written anew where it is there"
    )
    parser.add_argument("--site", type=Path, metavar="SITE", help="finds the state folder of a run by this user")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the state folder of the run; default: the service's")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take one still; 0 where a picture was written, be it black for a reason that is told."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _require_right()
        folder = _state(arguments) / SETUP_FOLDER
        with _new_file(arguments.out) as file:
            with Line(folder) as line:
                header, picture = line.receive()
            _check(header, picture)
            file.write(picture)
    except (SiteError, StillFileError, StillLineError) as error:
        sys.stderr.write(f"{error}\n")
        return _CANNOT
    except (StillError, JpegError) as error:
        sys.stderr.write(f"vision's answer was refused: {error} — run one version of passant on this device\n")
        return _CANNOT
    print(_told(arguments.out, header))
    return 0


def _require_right() -> None:
    if os.geteuid() != 0 and setup_group() not in {os.getegid(), *os.getgroups()}:
        raise StillLineError(_MAY_NOT)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _state(arguments: argparse.Namespace) -> Path:
    """Find the state folder: the one asked for, that of the service, or that of a site run by this very user."""
    if arguments.state is not None:
        return Path(arguments.state).absolute()
    if arguments.site is not None:
        own = state_folder(load(arguments.site, files=Files.NONE), None)
        return own if own.joinpath(SETUP_FOLDER).exists() else _SERVICE_STATE
    return _SERVICE_STATE


@contextmanager
def _new_file(out: Path) -> Iterator[BinaryIO]:
    """Open a file beside `out`, for its owner only, that takes its place once all of it is on disk.

    It is made before anything is asked for, so that nobody waits for a still that has nowhere to go. Where it goes
    wrong, nothing is left. Raises StillFileError.
    """
    partial = out.with_name(f".{out.name[:100]}.{secrets.token_hex(8)}.partial")
    try:
        _require_file(out)
        with open(partial, "xb", opener=_for_us_only) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        raise StillFileError(f"{out}: cannot be written ({error.strerror}) — name another file") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _for_us_only(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _require_file(out: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(out.lstat().st_mode):
            raise StillFileError(f"{out}: something that is no file lies here — name a file that may be written anew")


def _check(header: StillHeader, picture: bytes) -> None:
    if jpeg_size(picture) != (header.width, header.height):
        raise StillError("the picture has another size than its header")


def _told(out: Path, header: StillHeader) -> str:
    size = f"{out}: {header.width} x {header.height}"
    return f"{size}, masked" if header.state is StillState.SHOWN else f"{size}, black: {_WHY[header.state]}"
