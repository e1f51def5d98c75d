"""Convert: `python -m crowd.convert WEIGHTS OUTPUT`; weights in float16, all else in float32.

The file takes pictures of that one size: what a cell sees reaches to the edges of such a one from everywhere, and in a
larger one, where it does not, the network counts crowds that are not there.

Not int8: heads of a sparse place add up from cells of a thousandth each, which eight bits make zero.
"""

import argparse
from pathlib import Path

import tensorflow as tf

from crowd.network import crowd_network
from crowd.train import CROP


def main() -> None:
    """Convert trained weights to a TFLite file for uint8 pictures of the size that was trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("weights", "output"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    network = crowd_network()
    network.load_weights(args.weights)
    args.output.write_bytes(converted(network))
    print(f"{args.output}: {args.output.stat().st_size:,} bytes")


def converted(network: tf.keras.Model) -> bytes:
    """Convert to heads in each cell of 8x8 px."""

    @tf.function(input_signature=[tf.TensorSpec([1, CROP, CROP, 3], tf.uint8, name="picture")])
    def run(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        logits = network(tf.cast(picture, tf.float32) * (1 / 255), training=False)
        # The softplus, of operations that every interpreter has.
        return {"density": tf.nn.relu(logits) + tf.math.log(1.0 + tf.exp(-tf.abs(logits)))}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()], network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


if __name__ == "__main__":
    main()
