"""The peer `deface` as it is, run in an environment of its own: its own command line, whose masks are noted on the way.

`peer_deface.py NOTES WORDS...`: the words are deface's. NOTES becomes JSON: `frames`, for each [height, width] and the
rectangles it blackened, half-open, in px; `backend`, the faster of its two here; `seconds` and `cpuSeconds` it took.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import imageio
import numpy as np
from deface import deface
from deface.centerface import CenterFace

_WARM, _TRIED = 3, 8


def main() -> None:
    """Run deface with its faster backend and note what it does."""
    notes, words = Path(sys.argv[1]), sys.argv[2:]
    backend = min(("onnxrt", "opencv"), key=lambda name: _frame_s(name, _first(words[-1])))
    frames: list[tuple[tuple[int, int], list[list[int]]]] = []
    mask, draw = deface.anonymize_frame, deface.draw_det

    def noted_frame(dets: Any, frame: Any, **how: Any) -> None:  # noqa: ANN401  whatever deface hands on
        frames.append(((int(frame.shape[0]), int(frame.shape[1])), []))
        mask(dets, frame, **how)

    def noted_box(frame: Any, score: Any, number: int, *sides: int, **how: Any) -> None:  # noqa: ANN401
        # cv2.rectangle fills up to and with its second corner.
        x0, y0, x1, y1 = (int(side) for side in sides)
        frames[-1][1].append([x0, y0, x1 + 1, y1 + 1])
        draw(frame, score, number, *sides, **how)

    deface.anonymize_frame, deface.draw_det = noted_frame, noted_box
    sys.argv = ["deface", "--replacewith", "solid", "--backend", backend, *words]
    began_s, began_cpu_s = time.perf_counter(), _cpu_s()
    deface.main()
    spent = {"seconds": time.perf_counter() - began_s, "cpuSeconds": _cpu_s() - began_cpu_s}
    told = {"frames": frames, "backend": backend, **spent}
    notes.write_text(json.dumps(told), encoding="utf-8")


def _cpu_s() -> float:
    """Give the processor seconds of this process and of the ffmpeg processes that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _first(path: str) -> Any:  # noqa: ANN401  an array of a library that has its own numpy
    return np.asarray(next(iter(imageio.get_reader(path))))


def _frame_s(backend: str, picture: Any) -> float:  # noqa: ANN401
    """Measure one picture under a backend, in seconds: the median of a few."""
    detector = CenterFace(backend=backend)
    spent_s = []
    for _ in range(_WARM + _TRIED):
        began_s = time.perf_counter()
        detector(picture, threshold=0.2)
        spent_s.append(time.perf_counter() - began_s)
    return float(np.median(spent_s[_WARM:]))


if __name__ == "__main__":
    main()
