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

# A network of any input size is shown a picture whose longer side is so long, in px, each side such a multiple.
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
    def error(self) -> float | None:
        """Its mean error over its mean count where that was measured, 0..1; None: not known."""
        return self._model.entry.error

    def look(self, pixels: Pixels) -> Density:
        """Look at a picture, uint8 (H, W, 3) BGR; raises ModelError where the interpreter cannot take the model."""
        entry = self._model.entry
        size = entry.size or input_size((pixels.shape[1], pixels.shape[0]))
        shrinks = size[0] < pixels.shape[1]
        shown = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        shown = cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY if entry.grey else cv2.COLOR_BGR2RGB)
        (found,) = self.network(size).run(np.asarray(shown, np.uint8).reshape(size[1], size[0], -1))
        people = np.maximum(found[..., 0], 0)
        cell = pixels.shape[1] / people.shape[1], pixels.shape[0] / people.shape[0]
        return Density(people=people, cell=cell)


def input_size(size: tuple[int, int]) -> tuple[int, int]:
    """Choose the input (width, height) for a picture of `size`: as large as it may be, nearly in its own shape."""
    scale = LONGEST_PX / max(size)
    width, height = (max(1, round(side * scale / MULTIPLE)) * MULTIPLE for side in size)
    return width, height


def load_crowd_net(folder: Path | None = None, *, threads: int = 1) -> CrowdNet | None:
    """Load the first crowd model of the manifest; None where it lists none. Raises ModelError."""
    folder = folder or models_folder()
    named = next((entry.name for entry in read_manifest(folder) if entry.task is Task.CROWD), None)
    return None if named is None else CrowdNet(load_model(named, folder, task=Task.CROWD), threads=threads)
