"""How far the work is: one line on a terminal that is drawn anew, nothing elsewhere."""

import shutil
from pathlib import PurePath
from typing import TextIO

from edge.vision.files.orders import Progressed

_WIDTH = 24
_BACK, _CLEAR = "\r", "\r\x1b[K"


class Bar:
    """The progress over so many files."""

    def __init__(self, stream: TextIO, files: int) -> None:
        self._stream = stream
        self._files = files
        self._live = stream.isatty()
        self._number = 0
        self._name = ""

    def begin(self, name: PurePath) -> None:
        """Show that the next file is begun."""
        self._number += 1
        self._name = str(name)
        self._draw("")

    def show(self, progress: Progressed) -> None:
        """Show how far the present file is."""
        total = progress.total
        if not total:
            self._draw(f"{progress.step} {progress.done}")
            return
        full = min(_WIDTH, _WIDTH * progress.done // total)
        bar = f"[{'#' * full}{'.' * (_WIDTH - full)}]"
        self._draw(f"{bar} {progress.step} {min(progress.done, total)} of {total}")

    def clear(self) -> None:
        """Take the line away."""
        if self._live:
            print(end=_CLEAR, file=self._stream, flush=True)

    def _draw(self, text: str) -> None:
        if not self._live:
            return
        files = f"{self._number} of {self._files} " if self._files > 1 else ""
        room = shutil.get_terminal_size().columns - len(files) - len(text) - 2
        name = ascii(self._name)[1:-1]
        short = name if len(name) <= room else f"…{name[1 - room :]}" if room > 1 else ""
        print(end=f"{_CLEAR}{files}{short} {text}", file=self._stream, flush=True)
