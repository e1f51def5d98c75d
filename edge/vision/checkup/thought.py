"""Whether the model gives the right answer: a picture drawn by whole numbers, and what it must make of it.

A file's hash says that its bytes are right, not that this processor and this interpreter work with them as they should.
The known answer is the mean and the maximum of each label's logits over all anchors. An interpreter rounds int8 a
little otherwise on each processor, so it may be off by some; another network is off by far more.
"""

import json
import statistics
import time
from importlib.resources import files
from typing import Final

import numpy as np

from edge.config.site import Detector as DetectorSite
from edge.vision.checkup.words import Thought, Unable
from edge.vision.detect.detector import load_detector
from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model, ModelError, load_model
from edge.vision.frame import Pixels

SIZE: Final = (320, 320)
"""(width, height) in px of the picture that the model is tried with; small, so that a Pi has its answer soon."""
_USUAL: Final = (640, 480)
_LOOKS: Final = 5


def think(site: DetectorSite) -> Thought | Unable:
    """Try a site's model; what is wrong with its file is told instead."""
    try:
        model = load_model(site.model)
        given = answer(model, threads=site.threads)
        known = _known(model.entry.sha256)
        off = None if known is None else max(abs(own - right) for own, right in zip(given, known, strict=True))
        return Thought(model=site.model, off=off, ms=_milliseconds(site))
    except ModelError as error:
        return Unable(part="model", why=str(error))


def answer(model: Model, *, threads: int = 1) -> list[float]:
    """Give the means, then the maxima, of each label's logits over the drawn picture."""
    _, logits = Network(model, SIZE, threads, Effort()).run(drawn(*SIZE))
    return [round(float(one), 4) for one in (*logits.mean(axis=0), *logits.max(axis=0))]


def drawn(width: int, height: int) -> Pixels:
    """Draw a picture of stripes, squares and a disc, uint8 (height, width, 3), the same on every machine."""
    down, across = np.mgrid[0:height, 0:width].astype(np.int64)
    picture = np.stack([across * 7 // 3 + down, down * 5 // 4, (across ^ down) * 2], axis=2) % 256
    square = ((across // 40 + down // 40) % 2 == 0) & (across > width // 2)
    picture[square] = (30, 60, 200)
    disc = (across - width // 3) ** 2 + (down - height // 2) ** 2 < (height // 5) ** 2
    picture[disc] = (220, 210, 190)
    return picture.astype(np.uint8)


def _known(sha256: str) -> list[float] | None:
    found = json.loads(files("edge.vision.checkup").joinpath("answers.json").read_text(encoding="utf-8"))
    known = found.get(sha256)
    return None if known is None else [float(one) for one in known]


def _milliseconds(site: DetectorSite) -> float:
    detector = load_detector(site)
    network, picture = detector.network(_USUAL), drawn(*_USUAL)
    times = []
    for _ in range(_LOOKS):
        began_s = time.monotonic()
        network.run(picture)
        times.append((time.monotonic() - began_s) * 1000)
    return round(statistics.median(times), 1)
