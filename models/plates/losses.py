"""What the network is punished for.

Heat: the focal loss of Zhou et al., "Objects as points", 2019, equation 1. Mask: cross entropy and dice (Milletari et
al., "V-Net", 2016). Sides: 1 - GIoU (Rezatofighi et al., 2019).
"""

import tensorflow as tf

from plates.targets import STRIDE

GIOU_WEIGHT = 1.0
MASK_WEIGHT = 3.0
DICE_WEIGHT = 1.0
# Mask cells that should be covered and are not leak; those that are and should not only darken.
LEAK_WEIGHT = 2.0
LEAK_WEIGHT_EDGES = 1.5
# At first a cell shall be masked as a whole when so much of it is covered; later by how much that is.
LEAST_COVER = 0.25

Maps = dict[str, tf.Tensor]


def loss_of(found: Maps, heat: tf.Tensor, mask: tf.Tensor, boxes: tf.Tensor, *, edges: bool) -> tf.Tensor:
    """Sum the parts; `found` as the network gives it, the targets as `targets.py` makes them, batches first.

    With `edges` the mask is to tell how much of a cell is covered, else whether it is.
    """
    leak = LEAK_WEIGHT_EDGES if edges else LEAK_WEIGHT
    mask = mask if edges else tf.cast(mask >= LEAST_COVER, tf.float32)
    mask_logits = found["mask"][..., 0]
    return (
        _focal(found["heat"][..., 0], heat)
        + MASK_WEIGHT * _entropy(mask_logits, mask, leak)
        + DICE_WEIGHT * _dice(tf.sigmoid(mask_logits), mask)
        + GIOU_WEIGHT * _giou(found["sides"], boxes, heat)
    )


def _focal(logits: tf.Tensor, heat: tf.Tensor) -> tf.Tensor:
    chance = tf.sigmoid(logits)
    peak = tf.cast(heat >= 1, tf.float32)
    hit = peak * (1 - chance) ** 2 * tf.math.log_sigmoid(logits)
    miss = (1 - peak) * (1 - heat) ** 4 * chance**2 * tf.math.log_sigmoid(-logits)
    return -tf.reduce_sum(hit + miss) / tf.maximum(1.0, tf.reduce_sum(peak))


def _entropy(logits: tf.Tensor, mask: tf.Tensor, leak: float) -> tf.Tensor:
    each = tf.nn.weighted_cross_entropy_with_logits(mask, logits, leak)
    # A tenth of it by each plate's own size, so that small plates count.
    return tf.reduce_mean(each) + 0.1 * tf.reduce_mean(
        tf.reduce_sum(each * mask, [1, 2]) / tf.maximum(1.0, tf.reduce_sum(mask, [1, 2]))
    )


def _dice(chance: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    shared = tf.reduce_sum(chance * mask, [1, 2])
    both = tf.reduce_sum(chance, [1, 2]) + tf.reduce_sum(mask, [1, 2])
    return tf.reduce_mean(1 - (2 * shared + 1) / (both + 1))


def _giou(sides: tf.Tensor, boxes: tf.Tensor, heat: tf.Tensor) -> tf.Tensor:
    """Compare boxes where a cell answers for one, weighted by its heat."""
    weight = heat * tf.cast(boxes[..., 2] > boxes[..., 0], tf.float32)
    rows = STRIDE * (tf.range(tf.shape(sides)[1], dtype=tf.float32) + 0.5)[None, :, None]
    columns = STRIDE * (tf.range(tf.shape(sides)[2], dtype=tf.float32) + 0.5)[None, None, :]
    away = tf.exp(tf.clip_by_value(sides, -3.0, 6.5))
    x0, y0, x1, y1 = columns - away[..., 0], rows - away[..., 1], columns + away[..., 2], rows + away[..., 3]
    u0, v0, u1, v1 = tf.unstack(boxes, axis=-1)
    shared = tf.nn.relu(tf.minimum(x1, u1) - tf.maximum(x0, u0)) * tf.nn.relu(tf.minimum(y1, v1) - tf.maximum(y0, v0))
    union = (x1 - x0) * (y1 - y0) + (u1 - u0) * (v1 - v0) - shared
    hull = (tf.maximum(x1, u1) - tf.minimum(x0, u0)) * (tf.maximum(y1, v1) - tf.minimum(y0, v0))
    giou = shared / tf.maximum(union, 1e-3) - (hull - union) / tf.maximum(hull, 1e-3)
    return tf.reduce_sum(weight * (1 - giou)) / tf.maximum(1.0, tf.reduce_sum(weight))
