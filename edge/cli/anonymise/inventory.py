"""What lies at INPUT: pictures and films, each with its format, and all that is neither."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from edge.vision.files.kind import FORMATS, HEAD_BYTES, Format, Kind, by_ending, format_of, same_ending

_AGAIN = "copy it again from where it was taken"
_WRITABLE = ", ".join(FORMATS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A picture or film to mask. `name` is its path under INPUT, the file's own name where INPUT is that file."""

    source: Path
    name: PurePath
    found: Format
    write_as: Format


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A picture or film that cannot be written, and what mends it."""

    name: PurePath
    cause: str
    mend: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """All that was found; `skipped` is what is neither picture nor film, with what it is."""

    items: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: list[tuple[PurePath, str]] = field(default_factory=list)

    def add(self, source: Path, name: PurePath, write_as: Format | None = None) -> None:
        """Add a regular file; `write_as` where it is to have another format than now."""
        try:
            found = _format(source)
        except OSError as error:
            self._unreadable(name, error)
            return
        if found is None:
            self.skipped.append((name, "neither a picture nor a film"))
            return
        target = write_as or found
        if found.ending == "" and (write_as is None or found.kind is Kind.PICTURE or found.name.startswith("an ")):
            self.faults.append(_unwritable(source, name, found))
        elif found.kind is not target.kind:
            mend = f"name an output that ends in {found.ending or '.mp4'}"
            self.faults.append(Fault(name=name, cause=f"is a {found.kind.value}, {target.name} is none", mend=mend))
        else:
            self.items.append(Item(source=source, name=name, found=found, write_as=target))

    def _unreadable(self, name: PurePath, error: OSError) -> None:
        cause = f"cannot be read ({error.strerror})"
        if format_of(b"", name.name) is None:
            self.skipped.append((name, cause))
        else:
            self.faults.append(Fault(name=name, cause=cause, mend="let this user read it (chmod, chown)"))


def of_file(source: Path, output: Path) -> Inventory:
    """Take stock of a single file, to be written in the format that OUTPUT's name asks for."""
    inventory = Inventory()
    name = PurePath(source.name)
    asked = None if same_ending(source.name, output.name) else by_ending(output.name)
    if asked is None and not same_ending(source.name, output.name):
        cause = f"{output.name} does not end as a picture or film that can be written"
        inventory.faults.append(Fault(name=name, cause=cause, mend=f"name one of {_WRITABLE}"))
        return inventory
    inventory.add(source, name, asked)
    for _, why in inventory.skipped:
        inventory.faults.append(Fault(name=name, cause=f"is {why}", mend=f"name one of {_WRITABLE}"))
    inventory.skipped.clear()
    return inventory


def of_folder(root: Path) -> Inventory:
    """Take stock of a folder and those below, in the order of their names; links are not followed."""
    inventory = Inventory()
    for entry, name in _walk(root, PurePath(), inventory):
        if entry.is_file(follow_symlinks=False):
            inventory.add(Path(entry.path), name)
        else:
            inventory.skipped.append((name, _kind_of(entry)))
    return inventory


def _walk(folder: Path, name: PurePath, inventory: Inventory) -> Iterator[tuple["os.DirEntry[str]", PurePath]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        cause = f"the folder cannot be read ({error.strerror})"
        inventory.faults.append(Fault(name=name, cause=cause, mend="let this user read it (chmod, chown)"))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), name / entry.name, inventory)
        else:
            yield entry, name / entry.name


def _kind_of(entry: "os.DirEntry[str]") -> str:
    mode = entry.stat(follow_symlinks=False).st_mode
    for is_kind, name in ((stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket")):
        if is_kind(mode):
            return name
    return "a device"


def _format(source: Path) -> Format | None:
    # Between the look and this it may have become a link or a pipe.
    number = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as file:
        return format_of(file.read(HEAD_BYTES), source.name)


def _unwritable(source: Path, name: PurePath, found: Format) -> Fault:
    if source.stat().st_size == 0:
        return Fault(name=name, cause="the file is empty", mend=_AGAIN)
    if found.name.startswith("an "):
        return Fault(name=name, cause=f"holds no {found.kind.value}, or {found.name}", mend=f"{_AGAIN}, or convert it")
    if found.kind is Kind.FILM:
        return Fault(name=name, cause=f"is {found.name}", mend="anonymise it by itself, to an output that ends in .mp4")
    return Fault(name=name, cause=f"is {found.name}", mend="save it as JPEG or PNG first; MP4 where it moves")
