"""A few lines that are drawn anew on a terminal; plain lines, each once, everywhere else."""

import os
import shutil
import threading
from collections.abc import Iterable
from typing import TextIO


class Screen:
    """Where the demo writes; safe to use from several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0
        self._lock = threading.Lock()
        self.live = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        """Whether lines can be drawn anew."""

    def draw(self, lines: Iterable[str]) -> None:
        """Draw lines over those drawn before; only where the screen is live."""
        if self.live:
            self._replace(lines)

    def keep(self, lines: Iterable[str]) -> None:
        """Write lines that stay, over those drawn before."""
        self._replace(lines)
        self._drawn = 0

    def say(self, line: str) -> None:
        """Write one line that stays."""
        with self._lock:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def _replace(self, lines: Iterable[str]) -> None:
        # A line that wraps would take two rows, and the next drawing would begin one too low.
        width = shutil.get_terminal_size().columns
        cut = [line[:width] if self.live else line for line in lines]
        # Up to the first row that was drawn, and clear from there: ECMA-48 CPL and ED.
        back = f"\x1b[{self._drawn}F\x1b[J" if self.live and self._drawn else ""
        with self._lock:
            self._stream.write(back + "".join(f"{line}\n" for line in cut))
            self._stream.flush()
            self._drawn = len(cut)
