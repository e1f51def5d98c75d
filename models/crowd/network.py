"""The network: plain 3x3 convolutions to stride 16 and back to stride 8, dilated ones for what is around a head.

Dilation: Li et al., "CSRNet: dilated convolutional neural networks for understanding the highly congested scenes",
2018. The way up is a 1x1 convolution and a rearrangement of channels into pixels (Shi et al., 2016).
"""

from typing import Final

import tensorflow as tf

# A cell of the map is so many px of the picture wide and high.
STRIDE: Final = 8
# Heads begin as rare as one in fifty cells.
RARE: Final = -3.9

layers = tf.keras.layers


def crowd_network() -> tf.keras.Model:
    """Build it: (n, H, W, 3) in 0..1 to logits (n, H/8, W/8, 1); the softplus of a logit is the heads in its cell."""
    picture = layers.Input((None, None, 3), name="picture")
    x = _convolved(picture, 16, stride=2)
    x = _convolved(x, 32, stride=2)
    x = _convolved(x, 32)
    x = _convolved(x, 48, stride=2)
    fine = _convolved(x, 64)
    x = _convolved(fine, 64, stride=2)
    for dilation in (1, 2, 3):
        x = _convolved(x, 64, dilation=dilation)
    coarse = layers.BatchNormalization(momentum=0.97)(layers.Conv2D(256, 1, use_bias=False)(x))
    x = layers.ReLU()(layers.Add()([tf.nn.depth_to_space(coarse, 2), fine]))
    x = _convolved(x, 64, dilation=2)
    x = _convolved(x, 48)
    heads = layers.Conv2D(1, 1, bias_initializer=tf.keras.initializers.Constant(RARE), name="heads")(x)
    return tf.keras.Model(picture, heads)


def _convolved(x: tf.Tensor, width: int, stride: int = 1, dilation: int = 1) -> tf.Tensor:
    x = layers.Conv2D(
        width, 3, strides=stride, dilation_rate=dilation, padding="same", use_bias=False,
        kernel_initializer="he_normal",
    )(x)  # fmt: skip
    return layers.ReLU()(layers.BatchNormalization(momentum=0.97)(x))
