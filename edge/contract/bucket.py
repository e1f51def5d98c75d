"""How many messages may be said now, so that in no hour there are more than so many: the token bucket.

Both ends count with the same one, vision before it sends and the publisher before it stores, so that what an honest
vision sends is never too much.
"""

from typing import Final

from edge.contract import bounds

_HOUR_S: Final = 3600.0
ALARM_TOKENS_A_S: Final = (bounds.MOST_ALARM_MESSAGES_AN_HOUR - bounds.ALARM_BURST) / _HOUR_S
"""With these and the burst there are never more than `bounds.MOST_ALARM_MESSAGES_AN_HOUR` in an hour."""


class TokenBucket:
    """Holds `burst` tokens at most and gains `per_s` of them a second; a message takes one."""

    def __init__(self, now_s: float, *, burst: float = bounds.ALARM_BURST, per_s: float = ALARM_TOKENS_A_S) -> None:
        self._burst = float(burst)
        self._per_s = per_s
        self._tokens = self._burst
        self._filled_s = now_s

    def holds(self, now_s: float) -> float:
        """Tell how many tokens there are at a time in seconds that no setting of the clock moves."""
        gained = max(0.0, now_s - self._filled_s) * self._per_s
        self._tokens = min(self._tokens + gained, self._burst)
        self._filled_s = now_s
        return self._tokens

    def take(self, now_s: float) -> None:
        """Take one for a message; there may be less than none afterwards."""
        self._tokens = self.holds(now_s) - 1
