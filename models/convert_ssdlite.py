"""Convert the SSDLite graph to int8 TFLite; run by `build_ssdlite.py` in the environment that it makes.

Weights and activations are int8, weights per channel. In floating point stay the picture's scaling and the first
three convolutions: the first depthwise one alone made a fifth of the variance of all quantisation noise, and in LiteRT
a convolution of three channels is no faster in int8.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from calibration import samples
from equalisation import equalised
from quantisation import quantised
from ssdlite_network import Network, original, read_weights

# Columns of COCO's classes: person, bicycle, car, motorcycle, bus, truck.
COLUMNS = (1, 2, 3, 4, 6, 8)
FLOAT_CONVOLUTIONS = 3
# The pictures of the calibration are as large as those of the training.
SIDE = 300
# The written-out network and the package's own graph may differ by rounding only.
LARGEST_DIFFERENCE = 1e-3


def main() -> None:
    """Convert `graph` with the pictures below `packages` into `output`."""
    parser = argparse.ArgumentParser()
    for name in ("graph", "packages", "output"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    pictures = list(samples(args.packages, SIDE))
    weights = read_weights(args.graph)
    check(args.graph, scaled(pictures[0]))
    network = Network(equalised(weights, map(scaled, pictures)), COLUMNS)
    args.output.write_bytes(quantised(signed(network), pictures, FLOAT_CONVOLUTIONS))


def scaled(picture: np.ndarray) -> tf.Tensor:
    """Scale uint8 (H, W, 3) to what the network was trained on, (1, H, W, 3) in -1..1."""
    return tf.cast(picture[None], tf.float32) * np.float32(1 / 127.5) - np.float32(1)


def check(graph: Path, picture: tf.Tensor) -> None:
    """Compare the written-out network with the package's own graph on a photograph; exits where they differ."""
    weights = read_weights(graph)
    boxes, logits = Network(weights, tuple(range(91)))(picture)
    own_boxes, own_scores = original(graph, weights)(picture)
    difference = max(np.abs(boxes - own_boxes).max(), np.abs(tf.sigmoid(logits) - own_scores).max())
    print(f"written-out network against the package's graph: largest difference {difference:.1e}")
    if not difference < LARGEST_DIFFERENCE:
        raise SystemExit("the written-out network is not the package's")


def signed(network: Network) -> Any:  # noqa: ANN401 - TensorFlow has no types
    """Make the network a function of a uint8 picture of any size, with named outputs."""
    signature = [tf.TensorSpec([1, None, None, 3], tf.uint8, name="picture")]

    @tf.function(input_signature=signature)
    def run(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        boxes, logits = network(tf.cast(picture, tf.float32) * np.float32(1 / 127.5) - np.float32(1))
        return {"boxes": boxes, "logits": logits}

    return run


if __name__ == "__main__":
    main()
