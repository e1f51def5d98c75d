"""Attackers in an environment of their own: a text reader and a face recogniser, asked about pictures in memory."""

import io
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edge.cli.bench.environment import UnobtainableError, environment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.vision.frame import Pixels

Place = tuple[int, int, int, int]
"""A box in whole px, half-open: x0, y0, x1, y1."""
Face = tuple["Pixels", Place]
"""A picture, and where in it the attacker knows a face to be."""

_LOCKS = ("attackers.lock", "attackers.source.lock")
_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Attackers:
    """Both, by the Python of their environment."""

    python: Path

    def read(self, pictures: "Sequence[Pixels]") -> list[str]:
        """Read each picture, uint8 (H, W, 3), as one line of text: its letters and digits."""
        texts = self._ask("attacker_plates.py", {str(number): picture for number, picture in enumerate(pictures)})
        return [plain(str(text)) for text in texts]

    def describe(self, faces: "Sequence[Face]") -> "NDArray[np.float64]":
        """Describe each face by dlib's 128 numbers: (n, 128)."""
        arrays: dict[str, NDArray[Any]] = {}
        for number, (picture, place) in enumerate(faces):
            arrays |= {str(number): picture, f"box{number}": np.array(place, np.int64)}
        return np.array(self._ask("attacker_faces.py", arrays), np.float64)

    def _ask(self, script: str, arrays: "dict[str, NDArray[Any]]") -> list[Any]:
        # Through pipes: no picture is written to a disk.
        packed = io.BytesIO()
        np.savez(packed, **arrays)
        command = [str(self.python), "-I", "-W", "ignore", str(_HERE / script)]
        done = subprocess.run(command, check=False, input=packed.getvalue(), capture_output=True)
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip().splitlines()
            raise UnobtainableError(words[-1] if words else f"{script} ended with status {done.returncode}")
        answer: list[Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def find_attackers(say: Callable[[str], None]) -> Attackers:
    """Make their environment, or take it from the cache; raises UnobtainableError."""
    return Attackers(python=environment("attackers", _LOCKS, say))


def plain(text: str) -> str:
    """Keep the letters and digits of a text, as capitals."""
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())
