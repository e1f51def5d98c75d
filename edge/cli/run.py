"""`passant run`: both processes, each with its own rights; `passant vision` and `passant publisher`: one of them."""

import argparse
import logging
import os
import pwd
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.setup_folder import made_setup_folder
from edge.config import Files, SiteError, load
from edge.confine import IsolationError
from edge.confine.process import end_with_parent
from edge.contract.stills import SETUP_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.config.site import Site

_CANNOT_RUN = 2


class UserError(Exception):
    """There is no such user; the text says how to mend it."""


class StateFolderError(Exception):
    """The state folder cannot be made; the text says why and how to mend it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run`, `vision` and `publisher`."""
    for name, purpose, run in (
        ("run", "Run the appliance: the process that sees and the one that speaks.", _both),
        ("vision", "Run the process that sees pixels and has no network.", _vision),
        ("publisher", "Run the process that has the network and sees no pixel.", _publisher),
    ):
        parser = subparsers.add_parser(name, description=purpose)
        parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
        state = "where state is kept; default: the service's, else ~/.local/state/passant/DEVICE"
        parser.add_argument("--state", type=Path, metavar="DIR", help=state)
        if name != "run":
            channel = "the socket between the two; default: in the publisher's part of the state folder"
            parser.add_argument("--channel", type=Path, metavar="PATH", help=channel)
        if name == "publisher":
            user = "whom vision runs as, where it is another user than the publisher"
            parser.add_argument("--vision-user", metavar="NAME", help=user)
        parser.add_argument(
            "--no-isolation",
            action="store_true",
            help="for development only: run where isolation cannot be proven, and say so in every message",
        )
        parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
        parser.set_defaults(run=run)


def state_folder(site: "Site", asked: Path | None) -> Path:
    """Choose the state folder: the one asked for, systemd's, or the user's own by the device's id."""
    if asked is not None:
        return asked.absolute()
    systemd = os.environ.get("STATE_DIRECTORY")
    if systemd:
        return Path(systemd.partition(":")[0])
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home, "passant", site.device.id)


def channel_path(state: Path) -> Path:
    """Tell where the channel of a state folder is: the publisher listens, in its own folder."""
    return state / "publisher" / "channel"


def _both(arguments: argparse.Namespace) -> int:
    # Neither side needs it.
    from edge.cli.supervisor import Supervisor  # noqa: PLC0415

    def start(site: "Site", state: Path) -> int:
        if site.broker is None:
            sys.stderr.write(f"{site.path}: names no broker; write [broker] url\n")
            return _CANNOT_RUN
        return Supervisor(site, state, isolation=not arguments.no_isolation).run()

    return _started(arguments, "run", Files.ALL, start)


def _vision(arguments: argparse.Namespace) -> int:
    def start(site: "Site", state: Path) -> int:
        # The publisher must not load this side, nor this side the publisher.
        from edge.vision.process import ASKED_TO_END, run  # noqa: PLC0415

        setup = _setup(state)
        channel = arguments.channel or channel_path(state)
        code = run(site, state / "vision", channel, setup, isolation=not arguments.no_isolation)
        return 0 if code == ASKED_TO_END and not arguments.supervised else code

    return _started(arguments, "vision", Files.CLIP, start)


def _publisher(arguments: argparse.Namespace) -> int:
    def start(site: "Site", state: Path) -> int:
        # See _vision.
        from edge.publisher.process import run  # noqa: PLC0415

        channel = arguments.channel or channel_path(state)
        allowed = _user_ids(arguments.vision_user)
        return run(site, state / "publisher", channel, isolation=not arguments.no_isolation, allowed_uids=allowed)

    return _started(arguments, "publisher", Files.BROKER, start)


def _started(arguments: argparse.Namespace, name: str, files: Files, start: "Callable[[Site, Path], int]") -> int:
    """Read the site file and start; 2 where starting again does not help before something is mended."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format=f"%(asctime)s {name:<9} %(levelname)-8s %(message)s"
    )
    try:
        if arguments.supervised:
            end_with_parent()
        site = load(arguments.site, files=files)
        return start(site, _made(state_folder(site, arguments.state)))
    except SiteError as error:
        sys.stderr.write(f"{error}\n")
    except IsolationError as error:
        logging.getLogger(__name__).critical("refuses to run: %s", error)
    except (StateFolderError, UserError) as error:
        sys.stderr.write(f"{error}\n")
    return _CANNOT_RUN


def _made(folder: Path) -> Path:
    with _told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _user_ids(name: str | None) -> tuple[int, ...]:
    if name is None:
        return ()
    try:
        return (pwd.getpwnam(name).pw_uid,)
    except KeyError:
        raise UserError(
            f"--vision-user: there is no user {name}; sudo systemd-sysusers makes those of the units"
        ) from None


def _setup(state: Path) -> Path:
    with _told(state / SETUP_FOLDER):
        return made_setup_folder(state)


@contextmanager
def _told(folder: Path) -> "Iterator[None]":
    try:
        yield
    except OSError as error:
        raise StateFolderError(f"{folder}: {error.strerror}; choose another state folder (--state)") from error
