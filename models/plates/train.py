"""Train: `python -m plates.train SET WEIGHTS --steps 2400 --seed 1`; half an hour on two processors, seeded."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from plates.dataset import Set, load_set
from plates.losses import loss_of
from plates.network import plate_network

STEPS = 2_400
BATCH = 32
RATE = 2e-3
WARMING_STEPS = 100
DECAY = 1e-4
SAID_EVERY = 50
KEPT_EVERY = 400


def main() -> None:
    """Train on a drawn set and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    trained(load_set(args.set), args.steps, args.seed, args.weights)


def trained(drawn: Set, steps: int, seed: int, weights: Path) -> tf.keras.Model:
    """Train a network on a set and write its weights, now and then and at the end.

    The same seed gives the same network on the same processor.
    """
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    network = plate_network()
    print(f"{network.count_params():,} parameters, {len(drawn['pictures']):,} pictures")
    optimiser = tf.keras.optimizers.AdamW(_Rate(steps), weight_decay=DECAY, clipnorm=5.0)
    optimiser.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    step = _step(network, optimiser)
    began, total = time.monotonic(), 0.0
    for number, batch in enumerate(_batches(drawn, steps, seed), 1):
        total += float(step(*batch))
        if number % SAID_EVERY == 0 or number == steps:
            print(f"step {number:5}  loss {total / SAID_EVERY:7.4f}  {time.monotonic() - began:6.0f} s", flush=True)
            total = 0.0
        if number % KEPT_EVERY == 0 or number == steps:
            network.save_weights(weights)
    return network


class _Rate(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Warm up, then fall along a cosine (Loshchilov and Hutter, "SGDR", 2017)."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        share = tf.clip_by_value((step - WARMING_STEPS) / max(1, self._steps - WARMING_STEPS), 0.0, 1.0)
        fall = 0.5 * (1 + tf.cos(np.pi * share)) * 0.99 + 0.01
        return RATE * tf.minimum((step + 1) / WARMING_STEPS, fall)


def _step(network: tf.keras.Model, optimiser: tf.keras.optimizers.Optimizer) -> tf.types.experimental.GenericFunction:
    @tf.function
    def step(pictures: tf.Tensor, heat: tf.Tensor, mask: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
        heat, mask, boxes = (tf.cast(target, tf.float32) for target in (heat, mask, boxes))
        with tf.GradientTape() as tape:
            found = network(tf.cast(pictures, tf.float32) / 255, training=True)
            loss = loss_of(found, heat, mask, boxes)
        gradients = tape.gradient(loss, network.trainable_variables)
        optimiser.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
        return loss

    return step


def _batches(drawn: Set, steps: int, seed: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Give batches: every picture once before any comes again."""
    rng = np.random.default_rng(seed)
    number = len(drawn["pictures"])
    order = np.concatenate([rng.permutation(number) for _ in range(1 + steps * BATCH // number)])
    for step in range(steps):
        rows = np.sort(order[step * BATCH : (step + 1) * BATCH])
        yield tuple(drawn[name][rows] for name in ("pictures", "heat", "mask", "boxes"))


if __name__ == "__main__":
    main()
