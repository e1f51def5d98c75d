"""Reading plates in pictures that were found: by a text recogniser where one is installed, else by likeness.

The recogniser is `rapidocr-onnxruntime`, which is no part of the product; nothing asks for it but this.
"""

import importlib
from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from edge.cli.prove.marks import Marks, Picture, plate_picture

_MODULE: Final = "rapidocr_onnxruntime"
_ALIKE: Final = 0.75
_TIMES: Final = 3


def reader() -> str:
    """Name what reads: the recogniser, or the correlator on each drawn plate."""
    return (
        "rapidocr and a correlator on drawn plates" if _recogniser() else "a correlator on drawn plates (no OCR here)"
    )


def plates_in(picture: Picture, marks: Marks) -> bool:
    """Tell whether a grey picture shows one of the plates."""
    return any(resembles(picture, plate_picture(text)) for text in marks.plates) or _reads(picture, marks)


def resembles(picture: Picture, mark: Picture) -> bool:
    """Tell whether a mark lies somewhere in a picture, as large as it was drawn."""
    if picture.shape[0] < mark.shape[0] or picture.shape[1] < mark.shape[1]:
        return False
    return bool(cv2.matchTemplate(picture, mark, cv2.TM_CCOEFF_NORMED).max() > _ALIKE)


def _reads(picture: Picture, marks: Marks) -> bool:
    recognise = _recogniser()
    if recognise is None:
        return False
    large = cv2.resize(picture, None, fx=_TIMES, fy=_TIMES, interpolation=cv2.INTER_CUBIC)
    lines, _ = recognise(np.repeat(large[:, :, None], 3, 2))
    texts = "".join(str(line[1]) for line in lines or ()).upper().replace("-", "").replace(" ", "")
    return any(plate.replace("-", "") in texts for plate in marks.plates)


@cache
def _recogniser() -> Any:  # noqa: ANN401  an optional library without types
    try:
        return importlib.import_module(_MODULE).RapidOCR()
    except ImportError:
        return None
