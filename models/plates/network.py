"""The network: plain 3x3 convolutions down to stride 32, a feature pyramid back to stride 4, three maps.

The pyramid is that of Lin et al., "Feature pyramid networks for object detection", 2017; the way up is a 1x1
convolution and a rearrangement of channels into pixels (Shi et al., 2016), since that asks for no shape at run time:
the converted file takes pictures of any size whose sides are multiples of 32.
"""

import tensorflow as tf

WIDTHS = (16, 32, 48, 64, 64)
PYRAMID = 32
# Heat begins as rare as plates are: Lin et al., "Focal loss for dense object detection", 2017, section 3.3.
RARE = -4.6
# Sides begin at exp(2.5) = 12 px.
FIRST_SIDE = 2.5

layers = tf.keras.layers


def plate_network() -> tf.keras.Model:
    """Build it: (n, H, W, 3) in 0..1 to logits `heat` and `mask` (n, H/4, W/4, 1) and `sides` (n, H/4, W/4, 4).

    `sides` are the natural logarithms of the distances in px from a cell's middle to the left, top, right and bottom.
    """
    picture = layers.Input((None, None, 3), name="picture")
    levels, x = [], picture
    for depth, width in enumerate(WIDTHS):
        x = _convolved(x, width, stride=2)
        if depth:
            x = _convolved(x, width)
            levels.append(x)
    up = _level(levels.pop(), 4 * PYRAMID)
    while levels:
        flat = _level(levels.pop(), PYRAMID)
        x = layers.ReLU()(layers.Add()([tf.nn.depth_to_space(up, 2), flat]))
        up = _level(x, 4 * PYRAMID)
    x = _convolved(_convolved(x, PYRAMID), PYRAMID)
    heat = layers.Conv2D(1, 1, bias_initializer=tf.keras.initializers.Constant(RARE), name="heat")(x)
    mask = layers.Conv2D(1, 1, bias_initializer=tf.keras.initializers.Constant(RARE / 2), name="mask")(x)
    sides = layers.Conv2D(4, 1, bias_initializer=tf.keras.initializers.Constant(FIRST_SIDE), name="sides")(x)
    return tf.keras.Model(picture, {"heat": heat, "mask": mask, "sides": sides})


def _convolved(x: tf.Tensor, width: int, stride: int = 1) -> tf.Tensor:
    x = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.97)(x))


def _level(x: tf.Tensor, width: int) -> tf.Tensor:
    return layers.BatchNormalization(momentum=0.97)(layers.Conv2D(width, 1, use_bias=False)(x))
