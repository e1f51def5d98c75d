"""PP-OCRv4's text detector, run in an environment of its own: pictures on standard input, boxes on standard output.

The input is what numpy.savez writes: arrays uint8 (H, W, 3), blue, green, red, named by number. The output is JSON:
`boxes`, for each picture a list of [x0, y0, x1, y1] in px, and `cpuSeconds`, the processor time spent on all of them.
Ends with 3 where the package is not installed.
"""

import io
import json
import sys
import time

import numpy as np

try:
    from rapidocr_onnxruntime import RapidOCR
except ModuleNotFoundError:
    sys.exit(3)


def main() -> None:
    """Find the text in each picture."""
    pictures = np.load(io.BytesIO(sys.stdin.buffer.read()))
    detector = RapidOCR().text_det
    began_s = time.process_time()
    boxes = []
    for number in range(len(pictures)):
        quads, _ = detector(pictures[str(number)])
        quads = np.empty((0, 4, 2)) if quads is None else np.reshape(quads, (-1, 4, 2))
        boxes.append(np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1).tolist())
    print(json.dumps({"boxes": boxes, "cpuSeconds": time.process_time() - began_s}))


if __name__ == "__main__":
    main()
