"""Pictures for the benchmarks: read from files, and put together on sheets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.vision.frame import Pixels

TILE_PX: Final = 440
_CAPTION_PX: Final = 18
_PAPER: Final = 245
_INK: Final = (20, 20, 20)
_QUALITY: Final = 88


def read_picture(path: Path) -> Pixels:
    """Read a picture as uint8 (H, W, 3), blue, green, red; raises OSError where it is none."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise OSError(f"{path}: not a picture that can be read; copy it again")
    return np.asarray(pixels, np.uint8)


def sheet(rows: Sequence[Sequence[tuple[str, Pixels]]]) -> Pixels:
    """Put captioned pictures together, row under row, each TILE_PX wide."""
    drawn = [_row([_tile(caption, pixels) for caption, pixels in row]) for row in rows]
    width = max(row.shape[1] for row in drawn)
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=_PAPER) for row in drawn]
    return np.concatenate(padded, axis=0)


def write_jpeg(path: Path, pixels: Pixels) -> None:
    """Write a picture that only its owner can read."""
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    path.touch(mode=0o600)
    path.write_bytes(packed.tobytes())


def _tile(caption: str, pixels: Pixels) -> Pixels:
    height = max(1, round(pixels.shape[0] * TILE_PX / pixels.shape[1]))
    # The nearest pixel enlarges a mosaic as it is; averaging shrinks without sparkling.
    how = cv2.INTER_AREA if pixels.shape[1] > TILE_PX else cv2.INTER_NEAREST
    tile = np.full((height + _CAPTION_PX, TILE_PX, 3), _PAPER, np.uint8)
    tile[_CAPTION_PX:] = cv2.resize(pixels, (TILE_PX, height), interpolation=how)
    cv2.putText(tile, caption, (3, _CAPTION_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return tile


def _row(tiles: Sequence[Pixels]) -> Pixels:
    height = max(tile.shape[0] for tile in tiles)
    filled = [np.pad(tile, ((0, height - tile.shape[0]), (0, 4), (0, 0)), constant_values=_PAPER) for tile in tiles]
    return np.concatenate(filled, axis=1)
