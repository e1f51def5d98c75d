"""The life of one alarm: idle, candidate, open, spent. One alarm for a kind at a place, however many frames and things.

Idle → candidate at the first sign; → open (RAISED) once the signs have held; → idle (CLEARED) once they have been gone
for long enough. An open one that has said all there is to say ends (EXPIRED) and is spent: what raised it must be gone
before it can raise another.
"""

from enum import Enum, unique
from typing import Final

from edge.config.site import AlarmSetting
from edge.contract.report import AlarmPhase
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.judge.sign import Sign

# One frame's sign is an accident, two may be one mistake of the detector: its mistakes last.
LEAST_LOOKS: Final = 3
# A candidate may be out of sight for half its hold, within these bounds: a missed detection is no departure.
LEAST_PATIENCE_S: Final = 0.5
MOST_PATIENCE_S: Final = 2.0


@unique
class Stage(Enum):
    """Where an alarm is in its life."""

    IDLE = "idle"
    CANDIDATE = "candidate"
    OPEN = "open"
    SPENT = "spent"


class Life:
    """The state of one kind of alarm at one place; times are ns of one clock that never goes back."""

    def __init__(self, setting: AlarmSetting) -> None:
        self.stage = Stage.IDLE
        self.since_ns = 0
        self._hold_ns = ns_from_seconds(setting.hold_s)
        self._clear_ns = ns_from_seconds(setting.clear_s)
        self._expire_ns = ns_from_seconds(setting.expire_s)
        self._patience_ns = ns_from_seconds(min(max(setting.hold_s / 2, LEAST_PATIENCE_S), MOST_PATIENCE_S))
        self._raised_ns = 0
        self._kept_ns = 0
        self._looks = 0

    def step(self, sign: Sign, now_ns: int) -> AlarmPhase | None:
        """Take in the sign of one frame; gives RAISED, CLEARED, EXPIRED or None."""
        if sign.kept or sign.on:
            self._kept_ns = now_ns
        if self.stage is Stage.IDLE and sign.on:
            self.stage, self.since_ns, self._looks = Stage.CANDIDATE, now_ns, 0
        if self.stage is Stage.CANDIDATE:
            return self._grow(sign, now_ns)
        if self.stage is Stage.OPEN:
            return self._last(now_ns)
        if self.stage is Stage.SPENT and now_ns - self._kept_ns >= self._clear_ns:
            self.stage = Stage.IDLE
        return None

    def shut(self) -> AlarmPhase | None:
        """End it because it may not be raised now, or nobody looks; gives EXPIRED where it was open."""
        was, self.stage = self.stage, Stage.IDLE
        return AlarmPhase.EXPIRED if was is Stage.OPEN else None

    def rest(self, now_ns: int) -> None:
        """Note that nothing is seen: a candidate is forgotten, and time unseen is not time gone."""
        self._kept_ns = now_ns
        if self.stage is Stage.CANDIDATE:
            self.stage = Stage.IDLE

    def age_s(self, now_ns: int) -> float:
        """Tell for how long it has been open."""
        return (now_ns - self._raised_ns) / NS_PER_S

    def _grow(self, sign: Sign, now_ns: int) -> AlarmPhase | None:
        if now_ns - self._kept_ns > self._patience_ns:
            self.stage = Stage.IDLE
            return None
        if not sign.on:
            return None
        self._looks += 1
        self.since_ns = min(self.since_ns, now_ns - ns_from_seconds(sign.held_s))
        if self._looks < LEAST_LOOKS or now_ns - self.since_ns < self._hold_ns:
            return None
        self.stage, self._raised_ns = Stage.OPEN, now_ns
        return AlarmPhase.RAISED

    def _last(self, now_ns: int) -> AlarmPhase | None:
        if self._kept_ns < now_ns and now_ns - self._kept_ns >= self._clear_ns:
            self.stage = Stage.IDLE
            return AlarmPhase.CLEARED
        if now_ns - self._raised_ns >= self._expire_ns:
            self.stage = Stage.SPENT
            return AlarmPhase.EXPIRED
        return None
