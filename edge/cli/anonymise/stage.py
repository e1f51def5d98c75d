"""Where OUTPUT comes into being: a folder beside its place, from which it is moved there once it is whole.

Nothing under a name that somebody asked for is ever half written; what a killed run leaves is called `.….partial-…`.
"""

import os
import secrets
import shutil
from pathlib import Path, PurePath

from edge.vision.durable import sync_folder

_LONGEST_NAME = 60


class RefusedError(Exception):
    """The command cannot do what it is asked; says where, what and how to mend it."""

    def __init__(self, path: object, cause: str, mend: str) -> None:
        super().__init__(f"{path}: {cause} — {mend}")


class Stage:
    """The stage of one run. `work` is the one folder in which the worker may write."""

    def __init__(self, output: Path, *, folder: bool) -> None:
        self._output = output
        # Where OUTPUT is an empty folder it may be a mount: inside, so that a move stays on one disk.
        self._inside = folder and output.is_dir()
        self._folder = folder
        name = f".{'passant' if self._inside else output.name[:_LONGEST_NAME]}.partial-{secrets.token_hex(4)}"
        self._root = (output if self._inside else output.parent) / name
        self.work = self._root / "work"
        self._whole = self._root / "whole"
        try:
            self._root.mkdir(mode=0o700)
            self.work.mkdir(mode=0o700)
            self._whole.mkdir()
        except OSError as error:
            self.discard()
            mend = "make the folder, or choose one of your own"
            raise RefusedError(output, f"cannot be made ({error.strerror})", mend) from None

    def take(self, made: Path, name: PurePath) -> None:
        """Take a file that the worker has finished; raises OSError."""
        place = self._whole / name
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)

    def publish(self) -> None:
        """Give OUTPUT its name; raises OSError, FileExistsError where somebody else has taken it meanwhile."""
        if self._inside:
            for entry in sorted(self._whole.iterdir()):
                self._move(entry, self._output / entry.name)
        elif self._folder:
            self._move(self._whole, self._output)
        else:
            (made,) = self._whole.iterdir()
            self._move(made, self._output)
        sync_folder(self._output if self._inside else self._output.parent)

    def discard(self) -> None:
        """Remove what is left of the stage."""
        shutil.rmtree(self._root, ignore_errors=True)

    @staticmethod
    def _move(source: Path, place: Path) -> None:
        if os.path.lexists(place):
            raise FileExistsError(17, os.strerror(17), str(place))
        source.rename(place)


def check_places(source: Path, output: Path) -> bool:
    """Check INPUT and OUTPUT against each other; True where they are folders. Raises RefusedError."""
    is_folder = _check_input(source)
    if os.path.lexists(output):
        _check_taken(source, output, is_folder=is_folder)
    if not output.parent.is_dir():
        raise RefusedError(output.parent, "there is no such folder", "make it, or choose another output")
    if is_folder and (output.parent.resolve() / output.name).is_relative_to(source.resolve()):
        raise RefusedError(output, "lies inside the input, which is never changed", "choose a place outside of it")
    return is_folder


def _check_input(source: Path) -> bool:
    mend = "name a picture, a film or a folder of them"
    if not source.exists():
        raise RefusedError(source, "does not exist", mend)
    if not source.is_dir() and not source.is_file():
        raise RefusedError(source, "is neither a file nor a folder", mend)
    return source.is_dir()


def _check_taken(source: Path, output: Path, *, is_folder: bool) -> None:
    if output.exists() and output.samefile(source):
        raise RefusedError(output, "is the input itself, which is never changed", "choose another output")
    if not is_folder and output.is_dir():
        raise RefusedError(output, "is a folder", "name the new file in it")
    if not is_folder or output.is_symlink() or not output.is_dir():
        raise RefusedError(output, "exists, and is not written over", "choose another output, or remove it")
    if any(output.iterdir()):
        raise RefusedError(output, "is not empty", "choose a new folder, or empty this one")
