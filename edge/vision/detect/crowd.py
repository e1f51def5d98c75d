"""The crowd-density network: a picture in, a map of how many people are where out. It tells nobody from anybody.

Zhang et al., "Single-image crowd counting via multi-column convolutional neural network", 2016, for what such a map is:
its sum over a place is how many people are in it. The network may be ours or an operator's own: the manifest says.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.manifest import Model, Task, load_model, models_folder, read_manifest
from edge.vision.detect.networks import ModelDetector, at_most
from edge.vision.frame import Pixels

NAME: Final = "crowd-density"
# The longer side, in px, of what a network of any input size is shown where the manifest says no other; each side is
# such a multiple.
LONGEST_PX: Final = 1024
MULTIPLE: Final = 16
MOST_NETWORKS: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Density:
    """How many people are where: `people` float32 (h, w), each cell so many px of the picture (`cell`: wide, high)."""

    people: NDArray[np.float32]
    cell: tuple[float, float]

    @property
    def total(self) -> float:
        """How many people are in the picture."""
        return float(self.people.sum())


class CrowdNet(ModelDetector):
    """A model that counts crowds; not for more than one thread."""

    def __init__(self, model: Model, *, threads: int = 1) -> None:
        super().__init__(model, threads=threads, fit=at_most(MOST_NETWORKS))

    @property
    def ours(self) -> bool:
        """Whether it is the one that ships: for packed crowds, beside a detector for all others."""
        return self._model.entry.name == NAME

    @property
    def error(self) -> float | None:
        """Its mean error over its mean count where that was measured, 0..1; None: not known."""
        return self._model.entry.error

    def look(self, pixels: Pixels) -> Density:
        """Look at a picture, uint8 (H, W, 3) BGR; raises ModelError where the interpreter cannot take the model."""
        entry = self._model.entry
        size = (pixels.shape[1], pixels.shape[0])
        tile = entry.size or input_size(size, entry.longest_px or LONGEST_PX)
        columns, rows = tiling(size, tile, entry.longest_px) if entry.size and entry.longest_px else (1, 1)
        shown = _shown(pixels, (columns * tile[0], rows * tile[1]), grey=entry.grey)
        network = self.network(tile)
        people = np.concatenate(
            [np.concatenate([network.run(part)[0] for part in np.split(row, columns, axis=1)], axis=1)
             for row in np.split(shown, rows, axis=0)]
        )  # fmt: skip
        people = np.maximum(people[..., 0], 0)
        return Density(people=people, cell=(size[0] / people.shape[1], size[1] / people.shape[0]))


def _shown(pixels: Pixels, size: tuple[int, int], *, grey: bool) -> Pixels:
    """Scale a picture to `size` (width, height) for a network: RGB, or grey with an axis of one."""
    smaller = size[0] < pixels.shape[1]
    shown = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    shown = cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY if grey else cv2.COLOR_BGR2RGB)
    return np.asarray(shown, np.uint8).reshape(size[1], size[0], -1)


def input_size(size: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """Choose the input (width, height) for a picture of `size`: its longer side so long, nearly in its own shape."""
    scale = longest_px / max(size)
    width, height = (max(1, round(side * scale / MULTIPLE)) * MULTIPLE for side in size)
    return width, height


def tiling(size: tuple[int, int], tile: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """Choose how many tiles (columns, rows) show a picture of `size` with its longer side about so long."""
    scale = longest_px / max(size)
    columns, rows = (max(1, round(side * scale / own)) for side, own in zip(size, tile, strict=True))
    return columns, rows


def load_crowd_net(folder: Path | None = None, *, threads: int = 1) -> CrowdNet | None:
    """Load the first crowd model of the manifest; None where it lists none. Raises ModelError."""
    folder = folder or models_folder()
    named = next((entry.name for entry in read_manifest(folder) if entry.task is Task.CROWD), None)
    return None if named is None else CrowdNet(load_model(named, folder, task=Task.CROWD), threads=threads)
