"""Black until proven: the picture as a whole is watched for what makes every mask worthless.

After a jump of the exposure, a move of the camera, a switch between day and night or a gap, background, tracks and the
detector's thresholds speak of another picture. Nothing is shown until the picture has been calm for CALM_S.

A camera has moved where no part of the picture is as it was: blocks of a small grey copy, their fine structure only,
are compared by normalised correlation, and the best of them decide, so that a street full of people is no move.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.units import seconds_from_ns
from edge.vision.anonymise.verdict import Blackout
from edge.vision.frame import Frame

CALM_S: Final = 0.5
# Pictures farther apart than this are not each other's before and after.
LONGEST_GAP_S: Final = 2.0
# The small copy's width in px: a move by a hundredth of it is two.
WIDTH_PX: Final = 192
# Blocks across and down.
BLOCKS: Final = (8, 6)
# The fine structure is what a blur of this size, px, takes away.
FINE_PX: Final = 7
# Standard deviation of grey levels from which a block has structure; so many must have some.
LEAST_STRUCTURE: Final = 1.5
LEAST_BLOCKS: Final = 3
# The correlation that this share of blocks must reach at least, the best ones.
STILL_SHARE: Final = 0.2
LEAST_CORRELATION: Final = 0.6
# Of half the blocks' grey levels: a share of themselves and an absolute step, both.
MOST_GAIN: Final = 1.15
MOST_STEP: Final = 8.0
# Median colourfulness, largest less smallest of the three channels: an infrared picture has none.
GREY_BELOW: Final = 4.0
COLOURED_FROM: Final = 8.0
# Of every so many pixels in both directions one is asked for its colour.
COLOUR_STEP: Final = 3
# A reference for slow moves is so old at most.
REFERENCE_S: Final = 1.0
# Standard deviation of grey levels below which nothing can be told apart.
EVEN_SPREAD: Final = 3.0

_Grey = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class _Look:
    """What is compared of a picture: its grey levels block by block, and its fine structure in blocks."""

    taken_ns: int
    levels: _Grey
    fine: _Grey
    spread: float
    colour: float


class Gate:
    """Watches one camera's pictures of one size; tells for each why it may not be shown, if so.

    A recording that can be looked into before may begin `proven`; a live camera never does.
    """

    def __init__(self, *, proven: bool = False) -> None:
        self._why: Blackout | None = None if proven else Blackout.NOT_PROVEN
        self._since_ns: int | None = None
        self._last: _Look | None = None
        self._reference: _Look | None = None
        self._is_coloured: bool | None = None

    def see(self, frame: Frame, *, trusted: bool) -> Blackout | None:
        """Take in the next picture; `trusted` is whether movement in it can be told from the background."""
        look = _look(frame)
        found = self._found(look)
        if found is None and not trusted:
            found = self._why or Blackout.EXPOSURE
        self._remember(look)
        return self._judge(found, frame.taken_ns)

    def _judge(self, found: Blackout | None, now_ns: int) -> Blackout | None:
        if found is not None:
            # The first cause is told: what follows it, a background learnt anew, is its consequence.
            self._why = self._why or found
            self._since_ns = now_ns
        elif self._why is not None:
            if self._since_ns is None:
                self._since_ns = now_ns
            if seconds_from_ns(now_ns - self._since_ns) >= CALM_S:
                self._why = None
        return self._why

    def _found(self, look: _Look) -> Blackout | None:
        if look.spread < EVEN_SPREAD:
            return Blackout.EVEN
        if self._switched(look.colour):
            return Blackout.NIGHT
        befores = [before for before in (self._last, self._reference) if before is not None]
        if any(not 0 <= seconds_from_ns(look.taken_ns - before.taken_ns) <= LONGEST_GAP_S for before in befores):
            return Blackout.GAP
        if any(_jumped(before.levels, look.levels) for before in befores):
            return Blackout.EXPOSURE
        return Blackout.MOVED if any(_moved(before.fine, look.fine) for before in befores) else None

    def _switched(self, colour: float) -> bool:
        was = self._is_coloured
        if colour < GREY_BELOW or colour >= COLOURED_FROM:
            self._is_coloured = colour >= COLOURED_FROM
        return was is not None and was != self._is_coloured

    def _remember(self, look: _Look) -> None:
        reference = self._reference
        if reference is None or seconds_from_ns(look.taken_ns - reference.taken_ns) >= REFERENCE_S or self._why:
            self._reference = look
        self._last = look


def _look(frame: Frame) -> _Look:
    small = _small(frame)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)
    sample = small[::COLOUR_STEP, ::COLOUR_STEP]
    colour = sample.max(axis=2) - sample.min(axis=2)
    return _Look(
        taken_ns=frame.taken_ns,
        levels=_levels(grey),
        fine=_fine_blocks(grey),
        spread=float(grey.std()),
        colour=float(np.median(_levels(colour))),
    )


def _small(frame: Frame) -> NDArray[np.uint8]:
    width, height = frame.size
    step = max(1, width // (2 * WIDTH_PX))
    size = (min(width, WIDTH_PX), max(1, round(height * min(1.0, WIDTH_PX / width))))
    return np.asarray(cv2.resize(frame.pixels[::step, ::step], size, interpolation=cv2.INTER_AREA), np.uint8)


def _levels(values: _Grey | NDArray[np.uint8]) -> _Grey:
    return np.asarray(cv2.resize(values, BLOCKS, interpolation=cv2.INTER_AREA), np.float32)


def _jumped(was: _Grey, is_now: _Grey) -> bool:
    """Tell whether half of the picture's blocks became so much brighter, or darker: one lorry is no exposure."""
    gain = float(np.median((is_now + 1.0) / (was + 1.0)))
    step = abs(float(np.median(is_now - was)))
    return step > MOST_STEP and max(gain, 1.0 / gain) > MOST_GAIN


def _moved(was: _Grey, is_now: _Grey) -> bool:
    """Tell whether no part of a picture is as it was; of one without structure that cannot be told."""
    structured = was.std(axis=1) >= LEAST_STRUCTURE
    if structured.sum() < LEAST_BLOCKS:
        return False
    a, b = was[structured], is_now[structured]
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    correlation = (a * b).sum(axis=1) / np.maximum(scale, 1e-6)
    return float(np.quantile(correlation, 1.0 - STILL_SHARE)) < LEAST_CORRELATION


def _fine_blocks(grey: _Grey) -> _Grey:
    """Cut the fine structure of a picture into blocks, float32 (blocks, pixels of one), each of mean nought."""
    columns, rows = (max(1, min(most, side // FINE_PX)) for most, side in zip(BLOCKS, grey.shape[::-1], strict=True))
    height, width = grey.shape[0] // rows, grey.shape[1] // columns
    fine = (grey - cv2.blur(grey, (FINE_PX, FINE_PX)))[: rows * height, : columns * width]
    blocks = fine.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(rows * columns, height * width)
    return np.asarray(blocks - blocks.mean(axis=1, keepdims=True), np.float32)
