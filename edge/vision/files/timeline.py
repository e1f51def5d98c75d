"""A film's frames laid out at a constant rate: how many a second, and where frames are missing.

A film's file is written at one rate. Where its frames came at uneven times, they keep their number and the film its
length; where they came evenly but for gaps, and the file says that there were more, the gaps are filled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.units import NS_PER_S

_USUAL_FPS: Final = 25.0
_LEAST_FPS: Final = 0.1
_MOST_FPS: Final = 240.0
# An interval that is off by less than this share of a period is a whole number of them.
_OFF: Final = 0.25
# In a film of one rate, so many of its intervals are one period.
_EVEN_SHARE: Final = 0.8
# A header's rate is believed where the frames keep it so closely.
_HEADER_OFF: Final = 0.02
_LONGEST_GAP: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The rate to write at in frames a second; the missing frames before each one; whether times were uneven."""

    fps: float
    missing: tuple[int, ...]
    uneven: bool

    @property
    def frames(self) -> int:
        """How many frames the film has, those missing among them."""
        return len(self.missing) + sum(self.missing)


def laid_out(taken_ns: Sequence[int], header_fps: float | None, declared: int | None) -> Timeline:
    """Lay out the frames taken at these instants, at least one.

    `declared` is how many the file says it has: at most so many are filled in; where it doesn't say, none.
    """
    header = header_fps if header_fps and _LEAST_FPS <= header_fps <= _MOST_FPS else None
    none_missing = (0,) * len(taken_ns)
    if len(taken_ns) == 1:
        return Timeline(fps=header or _USUAL_FPS, missing=none_missing, uneven=False)
    intervals = np.diff(np.array(taken_ns, np.int64)) / NS_PER_S
    mean = len(intervals) / float(intervals.sum())
    even = _even_fps(intervals)
    fps = header if header is not None and _agree(header, even) else even
    if header is not None and not _agree(header, even) and _agree(header, mean):
        return Timeline(fps=header, missing=none_missing, uneven=True)
    if fps is None:
        return Timeline(fps=min(max(mean, _LEAST_FPS), _MOST_FPS), missing=none_missing, uneven=True)
    gaps = [_gap((after - before) / NS_PER_S * fps) for before, after in pairwise(taken_ns)]
    missing = _filled([_gap(taken_ns[0] / NS_PER_S * fps + 1), *gaps], (declared or 0) - len(taken_ns))
    return Timeline(fps=fps, missing=missing, uneven=False)


def _even_fps(intervals: NDArray[np.float64]) -> float | None:
    """Tell the one rate that the frames keep, but for gaps; None where they keep none."""
    # The median is one of them, so that there always is one near it.
    period = float(np.sort(intervals)[len(intervals) // 2])
    near = np.abs(intervals - period) <= _OFF * period
    # Stamps may be rounded to milliseconds: the mean over those that are one period is finer than any of them.
    fps = 1 / float(intervals[near].mean())
    return fps if near.mean() >= _EVEN_SHARE and _LEAST_FPS <= fps <= _MOST_FPS else None


def _agree(header: float, measured: float | None) -> bool:
    return measured is not None and abs(header / measured - 1) <= _HEADER_OFF


def _gap(periods: float) -> int:
    """Count the frames missing in an interval of so many periods."""
    return min(_LONGEST_GAP, max(0, round(periods) - 1))


def _filled(gaps: Sequence[int], most: int) -> tuple[int, ...]:
    """Fill gaps, inner ones before that at the beginning, until as many are filled as are missing."""
    left = max(0, most)
    filled = [0] * len(gaps)
    for index in (*range(1, len(gaps)), 0):
        filled[index] = min(gaps[index], left)
        left -= filled[index]
    return tuple(filled)
