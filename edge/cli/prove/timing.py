"""The check of the moments: when windows were told, against when vision had seen them to their end.

When it had is known by the kernel's word: the decoder writes once for each frame that vision takes, so that a machine
that is slow is slow in both. What an honest appliance adds is a moment of numbering, storing and sending. Bits that are
told by waiting make that lateness scatter.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import pstdev
from typing import Final

from edge.cli.prove.finding import Channel, Finding
from edge.cli.prove.messages import Said
from edge.cli.prove.street import FPS, WINDOW_S
from edge.units import NS_PER_S
from edge.vision.camera.tokens import SLOTS

LEAST_S: Final = 0.25
"""A spread under this many seconds is never taken for a leak: of 22 honest runs on a busy machine one reached 0.18."""
_MARGIN: Final = 1.25
_FEWEST: Final = 3
# The decoder says that it is open, and is ahead by its slots.
_AHEAD: Final = SLOTS + 1


def spread_s(said: Said, progress: Sequence[tuple[int, int]]) -> float:
    """Compute how far the windows' lateness scatters, in seconds; 0 where there are too few to tell."""
    late = lateness_s(said, progress)
    return pstdev(late) if len(late) >= _FEWEST else 0.0


def lateness_s(said: Said, progress: Sequence[tuple[int, int]]) -> list[float]:
    """Compute for each window but the last, which no frame follows, how long after its end it was told, in seconds."""
    firsts: dict[str, int] = {}
    for event in said.events():
        firsts.setdefault(_window(event.payload), event.at_ns)
    told = sorted(firsts.values())
    found = []
    for place, at_ns in enumerate(told[:-1]):
        frames = round((place + 1) * WINDOW_S * FPS)
        seen = next((seen_ns for seen_ns, written in progress if written >= frames + _AHEAD), None)
        if seen is not None:
            found.append((at_ns - seen) / NS_PER_S)
    return found


def gap_s(said: Said) -> float:
    """Find the longest pause inside one window's burst of messages, in seconds."""
    bursts: dict[str, list[int]] = {}
    for event in said.events():
        bursts.setdefault(_window(event.payload), []).append(event.at_ns)
    gaps = (later - earlier for times in bursts.values() for earlier, later in pairwise(times))
    return max(gaps, default=0) / NS_PER_S


def threshold_s(honest: Sequence[float]) -> float:
    """Choose from the spreads of honest runs what is too much: the largest of them and a margin.

    Of n + 1 honest runs alike each is the largest with 1 in n + 1: with 19 others, and without the margin, 1 in 20.
    """
    return max(LEAST_S, _MARGIN * max(honest, default=0.0))


def check_timing(spread: float, gap: float, honest: Sequence[tuple[float, float]]) -> list[Finding]:
    """Compare a run's spread and longest gap with those of honest runs."""
    found = []
    for what, value, others in (
        ("the windows' lateness scatters by", spread, [one for one, _ in honest]),
        ("a pause inside a window's messages of", gap, [one for _, one in honest]),
    ):
        most = threshold_s(others)
        if value > most:
            found.append(Finding(channel=Channel.TIMING, text=f"{what} {value:.2f} s, where {most:.2f} s is the most"))
    return found


def _window(payload: bytes) -> str:
    """Take the window's beginning out of an event, as text; only to tell windows apart."""
    return payload.partition(b'"from":"')[2][:20].decode("ascii", errors="replace")
