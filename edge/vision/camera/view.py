"""Whether the camera still looks where it looked: the edges of now against those that stayed, learnt in memory.

Nothing of it is ever written to the disk: after a restart the view of the first half minute is the one that is kept to.
A view that changes is never taken for the new one: lines and zones were drawn for the old.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.camera.blocks import COLUMNS, ROWS, Blocks, means
from edge.vision.camera.edges import Field

# Looks that make a view known, and so many looks back one counts 1/e of the newest: ten minutes at one a second.
KNOWN_AFTER: Final = 30
_MEMORY: Final = 600
# An edge lasts where its mean is so much of what was there on the mean: those of passers-by point everywhere.
_LASTS: Final = 0.5
# What was there once, for a moment, has a mean as well.
_LEAST_MEAN: Final = 0.1
# A block tells something where its lasting edges, together, are as many as so many strong pixels.
_LEAST_EDGES: Final = 2.5
_LEAST_BLOCKS: Final = 6
# And where the edges of each look are on the whole alike: those of a crowd are not.
_LEAST_USUAL: Final = 0.3
# A block agrees with what is known while so much is left of its usual agreement, and has lost its edges under this.
_AGREES: Final = 0.4
_BARE: Final = 0.3
# A view is kept while so many of its blocks agree, and lost when fewer than the second do.
_KEPT: Final = 0.45
_LOST: Final = 0.2
# With so many bare blocks the place is hidden rather than lost, if so much of what is left of it agrees.
_MOST_BARE: Final = 0.55
_LEFT: Final = 0.5
# Shifts of at most so many px of the small picture are sway, not a move.
_SWAY: Final = 2
# A picture lies elsewhere where it fits so well, of 1, and so many times as well as where the view was: either pair.
_BETTER: Final = ((0.25, 1.6), (0.45, 1.25))
# Whether it was turned is asked only where less than so much of it agrees.
_UNDOUBTED: Final = 0.75
# What a blow or a slipping screw does beside a shift: degrees and scale.
_POSES: Final = ((2.0, 1.0), (-2.0, 1.0), (5.0, 1.0), (-5.0, 1.0), (10.0, 1.0), (-10.0, 1.0), (0.0, 1.08), (0.0, 0.92))


@unique
class Sight(Enum):
    """How the picture lies to the view that is known."""

    LEARNING = "learning"
    KEPT = "kept"
    # It lies elsewhere in the picture, or turned, or at another scale.
    MOVED = "moved"
    # Nothing of it is there, although there is plenty to see.
    LOST = "lost"
    # Many parts that had edges have none: covered, blinded, or dark.
    BARE = "bare"
    # Some of it is there, or it has too few edges to tell.
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """One look: the shares of the view's blocks that agree and that are bare, and the shift that fits best, px."""

    sight: Sight
    agreeing: float = 1.0
    bare: float = 0.0
    shift: tuple[int, int] = (0, 0)


class View:
    """The view that is kept to; it learns only from looks that it is told are right."""

    def __init__(self) -> None:
        self._looks = 0
        # The mean of all edges, and that of their strengths.
        self._mean: Field = np.zeros((0, 0), np.complex64)
        self._strength: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._usual: Blocks | None = None

    def look(self, now: Field) -> Looked:
        """Compare the edges of a picture, complex64 (h, w), with the view."""
        if self._usual is None or self._looks < KNOWN_AFTER or now.shape != self._mean.shape:
            return Looked(sight=Sight.LEARNING)
        lasting = self._lasting()
        strength = _sums(np.abs(lasting))
        telling = (strength >= _LEAST_EDGES) & (self._usual >= _LEAST_USUAL)
        if np.count_nonzero(telling) < _LEAST_BLOCKS:
            return Looked(sight=Sight.UNSURE)
        agrees = (_likeness(now, lasting) >= _AGREES * self._usual)[telling]
        is_bare = (_sums(np.abs(now)) < _BARE * strength)[telling]
        weight = strength[telling] / strength[telling].sum()
        agreeing = float(weight[agrees & ~is_bare].sum())
        bare = float(weight[is_bare].sum())
        shift, is_elsewhere = _best_shift(now, lasting)
        sight = _sight(agreeing, bare, is_elsewhere=is_elsewhere)
        is_doubted = sight in {Sight.KEPT, Sight.UNSURE, Sight.LOST} and agreeing < _UNDOUBTED
        if is_doubted and _is_turned(now, lasting):
            sight = Sight.MOVED
        return Looked(sight=sight, agreeing=agreeing, bare=bare, shift=shift)

    def learn(self, now: Field) -> None:
        """Take a look's edges in; those of a picture of another size begin a view of their own."""
        if self._mean.shape != now.shape:
            self._mean, self._strength, self._usual, self._looks = now.copy(), np.abs(now), None, 0
        self._looks += 1
        news = 1 / min(self._looks, _MEMORY)
        self._mean += np.float32(news) * (now - self._mean)
        self._strength += np.float32(news) * (np.abs(now) - self._strength)
        lasting = self._lasting()
        likeness = _likeness(now, lasting)
        self._usual = likeness if self._usual is None else self._usual + news * (likeness - self._usual)

    def _lasting(self) -> Field:
        """Give the edges that stayed, and 0 elsewhere."""
        return np.where(np.abs(self._mean) >= np.maximum(_LASTS * self._strength, _LEAST_MEAN), self._mean, 0)


def _best_shift(now: Field, lasting: Field) -> tuple[tuple[int, int], bool]:
    """Find the shift at which the picture fits the view best, and whether that is elsewhere, and surely."""
    fits = _correlation(now, lasting)
    peak = np.unravel_index(int(np.argmax(fits)), fits.shape)
    height, width = fits.shape
    down = int(peak[0]) - height if peak[0] > height // 2 else int(peak[0])
    across = int(peak[1]) - width if peak[1] > width // 2 else int(peak[1])
    near = max(float(fits[dy, dx]) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    highest = float(fits[peak])
    is_far = max(abs(down), abs(across)) > _SWAY
    return (across, down), is_far and _is_better(highest, near)


def _is_better(fit: float, own: float) -> bool:
    return any(fit >= least and fit >= times * own for least, times in _BETTER)


def _is_turned(now: Field, lasting: Field) -> bool:
    """Tell whether the picture fits the view better when that is turned or drawn larger or smaller."""
    height, width = now.shape
    own = float(_correlation(now, lasting).max())
    parts = np.ascontiguousarray(lasting).view(np.float32).reshape(height, width, 2)
    for degrees, scale in _POSES:
        pose = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
        turned = cv2.warpAffine(parts, pose, (width, height)).view(np.complex64)[:, :, 0]
        # Counted upwards, as OpenCV turns; the field counts angles downwards, twice.
        turned = turned * np.complex64(np.exp(-2j * np.deg2rad(degrees)))
        if _is_better(float(_correlation(now, turned).max()), own):
            return True
    return False


def _sight(agreeing: float, bare: float, *, is_elsewhere: bool) -> Sight:
    if is_elsewhere:
        return Sight.MOVED
    if agreeing >= _KEPT:
        return Sight.KEPT
    if bare >= _MOST_BARE and agreeing >= _LEFT * (1 - bare):
        return Sight.BARE
    return Sight.LOST if agreeing < _LOST else Sight.UNSURE


def _sums(values: NDArray[np.floating[Any]]) -> Blocks:
    return means(values) * (values.size / (ROWS * COLUMNS))


def _likeness(now: Field, lasting: Field) -> Blocks:
    """Tell by block how well the directions agree where edges last, -1 to 1; random ones give 0."""
    both = _sums(now.real * lasting.real + now.imag * lasting.imag)
    power = _sums(np.where(lasting != 0, _power(now), 0)) * _sums(_power(lasting))
    return both / np.sqrt(np.maximum(power, 1e-6))


def _power(field: Field) -> NDArray[np.float32]:
    return field.real * field.real + field.imag * field.imag


def _correlation(now: Field, lasting: Field) -> NDArray[np.float32]:
    """Correlate two fields at all shifts, float32 (h, w), 1 at most; rows and columns as in a discrete transform."""
    first, second = _spectrum(now), _spectrum(lasting)
    product = cv2.mulSpectrums(first, second, 0, conjB=True)
    fits = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)[:, :, 0]
    size = float(np.sqrt(np.vdot(now, now).real * np.vdot(lasting, lasting).real))
    return fits.astype(np.float32, copy=False) / np.float32(max(size, 1e-6))


def _spectrum(field: Field) -> NDArray[np.float32]:
    return cv2.dft(np.ascontiguousarray(field).view(np.float32).reshape(*field.shape, 2)).astype(np.float32, copy=False)
