"""Evening out of channels before quantisation.

Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019: what a channel is
multiplied by on one side of a linear stretch it is divided by on the other. Here: the residual streams between the
blocks, whose channels differ in range up to a hundredfold while int8 has one step for all of them. The factors are
powers of two, so that the network in floating point stays the same to the last bit.
"""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from ssdlite_network import BLOCK_STRIDES, ROOT, Network, Weights, block_name

LARGEST_FACTOR = 16.0


class Observed(Network):
    """A network that remembers the largest magnitude of each channel of each residual stream."""

    def __init__(self, weights: Weights, columns: tuple[int, ...]) -> None:
        super().__init__(weights, columns)
        self.peaks: dict[str, NDArray[np.float32]] = {}

    def _convolve(self, x: tf.Tensor, name: str, stride: int = 1) -> tf.Tensor:
        y = super()._convolve(x, name, stride)
        peak = np.abs(y.numpy()).max(axis=(0, 1, 2))
        self.peaks[name] = np.maximum(self.peaks.get(name, 0), peak)
        return y


def equalised(weights: Weights, pictures: Iterable[tf.Tensor]) -> dict[str, NDArray[np.float32]]:
    """Give weights of the same network whose residual channels have about the same range on these pictures."""
    network = Observed(weights, (1,))
    for picture in pictures:
        network(picture)
    even = dict(weights)
    for stream in _streams(weights):
        projections = [f"{block_name(index)}/project" for index in stream]
        peak = np.maximum.reduce([network.peaks[name] for name in projections])
        wanted = np.clip(peak.max() / np.maximum(peak, 1e-6), 1, LARGEST_FACTOR)
        factor = np.exp2(np.round(np.log2(wanted))).astype(np.float32)
        for name in projections:
            even[f"{name}/Conv2D/merged_input"] = even[f"{name}/Conv2D/merged_input"] * factor
            even[f"{name}/BatchNorm/batchnorm/sub"] = even[f"{name}/BatchNorm/batchnorm/sub"] * factor
        for index in stream:
            kernel = f"{_reader(index)}/Conv2D/merged_input"
            even[kernel] = even[kernel] / factor[:, None]
    return even


def _streams(weights: Weights) -> list[list[int]]:
    """Group the blocks whose outputs are added up."""
    streams: list[list[int]] = []
    width = None
    for index, stride in enumerate(BLOCK_STRIDES):
        before, width = width, weights[f"{block_name(index)}/project/Conv2D/merged_input"].shape[-1]
        if stride == 1 and before == width:
            streams[-1].append(index)
        else:
            streams.append([index])
    return streams


def _reader(index: int) -> str:
    """Name the convolution that reads what a block gives."""
    return f"{block_name(index + 1)}/expand" if index + 1 < len(BLOCK_STRIDES) else f"{ROOT}/Conv_1"
