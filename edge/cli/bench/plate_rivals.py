"""What else could find plates: OpenCV's Haar cascade, and a text detector where one is installed."""

import io
import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from edge.vision.frame import Boxes, Pixels

CASCADE: Final = "haarcascade_russian_plate_number.xml"
READER: Final = "rapidocr-onnxruntime"
# Both find more in enlarged pictures; they get crops at least so wide.
LEAST_WIDTH_PX: Final = 640
# Where the wheels of OpenCV keep them.
_CASCADES: Final = Path(cv2.__file__).with_name("data")
_NOT_INSTALLED: Final = 3
_SCRIPT: Final = Path(__file__).with_name("text_detector.py")


def haar(pictures: Sequence["Pixels"]) -> tuple[list["Boxes"], float] | None:
    """Find plates by the cascade; boxes (n, 4) for each picture, and the processor seconds spent.

    Nothing where OpenCV comes without its cascades.
    """
    if not (_CASCADES / CASCADE).is_file():
        return None
    cascade = cv2.CascadeClassifier(str(_CASCADES / CASCADE))
    began_s = time.process_time()
    found = [_sides(cascade, picture) for picture in pictures]
    return found, time.process_time() - began_s


def _sides(cascade: cv2.CascadeClassifier, picture: "Pixels") -> "Boxes":
    large, scale = enlarged(picture)
    boxes = np.array(cascade.detectMultiScale(cv2.cvtColor(large, cv2.COLOR_BGR2GRAY), 1.1, 3), np.float32)
    boxes = boxes.reshape(-1, 4) / scale
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def text_detector(pictures: Sequence["Pixels"], python: str) -> tuple[list["Boxes"], float] | None:
    """Find text by PP-OCRv4 in another Python's environment; nothing where it is not installed there."""
    both = [enlarged(picture) for picture in pictures]
    packed = io.BytesIO()
    np.savez(packed, **{str(number): large for number, (large, _) in enumerate(both)})
    command = [python, "-P", str(_SCRIPT)]
    try:
        done = subprocess.run(command, check=False, input=packed.getvalue(), stdout=subprocess.PIPE)
    except OSError:
        return None
    if done.returncode == _NOT_INSTALLED:
        return None
    done.check_returncode()
    told = json.loads(done.stdout)
    boxes = [
        np.array(sides, np.float32).reshape(-1, 4) / scale
        for sides, (_, scale) in zip(told["boxes"], both, strict=True)
    ]
    return boxes, float(told["cpuSeconds"])


def enlarged(picture: "Pixels") -> tuple["Pixels", float]:
    """Enlarge a narrow picture; gives it and the factor."""
    height, width = picture.shape[:2]
    scale = max(1.0, LEAST_WIDTH_PX / width)
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8), size[0] / width
