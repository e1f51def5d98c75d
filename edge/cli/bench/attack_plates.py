"""Reading plates under a mask: what a text reader makes of the plate's place, straight and after attempts to undo it.

The similarity of two texts is 1 - d / n with d their edit distance (Levenshtein 1966) and n the longer's length. Chance
is the similarity of what was read with the plates of the other pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.cli.bench.attackers import Attackers, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.vision.frame import Pixels

_ENLARGED_PX = 320
_CELLS = 4
# Noise over signal in Wiener's filter: the rounding of a mean is about so small.
_NOISE = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """How many plates were read letter by letter; how alike readings are to the plate's text, and to the others'."""

    plates: int
    exact: int
    alike: float
    by_chance: float


def read_plates(attackers: Attackers, plates: "Sequence[tuple[Pixels, Place]]", texts: Sequence[str]) -> Read:
    """Attack each plate, at its place in a picture, in every way there is; the best attempt counts."""
    crops = [picture[y0:y1, x0:x1] for picture, (x0, y0, x1, y1) in plates]
    attempts = [attackers.read([undo(crop) for crop in crops]) for undo in (_as_it_is, _sharpened, _deconvolved)]
    alike = np.array(
        [[max(similarity(tried[i], text) for tried in attempts) for text in texts] for i in range(len(crops))]
    )
    others = ~np.eye(len(texts), dtype=np.bool_)
    return Read(
        plates=len(texts),
        exact=int(np.count_nonzero(np.diagonal(alike) == 1.0)),
        alike=float(np.diagonal(alike).mean()),
        by_chance=float(alike[others].mean()),
    )


def similarity(one: str, other: str) -> float:
    """Give 1.0 for equal texts, 0.0 for texts without a letter in common."""
    return 1.0 - _edits(one, other) / max(len(one), len(other), 1)


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, against in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != against)))
    return row[-1]


def _as_it_is(crop: "Pixels") -> "Pixels":
    return np.ascontiguousarray(crop)


def _sharpened(crop: "Pixels") -> "Pixels":
    """Enlarge, stretch the contrast to the full range and sharpen."""
    scale = max(1.0, _ENLARGED_PX / crop.shape[1])
    large = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    full = cv2.normalize(large, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    return np.asarray(cv2.addWeighted(full, 3.0, cv2.GaussianBlur(full, (0, 0), 3.0), -2.0, 0.0), np.uint8)


def _deconvolved(crop: "Pixels") -> "Pixels":
    """Invert a Gaussian blur as wide as our cells by Wiener's filter."""
    sigma = crop.shape[1] / _CELLS / 2
    spectra = np.fft.rfft2(crop.astype(np.float64) - crop.mean(), axes=(0, 1))
    blur = _gaussian(crop.shape[:2], sigma)[..., None]
    restored = np.fft.irfft2(spectra * blur / (blur**2 + _NOISE), s=crop.shape[:2], axes=(0, 1))
    low, high = restored.min(), restored.max()
    return np.asarray((restored - low) * (255 / max(high - low, 1e-9)), np.uint8)


def _gaussian(shape: tuple[int, ...], sigma: float) -> "NDArray[np.float64]":
    """Give the transfer function of a Gaussian of `sigma` px at the frequencies of `rfft2`."""
    rows, columns = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    return np.asarray(np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2)), np.float64)
