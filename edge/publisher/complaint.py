"""A fault said once a minute, however often it happens."""

import logging
import time

REPEAT_S = 60.0
_MOST_TEXTS = 64


class Complaints:
    """Warnings in the log, each text at most once in `REPEAT_S` seconds."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said: dict[str, float] = {}

    def say(self, text: str) -> None:
        """Log `text` as a warning unless it was said within the last minute."""
        now = time.monotonic()
        if now - self._said.get(text, -REPEAT_S) < REPEAT_S:
            return
        if len(self._said) >= _MOST_TEXTS:
            self._said.clear()
        self._said[text] = now
        self._log.warning("%s", text)
