"""A few lines that are drawn anew on a terminal; plain lines, each once, everywhere else."""

import os
import re
import shutil
import textwrap
import threading
from collections.abc import Iterable
from typing import TextIO

# A continuation begins under the text behind a label of at most so many columns.
_WIDEST_LABEL = 12


class Screen:
    """Where the demo writes; safe to use from several threads.

    Where the reader goes away, `say` keeps quiet about it, since it may be called in any thread; the next `draw` or
    `keep` raises BrokenPipeError.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0
        self._lock = threading.Lock()
        self._gone: BrokenPipeError | None = None
        self.live = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        """Whether lines can be drawn anew."""

    def draw(self, lines: Iterable[str]) -> None:
        """Draw lines over those drawn before, cut to the terminal; only where the screen is live."""
        columns, rows = shutil.get_terminal_size()
        # A line that wraps, or one that scrolls away, would make the next drawing begin at the wrong row.
        self._replace([line[:columns] for line in lines][: rows - 1] if self.live else [])

    def keep(self, lines: Iterable[str]) -> None:
        """Write lines that stay, over those drawn before; on a terminal they wrap at words."""
        columns = shutil.get_terminal_size().columns
        self._replace([row for line in lines for row in wrapped(line, columns)] if self.live else list(lines))
        self._drawn = 0

    def say(self, line: str) -> None:
        """Write one line that stays."""
        self._write(f"{line}\n")

    def _replace(self, lines: list[str]) -> None:
        # Up to the first row that was drawn, and clear from there: ECMA-48 CPL and ED.
        back = f"\x1b[{self._drawn}F\x1b[J" if self._drawn else ""
        self._write(back + "".join(f"{line}\n" for line in lines))
        self._drawn = len(lines) if self.live else 0
        if self._gone is not None:
            raise self._gone

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except BrokenPipeError as gone:
                self._gone = gone


def wrapped(line: str, columns: int) -> list[str]:
    """Break a line at its words, continued under the text behind its label; a longer word stays whole."""
    label = re.match(r"\S*  +", line)
    indent = len(label.group()) if label and len(label.group()) <= _WIDEST_LABEL else 2
    return textwrap.wrap(
        line, columns, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    ) or [""]
