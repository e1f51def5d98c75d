"""Train: `python -m crowd.train WEIGHTS SET [SET …] [--after WEIGHTS] [--steps N]`; seeded, on one processor."""

import argparse
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from crowd.network import STRIDE, crowd_network

BATCH: Final = 16
STEPS: Final = 3_000
CROP: Final = 160
RATE: Final = 1.5e-3
WARMING_STEPS: Final = 100
DECAY: Final = 1e-4
SAID_EVERY: Final = 50
KEPT_EVERY: Final = 200
# The count is taught in blocks of so many cells, each with its weight: where the heads are, and how many in all.
BLOCKS: Final = ((1, 1.0), (2, 1.0), (4, 1.0), (10, 0.3), (20, 0.1))
# A head's target is spread as wide as these shares of it; heads are sorted into so many sizes for that, in px.
SPREAD: Final = 0.25
SIZES_PX: Final = (0.0, 16.0, 32.0, 1e9)


def main() -> None:
    """Train on a drawn set and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--after", type=Path, metavar="WEIGHTS", help="go on from these")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(args.seed)
    network = crowd_network()
    if args.after:
        network.load_weights(args.after)
    print(f"{network.count_params():,} parameters")
    optimiser = tf.keras.optimizers.AdamW(_Rate(args.steps), weight_decay=DECAY, clipnorm=5.0)
    optimiser.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    step = _step(network, optimiser)
    began, total = time.monotonic(), 0.0
    for number, batch in enumerate(_batches(args.sets, args.steps, args.seed), 1):
        total += float(step(*batch))
        if number % SAID_EVERY == 0 or number == args.steps:
            print(f"step {number:5}  loss {total / SAID_EVERY:7.4f}  {time.monotonic() - began:6.0f} s", flush=True)
            total = 0.0
        if number % KEPT_EVERY == 0 or number == args.steps:
            network.save_weights(args.weights)


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
    def step(pictures: tf.Tensor, heads: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            found = tf.nn.softplus(network(pictures, training=True))
            loss = tf.add_n([weight * _surprise(found, heads, cells) for cells, weight in BLOCKS])
        gradients = tape.gradient(loss, network.trainable_variables)
        optimiser.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
        return loss

    return step


def _surprise(found: tf.Tensor, heads: tf.Tensor, cells: int) -> tf.Tensor:
    """Compute Poisson's deviance of the counts in blocks of so many cells a side."""
    found, heads = (tf.nn.avg_pool2d(one, cells, cells, "VALID") * float(cells**2) for one in (found, heads))
    found = found + 1e-6
    return tf.reduce_mean(found - heads + tf.math.xlogy(heads, (heads + 1e-9) / found))


def _batches(
    folders: Sequence[Path], steps: int, seed: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Give batches, pictures in 0..1 and heads per cell: every picture once before any comes again."""
    pictures, heads = (
        [one for folder in folders for one in np.load(folder / f"{name}.npy", mmap_mode="r")]
        for name in ("pictures", "heads")
    )
    rng = np.random.default_rng(seed)
    number = len(pictures)
    order = np.concatenate([rng.permutation(number) for _ in range(1 + steps * BATCH // number)])
    for step in range(steps):
        chosen = [_varied(pictures[i], heads[i], rng) for i in order[step * BATCH : (step + 1) * BATCH]]
        yield np.stack([picture for picture, _ in chosen]), np.stack([cells for _, cells in chosen])


def _varied(
    picture: NDArray[np.uint8], heads: NDArray[np.float16], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cut, mirror and expose one picture by lot; with it come the heads in each cell."""
    x, y = rng.integers(0, (picture.shape[0] - CROP) // STRIDE + 1, 2) * STRIDE
    part = picture[y : y + CROP, x : x + CROP].astype(np.float32) / 255
    cells = cells_of(heads.astype(np.float32), picture.shape[0])
    first, end = (y // STRIDE, x // STRIDE), CROP // STRIDE
    cells = cells[first[0] : first[0] + end, first[1] : first[1] + end]
    if rng.random() < 0.5:  # noqa: PLR2004
        part, cells = part[:, ::-1], cells[:, ::-1]
    part = np.clip(part * rng.uniform(0.7, 1.3) + rng.uniform(-0.12, 0.12), 0, 1)
    return part.astype(np.float32), np.ascontiguousarray(cells[..., None])


def cells_of(heads: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Spread heads (n, 3), x, y and height in px, -1 for none, over cells (side / 8, side / 8)."""
    number = side // STRIDE
    total = np.zeros((number, number), np.float32)
    for least, most in pairwise(SIZES_PX):
        some = heads[(heads[:, 0] >= 0) & (heads[:, 2] >= least) & (heads[:, 2] < most)]
        if len(some):
            fine = np.zeros((side // 2, side // 2), np.float32)
            x, y = (np.clip(some[:, axis] / 2, 0, side // 2 - 1).astype(int) for axis in (0, 1))
            np.add.at(fine, (y, x), 1.0)
            sigma = max(1.0, SPREAD * float(some[:, 2].mean()) / 2)
            fine = cv2.GaussianBlur(fine, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
            cells = cv2.resize(fine, (number, number), interpolation=cv2.INTER_AREA) * (STRIDE / 2) ** 2
            total += cells
    return total


if __name__ == "__main__":
    main()
