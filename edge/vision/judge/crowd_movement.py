"""`crowd-movement`, experimental: many who suddenly run, stop or turn, who push against each other, or who flee.

What is now, over the last two seconds, is held against what was, over the minute before. There must be enough who move,
in both, or a family that starts to walk would be a crowd that turns. Pressure after Helbing, Johansson and Al-Abideen
2007, "Dynamics of crowd disasters: an empirical study": above 0.02 s⁻² crowds become turbulent.
"""

import math
from collections import deque
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from edge.contract.report import Severity
from edge.units import NS_PER_S, ns_from_seconds, seconds_from_ns
from edge.vision.judge.sign import NOTHING, Sign
from edge.vision.judge.view import Thing, View
from edge.vision.measure.crowd import Crowd

NOW_NS: Final = ns_from_seconds(2.0)
BEFORE_NS: Final = ns_from_seconds(60.0)
# Half seconds of measures before anything is compared.
LEAST_BEFORE: Final = 8
LEAST_MOVERS: Final = 8
# ... and now: who runs is soon out of the zone.
LEAST_NOW: Final = 4
# Running: faster than people walk, and much faster than they did.
RUNNING_MPS: Final = 2.2
FASTER: Final = 1.6
# A crowd that walked, and stands, where it is dense: a shock wave.
WALKED_MPS: Final = 0.8
SLOWER: Final = 0.35
# A stream that turned by more than a right angle, both ways faster than milling.
STREAM_MPS: Final = 0.5
# Counter-flow is ordinary on an empty square; where it is dense it jams.
OPPOSED: Final = 0.35
DENSE: Final = 2.0
# Turbulence.
PRESSURE: Final = 0.02
PRESSED: Final = 3.0
# So many of them gone in a few seconds, at a run.
FLED: Final = 0.6
FLED_NS: Final = ns_from_seconds(8.0)
LEAST_FLED: Final = 10.0
FLIGHT: Final = 1.4


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """The crowd in one second: people, movers, speed (m/s) and velocity (m/s)."""

    at_ns: int
    people: float
    movers: int
    speed: float
    velocity: tuple[float, float]


class CrowdMovement:
    """How the people of one zone, by its index, move."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._pulses: deque[Pulse] = deque()

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:  # noqa: ARG002  a crowd is no thing
        """Take in a frame."""
        crowd = view.moment.crowds[self._index] if self._index < len(view.moment.crowds) else None
        if crowd is None or not view.settled:
            return NOTHING
        self._note(crowd, view.now_ns)
        pressed = (crowd.pressure or 0.0) >= PRESSURE and (crowd.density_most or 0.0) >= PRESSED and crowd.verified
        now = [pulse for pulse in self._pulses if view.now_ns - pulse.at_ns <= NOW_NS]
        before = [pulse for pulse in self._pulses if view.now_ns - pulse.at_ns > NOW_NS]
        changed = bool(now) and len(before) >= LEAST_BEFORE and _changed(now, before, crowd)
        fled = bool(now) and _fled(now, list(self._pulses), view.now_ns)
        if not (pressed or changed or fled or _counters(crowd)):
            return NOTHING
        # What is now is a mean of so much time: it has held for as long.
        held_s = seconds_from_ns(NOW_NS) if changed else 0.0
        severity = Severity.HIGH if pressed else Severity.MEDIUM
        return Sign(on=True, kept=True, severity=severity, held_s=held_s, certain=True)

    def _note(self, crowd: Crowd, now_ns: int) -> None:
        while self._pulses and now_ns - self._pulses[0].at_ns > BEFORE_NS:
            self._pulses.popleft()
        if crowd.speed is None or crowd.velocity is None:
            return
        # A frame a second is enough; what comes sooner would only be more of the same.
        if not self._pulses or now_ns - self._pulses[-1].at_ns >= NS_PER_S // 2:
            self._pulses.append(
                Pulse(
                    at_ns=now_ns,
                    people=crowd.people,
                    movers=crowd.movers,
                    speed=crowd.speed,
                    velocity=crowd.velocity,
                )
            )


def _changed(now: list[Pulse], before: list[Pulse], crowd: Crowd) -> bool:
    if fmean(pulse.movers for pulse in before) < LEAST_MOVERS:
        return False
    speed, usual = fmean(pulse.speed for pulse in now), fmean(pulse.speed for pulse in before)
    stopped = usual >= WALKED_MPS and speed <= SLOWER * usual and (crowd.density_most or 0.0) >= DENSE
    if stopped:
        return True
    if fmean(pulse.movers for pulse in now) < LEAST_NOW:
        return False
    return (speed >= RUNNING_MPS and speed >= FASTER * usual) or _turned(now, before)


def _turned(now: list[Pulse], before: list[Pulse]) -> bool:
    (x0, y0), (x1, y1) = _mean_velocity(before), _mean_velocity(now)
    both = math.hypot(x0, y0) >= STREAM_MPS and math.hypot(x1, y1) >= STREAM_MPS
    return both and x0 * x1 + y0 * y1 < 0.0


def _mean_velocity(pulses: list[Pulse]) -> tuple[float, float]:
    return fmean(pulse.velocity[0] for pulse in pulses), fmean(pulse.velocity[1] for pulse in pulses)


def _fled(now: list[Pulse], pulses: list[Pulse], now_ns: int) -> bool:
    earlier = [pulse for pulse in pulses if FLED_NS <= now_ns - pulse.at_ns <= 2 * FLED_NS]
    if not earlier:
        return False
    were, usual = fmean(pulse.people for pulse in earlier), fmean(pulse.speed for pulse in earlier)
    people, speed = fmean(pulse.people for pulse in now), max(pulse.speed for pulse in pulses[-len(now) - 8 :])
    return were >= LEAST_FLED and people <= FLED * were and speed >= max(FLIGHT * usual, RUNNING_MPS)


def _counters(crowd: Crowd) -> bool:
    dense = (crowd.density_most or 0.0) >= DENSE and crowd.movers >= LEAST_MOVERS
    return dense and (crowd.opposed or 0.0) >= OPPOSED
