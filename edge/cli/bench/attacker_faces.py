"""An attacker with a face recogniser, run in an environment of its own: pictures in, descriptions of faces out.

Standard input is what numpy.savez writes: arrays uint8 (H, W, 3), blue, green, red, named by number, and for each
`boxN`, int64 (4,): where the attacker knows the face to be, half-open, in px. Standard output is a JSON list of
dlib's 128 numbers for each; two of one person are closer than 0.6.
"""

import io
import json
import sys

import dlib
import face_recognition_models
import numpy as np


def main() -> None:
    """Describe each face: five landmarks within the box, then the recogniser."""
    pictures = np.load(io.BytesIO(sys.stdin.buffer.read()))
    landmarks = dlib.shape_predictor(face_recognition_models.pose_predictor_five_point_model_location())
    recogniser = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
    described = []
    for number in range(len(pictures) // 2):
        rgb = np.ascontiguousarray(pictures[str(number)][:, :, ::-1])
        box = dlib.rectangle(*(int(side) for side in pictures[f"box{number}"] - (0, 0, 1, 1)))
        described.append(list(recogniser.compute_face_descriptor(rgb, landmarks(rgb, box))))
    print(json.dumps(described))


if __name__ == "__main__":
    main()
