"""How far a card is: on a terminal in one line that is written over, else a line for each thing that is done."""

import sys
import time
from typing import Self

_EVERY_S = 0.2


class Meter:
    """Shows progress on standard error."""

    def __init__(self) -> None:
        self._doing = ""
        self._began_s = self._shown_s = 0.0
        self._lively = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._lively and self._doing:
            print(file=sys.stderr)

    def tell(self, doing: str, done: int, total: int) -> None:
        """Show that so many bytes of so many are done."""
        now_s = time.monotonic()
        if doing != self._doing:
            if self._lively and self._doing:
                print(file=sys.stderr)
            self._doing, self._began_s, self._shown_s = doing, now_s, 0.0
            if not self._lively:
                print(f"{doing}: {total / 10**6:.1f} MB", file=sys.stderr)
        if self._lively and (done >= total or now_s - self._shown_s >= _EVERY_S):
            self._shown_s = now_s
            rate = done / max(now_s - self._began_s, _EVERY_S) / 10**6
            print(f"\r{doing}: {100 * done // total} %, {rate:.0f} MB/s   ", end="", file=sys.stderr, flush=True)
