"""Convert the SSDLite graph to int8 TFLite; run by `build_ssdlite.py` in the environment that it makes.

Weights and activations are int8, weights per channel. In floating point stay the picture's scaling and the first
three convolutions: the first depthwise one alone made a fifth of the variance of all quantisation noise, and in LiteRT
a convolution of three channels is no faster in int8.
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from calibration import samples
from equalisation import equalised
from ssdlite_network import Network, original, read_weights
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.tools import flatbuffer_utils

# Columns of COCO's classes: person, bicycle, car, motorcycle, bus, truck.
COLUMNS = (1, 2, 3, 4, 6, 8)
FLOAT_CONVOLUTIONS = 3
# The written-out network and the package's own graph may differ by rounding only.
LARGEST_DIFFERENCE = 1e-3
# Ranges are rounded up to this many binary digits, so that another processor's last digit changes no byte.
RANGE_DIGITS = 8


def main() -> None:
    """Convert `graph` with the pictures below `packages` into `output`."""
    parser = argparse.ArgumentParser()
    for name in ("graph", "packages", "output"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    pictures = list(samples(args.packages))
    weights = read_weights(args.graph)
    check(args.graph, scaled(pictures[0]))
    network = Network(equalised(weights, map(scaled, pictures)), COLUMNS)
    args.output.write_bytes(quantised(network, pictures))


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


def quantised(network: Network, pictures: list[np.ndarray]) -> bytes:
    """Convert, calibrate and quantise; gives a TFLite file for uint8 pictures of any size."""
    signature = [tf.TensorSpec([1, None, None, 3], tf.uint8, name="picture")]

    @tf.function(input_signature=signature)
    def run(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        boxes, logits = network(tf.cast(picture, tf.float32) * np.float32(1 / 127.5) - np.float32(1))
        return {"boxes": boxes, "logits": logits}

    def feed() -> Iterator[list[np.ndarray]]:
        return ([picture[None]] for picture in pictures)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()], tf.Module())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = feed
    converter._experimental_calibrate_only = True  # noqa: SLF001 - the only way to the ranges before quantisation
    calibrated = rounded(converter.convert())
    return mlir_quantize(
        calibrated,
        input_data_type=tf.uint8,
        output_data_type=tf.float32,
        denylisted_nodes=_first(calibrated),
    )


def rounded(calibrated: bytes) -> bytes:
    """Round every calibrated range outward."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(calibrated))
    for tensor in model.subgraphs[0].tensors:
        quantization = tensor.quantization
        if quantization is not None and quantization.min is not None and len(quantization.min) == 1:
            quantization.min = [_outward(float(quantization.min[0]))]
            quantization.max = [_outward(float(quantization.max[0]))]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _outward(bound: float) -> float:
    if bound == 0:
        return bound
    step = 2.0 ** (math.frexp(bound)[1] - RANGE_DIGITS)
    # A bound that lies on a step but for the last digit, as the 6 of a ReLU6 does, stays there.
    return math.copysign(math.ceil(abs(bound) / step - 1e-3) * step, bound)


def _first(calibrated: bytes) -> list[str]:
    """Name the outputs of all operations up to the last one that stays in floating point."""
    interpreter: Any = tf.lite.Interpreter(model_content=calibrated)
    names = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    first, convolutions = [], 0
    for operation in interpreter._get_ops_details():  # noqa: SLF001 - there is no public list
        convolutions += operation["op_name"] in {"CONV_2D", "DEPTHWISE_CONV_2D"}
        if convolutions > FLOAT_CONVOLUTIONS:
            break
        first.append(names[operation["outputs"][0]])
    return first


if __name__ == "__main__":
    main()
