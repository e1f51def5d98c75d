"""Convert: `python -m plates.convert PACKAGES WEIGHTS OUTPUT`; int8, calibrated on drawn pictures only."""

import argparse
from pathlib import Path

import tensorflow as tf
from quantisation import quantised

from plates.dataset import painter_of
from plates.network import plate_network
from plates.scene import Recipe

# Of no training set: those begin with the seeds 1 and above.
CALIBRATION_SEED = 0
CALIBRATION_PICTURES = 200


def main() -> None:
    """Convert trained weights to a TFLite file for uint8 pictures of any size."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("packages", "weights", "output"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    network = plate_network()
    network.load_weights(args.weights)
    args.output.write_bytes(converted(network, args.packages))
    print(f"{args.output}: {args.output.stat().st_size:,} bytes")


def converted(network: tf.keras.Model, packages: Path) -> bytes:
    """Calibrate and quantise a network."""
    painter = painter_of(packages, Recipe())
    pictures = [painter.draw(CALIBRATION_SEED, number).picture for number in range(CALIBRATION_PICTURES)]

    @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3], tf.uint8, name="picture")])
    def run(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        return network(tf.cast(picture, tf.float32) * (1 / 255), training=False)

    return quantised(run, pictures)


if __name__ == "__main__":
    main()
