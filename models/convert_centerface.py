"""Convert the CenterFace graph to int8 TFLite; run by `build_centerface.py` in the environment that it makes.

Weights and activations are int8, weights per channel. Input and outputs keep their own units: a picture of uint8, maps
of float32.
"""

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tensorflow as tf
from calibration import samples
from centerface_network import Network, read_layers
from quantisation import quantised

SIDE = 320
# The written-out network and the package's own graph may differ by rounding only.
LARGEST_DIFFERENCE = 1e-3
# The outputs of the package's graph, by its own names.
HEATMAP, SCALE, OFFSET = "537", "538", "539"


def main() -> None:
    """Convert `graph` with the pictures below `packages` into `output`."""
    parser = argparse.ArgumentParser()
    for name in ("graph", "packages", "output"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    pictures = list(samples(args.packages, SIDE))
    network = Network(read_layers(args.graph))
    check(args.graph, network, pictures[-1])
    args.output.write_bytes(quantised(signed(network), pictures))


def check(graph: Path, network: Network, picture: np.ndarray) -> None:
    """Compare the written-out network with OpenCV's reading of the graph on a photograph; exits where they differ."""
    reading = cv2.dnn.readNetFromONNX(str(graph))
    reading.setInput(cv2.dnn.blobFromImage(picture))
    own = [maps.transpose(0, 2, 3, 1) for maps in reading.forward([HEATMAP, SCALE, OFFSET])]
    heatmap, scale, offset = network(tf.cast(picture[None], tf.float32))
    ours = [tf.sigmoid(heatmap), scale, offset]
    difference = max(np.abs(one - other).max() for one, other in zip(ours, own, strict=True))
    print(f"written-out network against the package's graph: largest difference {difference:.1e}")
    if not difference < LARGEST_DIFFERENCE:
        raise SystemExit("the written-out network is not the package's")


def signed(network: Network) -> Any:  # noqa: ANN401 - TensorFlow has no types
    """Make the network a function of a uint8 picture, with named outputs."""
    signature = [tf.TensorSpec([1, None, None, 3], tf.uint8, name="picture")]

    @tf.function(input_signature=signature)
    def run(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        heatmap, scale, offset = network(tf.cast(picture, tf.float32))
        return {"heatmap": heatmap, "scale": scale, "offset": offset}

    return run


if __name__ == "__main__":
    main()
