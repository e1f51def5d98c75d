"""CenterFace written out in TensorFlow operations, over the weights of its ONNX graph.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019: a MobileNetV2 (Sandler et al.,
2018, table 2), a feature pyramid to a quarter of the picture, and heads of one convolution each. The head of the
landmarks is left out: nothing here needs to know where somebody's eyes are. Runs only in the throw-away environment
that `build_centerface.py` makes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from numpy.typing import NDArray
from onnx import numpy_helper

# Rows of inverted residual blocks after the first, which expands nothing: how many, and the stride of a row's first.
ROWS = ((2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1))
# The rows whose outputs, at strides 4, 8 and 16, the pyramid takes up again.
LATERALS = (0, 1, 3)
HEADS = ("heatmap", "scale", "offset", "landmarks")
# An even side loses its first pixel to nobody: padded at both ends, not as TensorFlow would at the last alone.
BOTH_ENDS = [[0, 0], [1, 1], [1, 1], [0, 0]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A convolution: `kernel` (height, width, in, out), or (height, width, in, 1) of a depthwise one, and `bias`."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    depthwise: bool = False


def read_layers(path: Path) -> list[Layer]:
    """Read every convolution of the graph in its order, with what normalises its output folded into it."""
    graph = onnx.load(path).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers = []
    for node, following in zip(graph.node, [*graph.node[1:], None], strict=True):
        if node.op_type == "Conv":
            layers.append(_convolution(*(weights[name] for name in node.input[1:])))
        elif node.op_type == "ConvTranspose":
            norm = [weights[name] for name in following.input[1:]]
            epsilon = next(each.f for each in following.attribute if each.name == "epsilon")
            layers.append(_doubling(weights[node.input[1]], norm, epsilon))
    return layers


def _convolution(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> Layer:
    depthwise = kernel.shape[1] == 1 and kernel.shape[0] > 1
    return Layer(
        kernel=kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(2, 3, 1, 0),
        bias=bias,
        depthwise=depthwise,
    )


def _doubling(kernel: NDArray[np.float32], norm: Sequence[NDArray[np.float32]], epsilon: float) -> Layer:
    """Turn a 2x2 deconvolution of stride 2 into a 1x1 convolution with the four pixels of each cell as channels.

    Its cells do not meet, so that it is the same, and the interpreter can hand it on whole for a picture of any size.
    """
    gamma, beta, mean, variance = norm
    scale = gamma / np.sqrt(variance + np.float32(epsilon))
    scaled = kernel * scale[None, :, None, None]
    rearranged = scaled.transpose(0, 2, 3, 1).reshape(1, 1, kernel.shape[0], -1)
    return Layer(kernel=rearranged, bias=np.tile(beta - mean * scale, 4))


class Network:
    """The network as a function of a picture, float32 (1, H, W, 3) RGB in 0..255; H and W are multiples of 32.

    Gives float32 (1, H/4, W/4, n): the heatmap before its sigmoid (1), the logarithms of height and width in cells (2)
    and the offset of the centre from the cell in cells, y and x (2).
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    def __call__(self, picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Go down, up again, and through the heads, taking one layer after the other."""
        layers = iter(self._layers)
        x, laterals = self._down(picture, layers)
        x = tf.nn.relu(_convolve(x, next(layers)))
        for lateral in reversed(laterals):
            x = tf.nn.depth_to_space(tf.nn.relu(_convolve(x, next(layers))), 2)
            x += tf.nn.relu(_convolve(lateral, next(layers)))
        x = tf.nn.relu(_convolve(x, next(layers)))
        heads = {name: _convolve(x, next(layers)) for name in HEADS}
        return heads["heatmap"], heads["scale"], heads["offset"]

    def _down(self, picture: tf.Tensor, layers: Iterator[Layer]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        x = tf.nn.relu(_convolve(picture, next(layers), 2))
        x = _convolve(tf.nn.relu(_convolve(x, next(layers))), next(layers))
        rows = []
        for blocks, first in ROWS:
            for stride in [first, *repeat(1, blocks - 1)]:
                y = tf.nn.relu(_convolve(x, next(layers)))
                y = tf.nn.relu(_convolve(y, next(layers), stride))
                y = _convolve(y, next(layers))
                x = x + y if stride == 1 and x.shape[-1] == y.shape[-1] else y
            rows.append(x)
        return x, [rows[index] for index in LATERALS]


def _convolve(x: tf.Tensor, layer: Layer, stride: int = 1) -> tf.Tensor:
    padding: Any = "SAME" if stride == 1 else BOTH_ENDS
    if layer.depthwise:
        return tf.nn.depthwise_conv2d(x, layer.kernel, [1, stride, stride, 1], padding) + layer.bias
    return tf.nn.conv2d(x, layer.kernel, stride, padding) + layer.bias
