"""Photographs of crowds whose heads a person has marked, and the ways to count them that are compared."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from edge.cli.bench.truth import TruthError
from edge.contract.report import RoadUser

if TYPE_CHECKING:
    from edge.vision.detect.crowd import CrowdNet
    from edge.vision.frame import Pixels

    Estimator = Callable[[Pixels], float]

POINTS: Final = Path("crowd", "shanghaitech_points_dev.json")
MCNN: Final = Path("models", "mcnn_A_640x360_fp32.tflite")
OURS: Final = "passant: both eyes"
WHOLE: Final = "whole frame"
# Boxes of people at least so sure: the best for the whole frame and the best for tiles, tuned on these photographs.
WHOLE_THRESHOLD: Final = 0.15
TILE_THRESHOLD: Final = 0.15
HEAD_THRESHOLD: Final = 0.1
TILES: Final = (3, 3)
HEAD_TILES: Final = (4, 4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Photograph:
    """A photograph and how many heads are marked in it."""

    name: str
    path: Path
    people: int

    def read(self) -> "Pixels":
        """Read its pixels: uint8 (H, W, 3) BGR; raises TruthError."""
        pixels = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if pixels is None:
            raise TruthError(f"{self.path}: is missing or no picture — unpack the data again")
        return np.asarray(pixels, np.uint8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One way to count over all photographs: mean absolute error, correlation with the truth, mean of both.

    `part_a` and `part_b` are the errors of the packed crowds and of the street's.
    """

    estimator: str
    error: float
    correlation: float
    counted: float
    people: float
    part_a: float
    part_b: float


def photographs_of(data: Path) -> list[Photograph]:
    """List the photographs below a folder of data; raises TruthError."""
    try:
        marked = json.loads((data / POINTS).read_text(encoding="utf-8"))
        return [_photograph(data, name, int(one["count"])) for name, one in sorted(marked.items())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TruthError(f"{data / POINTS}: {error} — name the folder of the test data with --data") from error


def _photograph(data: Path, name: str, people: int) -> Photograph:
    part, _, number = name.partition("/")
    return Photograph(name=name, path=data / "crowd" / f"shanghaitech_{part}" / f"{number}.jpg", people=people)


def operators_net(path: Path) -> "CrowdNet":
    """Load the network of the data as an operator would bring it along: by an entry of a manifest."""
    from edge.vision.detect.crowd import CrowdNet  # noqa: PLC0415 - see estimators
    from edge.vision.detect.manifest import Model, ModelEntry, Task  # noqa: PLC0415

    content = path.read_bytes()
    entry = ModelEntry(
        folder=path.parent,
        name=path.stem,
        task=Task.CROWD,
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        licence="unclear",
        licence_file="",
        source="an operator",
        picture="serving_default_input_1:0",
        dtype="float32",
        outputs=("StatefulPartitionedCall:0",),
        grey=True,
        size=(640, 360),
    )
    return CrowdNet(Model(entry=entry, content=content))


def measured(name: str, count: "Estimator", photographs: Sequence[Photograph]) -> Row:
    """Let one way to count look at every photograph."""
    counts = np.array([count(photograph.read()) for photograph in photographs])
    people = np.array([photograph.people for photograph in photographs], float)
    off = np.abs(counts - people)
    packed = np.array([photograph.name.startswith("A/") for photograph in photographs])
    return Row(
        estimator=name,
        error=float(off.mean()),
        correlation=float(np.corrcoef(counts, people)[0, 1]) if np.ptp(counts) > 0 else 0.0,
        counted=float(counts.mean()),
        people=float(people.mean()),
        part_a=float(off[packed].mean()),
        part_b=float(off[~packed].mean()),
    )


def estimators(data: Path) -> "list[tuple[str, Estimator]]":
    """List the ways to count: boxes, heads, our own, and a network of others where the data has it."""
    # Imported here so that the other commands do not pay for the detectors.
    from edge.config.site import Detector as DetectorSite  # noqa: PLC0415
    from edge.vision.crowd.eyes import load_crowd_eyes  # noqa: PLC0415
    from edge.vision.detect.crowd import load_crowd_net  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.detect.faces import load_face_detector  # noqa: PLC0415
    from edge.vision.detect.region import tiles_of, whole  # noqa: PLC0415

    boxes, faces, net = load_detector(DetectorSite()), load_face_detector(), load_crowd_net()
    eyes = load_crowd_eyes(net)

    def people(pixels: "Pixels", tiles: tuple[int, int], threshold: float) -> float:
        size = (pixels.shape[1], pixels.shape[0])
        regions = (whole(size),) if tiles == (1, 1) else tiles_of(size, *tiles)
        return float(np.count_nonzero(boxes.detect(pixels, regions, threshold).kinds == RoadUser.PERSON))

    def heads(pixels: "Pixels") -> float:
        return len(faces.detect(pixels, tiles_of((pixels.shape[1], pixels.shape[0]), *HEAD_TILES), HEAD_THRESHOLD))

    found: list[tuple[str, Estimator]] = [
        (WHOLE, lambda pixels: people(pixels, (1, 1), WHOLE_THRESHOLD)),
        (f"tiles {TILES[0]}x{TILES[1]}", lambda pixels: people(pixels, TILES, TILE_THRESHOLD)),
        (f"face detector, tiles {HEAD_TILES[0]}x{HEAD_TILES[1]}", heads),
    ]
    if net is not None and eyes is not None:
        found.append(("density network alone", lambda pixels: net.look(pixels).total))
        found.append((OURS, lambda pixels: eyes.look(pixels).total))
    if (data / MCNN).is_file():
        others = operators_net(data / MCNN)
        found.append(("MCNN (not ours)", lambda pixels: others.look(pixels).total))
    return found
