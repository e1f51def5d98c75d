"""Train: `python -m plates.train SET WEIGHTS [--after WEIGHTS] [--steps N] [--seed N]`; seeded.

In two stages: the first learns where plates are, the second, on harder pictures, where they end.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from plates.dataset import Set, load_set
from plates.losses import loss_of
from plates.network import plate_network
from plates.targets import WHOLE

BATCH = 32
WARMING_STEPS = 100
DECAY = 1e-4
SAID_EVERY = 50
KEPT_EVERY = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """How to train: so many steps, at such a rate at the most; with `edges`, see the loss."""

    steps: int
    rate: float
    edges: bool


FIRST = Stage(steps=2_400, rate=2e-3, edges=False)
SECOND = Stage(steps=2_400, rate=1e-3, edges=True)


def main() -> None:
    """Train on a drawn set and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=FIRST.steps)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--after", type=Path, metavar="WEIGHTS", help="go on from these, at edges")
    args = parser.parse_args()
    stage = SECOND if args.after else FIRST
    trained(load_set(args.set), replace(stage, steps=args.steps), args.seed, args.weights, args.after)


def trained(drawn: Set, stage: Stage, seed: int, weights: Path, after: Path | None = None) -> tf.keras.Model:
    """Train a network on a set, anew or after others' weights, and write its own, now and then and at the end.

    The same seed gives the same network on the same processor.
    """
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    network = plate_network()
    if after:
        network.load_weights(after)
    print(f"{network.count_params():,} parameters, {len(drawn['pictures']):,} pictures")
    optimiser = tf.keras.optimizers.AdamW(_Rate(stage), weight_decay=DECAY, clipnorm=5.0)
    optimiser.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    step = _step(network, optimiser, edges=stage.edges)
    began, total = time.monotonic(), 0.0
    for number, batch in enumerate(_batches(drawn, stage.steps, seed), 1):
        total += float(step(*batch))
        if number % SAID_EVERY == 0 or number == stage.steps:
            print(f"step {number:5}  loss {total / SAID_EVERY:7.4f}  {time.monotonic() - began:6.0f} s", flush=True)
            total = 0.0
        if number % KEPT_EVERY == 0 or number == stage.steps:
            network.save_weights(weights)
    return network


class _Rate(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Warm up, then fall along a cosine (Loshchilov and Hutter, "SGDR", 2017)."""

    def __init__(self, stage: Stage) -> None:
        self._steps, self._rate = stage.steps, stage.rate

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        share = tf.clip_by_value((step - WARMING_STEPS) / max(1, self._steps - WARMING_STEPS), 0.0, 1.0)
        fall = 0.5 * (1 + tf.cos(np.pi * share)) * 0.99 + 0.01
        return self._rate * tf.minimum((step + 1) / WARMING_STEPS, fall)


def _step(
    network: tf.keras.Model, optimiser: tf.keras.optimizers.Optimizer, *, edges: bool
) -> tf.types.experimental.GenericFunction:
    @tf.function
    def step(pictures: tf.Tensor, heat: tf.Tensor, mask: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
        heat, mask, boxes = (tf.cast(target, tf.float32) for target in (heat, mask, boxes))
        with tf.GradientTape() as tape:
            found = network(tf.cast(pictures, tf.float32) / 255, training=True)
            loss = loss_of(found, heat, mask / WHOLE, boxes, edges=edges)
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
