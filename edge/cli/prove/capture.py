"""What was captured of one run, and how it lies in a folder: the enclosure writes it, the checks read it."""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

_HEAD: Final = struct.Struct("<QI")
_PACKETS, _LOG, _PROGRESS = "packets", "log", "progress"
_FACTS, _FILES, _SEEN = "facts.json", "files", "seen"

Piece = tuple[int, bytes]
"""The Unix time in ns, and the bytes that came by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The circumstances of a run.

    `code` is the appliance's exit code, `port` the broker's; times are Unix time in ns. `packets_missed` is not 0
    where the capture has holes; `unlinked_seen` tells whether files that were removed before the end were seen too.
    """

    code: int
    port: int
    began_ns: int
    ended_ns: int
    packets_missed: int
    unlinked_seen: bool
    root: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """Everything that came out of the appliance.

    `packets` are link frames; `log` is lines of standard output and error; `files` is what lies in the state folder at
    the end, by path below it, sockets as b""; `seen` is each file as it was whenever a writer closed it. `progress`
    says at which Unix time in ns the decoder had written how often: once for each frame.
    """

    facts: Facts
    packets: tuple[Piece, ...]
    log: tuple[Piece, ...]
    progress: tuple[tuple[int, int], ...]
    files: dict[str, bytes]
    seen: tuple[tuple[str, bytes], ...]


class Recorder:
    """Writes a capture into a folder while the run goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = 0
        (folder / _SEEN).mkdir()
        self._packets = (folder / _PACKETS).open("wb")
        self._log = (folder / _LOG).open("wb")
        self._progress = (folder / _PROGRESS).open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._packets.close()
        self._log.close()
        self._progress.close()

    def packet(self, at_ns: int, content: bytes) -> None:
        """Keep a packet."""
        _write(self._packets, at_ns, content)

    def line(self, at_ns: int, content: bytes) -> None:
        """Keep a line of the log."""
        _write(self._log, at_ns, content)

    def progress(self, at_ns: int, written: int) -> None:
        """Keep how often the decoder has written by now."""
        _write(self._progress, at_ns, b"%d" % written)

    def seen(self, name: str, content: bytes) -> None:
        """Keep a file as it is at this moment."""
        self._files += 1
        with (self._folder / _SEEN / f"{self._files:06d}").open("wb") as file:
            _write(file, 0, name.encode(errors="surrogateescape"))
            _write(file, 0, content)

    def finish(self, state: Path, facts: Facts) -> None:
        """Keep the state folder's files, and what is known of the run."""
        for path in sorted(state.rglob("*")):
            there = self._folder / _FILES / path.relative_to(state)
            if path.is_dir() and not path.is_symlink():
                there.mkdir(parents=True, exist_ok=True)
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_bytes(path.read_bytes() if path.is_file() else b"")
        (self._folder / _FACTS).write_text(json.dumps(asdict(facts)), encoding="ascii")


def read_capture(folder: Path) -> Capture:
    """Read what a Recorder wrote; raises OSError where it did not come to its end."""
    files = folder / _FILES
    return Capture(
        facts=Facts(**json.loads((folder / _FACTS).read_bytes())),
        packets=tuple(_pieces(folder / _PACKETS)),
        log=tuple(_pieces(folder / _LOG)),
        progress=tuple((at_ns, int(written)) for at_ns, written in _pieces(folder / _PROGRESS)),
        files={str(path.relative_to(files)): path.read_bytes() for path in sorted(files.rglob("*")) if path.is_file()},
        seen=tuple(_seen(path) for path in sorted((folder / _SEEN).iterdir())),
    )


def _seen(path: Path) -> tuple[str, bytes]:
    (_, name), (_, content) = _pieces(path)
    return name.decode(errors="surrogateescape"), content


def _write(file: BinaryIO, at_ns: int, content: bytes) -> None:
    file.write(_HEAD.pack(at_ns, len(content)) + content)


def _pieces(path: Path) -> Iterator[Piece]:
    data, start = path.read_bytes(), 0
    while start < len(data):
        at_ns, length = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        yield at_ns, data[start : start + length]
        start += length
