"""From a TensorFlow function of a picture to int8 TFLite, the same bytes on every processor."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.tools import flatbuffer_utils

# Ranges are rounded up to this many binary digits, so that another processor's last digit changes no byte.
RANGE_DIGITS = 8


def quantised(run: Any, pictures: Iterable[np.ndarray], float_convolutions: int = 0) -> bytes:  # noqa: ANN401 - untyped
    """Convert a `tf.function` of one uint8 picture (1, H, W, 3), calibrate on (H, W, 3) ones and quantise.

    The first so many convolutions, with all before them, stay in floating point. Outputs are float32.
    """

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
        denylisted_nodes=_first(calibrated, float_convolutions),
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


def _first(calibrated: bytes, float_convolutions: int) -> list[str] | None:
    """Name the outputs of all operations up to the last one that stays in floating point; None where none does."""
    if not float_convolutions:
        return None
    interpreter: Any = tf.lite.Interpreter(model_content=calibrated)
    names = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    first, convolutions = [], 0
    for operation in interpreter._get_ops_details():  # noqa: SLF001 - there is no public list
        convolutions += operation["op_name"] in {"CONV_2D", "DEPTHWISE_CONV_2D"}
        if convolutions > float_convolutions:
            break
        first.append(names[operation["outputs"][0]])
    return first
