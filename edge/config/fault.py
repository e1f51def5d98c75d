"""What is wrong with a site file: every fault with its line, its key, its cause and its mend."""

import re
from dataclasses import dataclass, field
from pathlib import Path

KeyPath = tuple[str | int, ...]
"""Where a value stands in the document: names of tables and keys, indices of arrays."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,48}")
_MOST_QUOTED = 100


def quoted(value: object) -> str:
    """Quote a value for a message, short and without control characters."""
    # Python refuses to write out an integer of more than some 4,000 digits, which hexadecimal TOML can hold.
    text = "so large a number" if isinstance(value, int) and abs(value) >= 10**_MOST_QUOTED else ascii(value)
    return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"


def key_name(where: KeyPath) -> str:
    """Write a key path as people do: `lines[0].from`."""
    name = ""
    for part in where:
        if isinstance(part, int):
            name += f"[{part}]"
        else:
            name += ("." if name else "") + (part if _BARE_KEY.fullmatch(part) else quoted(part))
    return name


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong, and what to do about it."""

    file: Path
    # Counted from 1; None when the file as a whole is meant.
    line: int | None
    # As in `lines[0].from`; empty when no key is meant.
    key: str
    cause: str
    mend: str

    def __str__(self) -> str:
        """Write the fault on one line: file, line, key, cause, mend."""
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        subject = f"{self.key}: " if self.key else ""
        return f"{place}: {subject}{self.cause} — {self.mend}"


class SiteError(ValueError):
    """A site file that cannot be used; holds all its faults, for whoever wrote the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(kw_only=True, slots=True)
class Notes:
    """Gathers the faults of one file while it is read."""

    file: Path
    # The line of each key path that stands in the file.
    lines: dict[KeyPath, int]
    faults: list[Fault] = field(default_factory=list)

    def add(self, where: KeyPath, cause: str, mend: str) -> None:
        """Note a fault at a key; of a key that is not there, the line of its table is told."""
        self.faults.append(
            Fault(file=self.file, line=self._line(where), key=key_name(where), cause=cause, mend=mend),
        )

    def error(self) -> SiteError:
        """Make the error that holds all that was noted."""
        return SiteError(self.in_order())

    def in_order(self) -> tuple[Fault, ...]:
        """Give all that was noted, in the order of the lines."""
        return tuple(sorted(self.faults, key=lambda fault: fault.line or 0))

    def _line(self, where: KeyPath) -> int:
        for end in range(len(where), 0, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 1
