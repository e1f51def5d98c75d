"""The proof's film: one street, the same in every run, on which whatever can be printed on is covered with marks."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.cli.prove.marks import (
    FACE_PX,
    PLATE_PX,
    Marks,
    Picture,
    code_picture,
    dots_picture,
    face_picture,
    plate_picture,
)

SIZE: Final = (320, 192)
FPS: Final = 1.0
WINDOW_S: Final = 60
WINDOWS: Final = 6
_STREET_SEED: Final = 6
# Lorries: (width, height) px, px/s, when they set off in each window, and by lane the row of the wheels and the way.
_LORRY: Final = (100, 52)
_SPEED: Final = 32.0
_LANES: Final = ((118, 1, (1.0, 9.0, 17.0)), (184, -1, (5.0, 13.0, 21.0)))
# A lorry shows so many plates at a time, and others after so many seconds.
_PLATES_EACH: Final = 8
_TURN_S: Final = 2.0
_TURNS: Final = 4
_WALKER: Final = (18, 40)
_WALK: Final = 13.0
_WALKERS_START: Final = (2.0, 14.0)
_PAVEMENT: Final = 62
_COATS: Final = ((150, 60, 40), (40, 40, 150), (40, 120, 60), (30, 30, 35), (190, 190, 205))


def write_film(path: Path, marks: Marks, windows: int = WINDOWS) -> None:
    """Write so many windows of the street with these marks; raises OSError where there is no room."""
    street, lorries, walkers = _street(marks), _lorries(marks), _walkers(marks)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE)
    if not writer.isOpened():
        raise OSError(f"{path}: a film cannot be written here")
    noises = _noises()
    for number in range(round(windows * WINDOW_S * FPS)):
        picture = street.copy()
        _put_walkers(picture, walkers, number / FPS)
        _put_lorries(picture, lorries, number / FPS)
        writer.write(cv2.add(picture, noises[number % len(noises)]))
    writer.release()


def _noises() -> list[Picture]:
    rng = np.random.default_rng(_STREET_SEED)
    return [rng.integers(0, 5, (SIZE[1], SIZE[0], 3)).astype(np.uint8) for _ in range(8)]


def _street(marks: Marks) -> Picture:
    """Paint what stands still: paving, and a wall with the field of dots and the QR codes."""
    rng = np.random.default_rng(_STREET_SEED)
    stones = rng.integers(80, 130, (SIZE[1] // 8, SIZE[0] // 8, 3)).repeat(8, 0).repeat(8, 1)
    picture = stones.astype(np.uint8)
    _paste(picture, dots_picture(marks), (4, 2))
    for column, text in enumerate(marks.codes):
        code = code_picture(text, 1)
        _paste(picture, code, (190 + column * (code.shape[1] + 8), 2))
    return picture


def _paste(picture: Picture, patch: Picture, corner: tuple[int, int]) -> None:
    """Lay a patch over a picture, cut at its borders; grey patches become colour."""
    x, y = corner
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(picture.shape[1], x + patch.shape[1]), min(picture.shape[0], y + patch.shape[0])
    if x0 < x1 and y0 < y1:
        part = patch[y0 - y : y1 - y, x0 - x : x1 - x]
        picture[y0:y1, x0:x1] = part if part.ndim == picture.ndim else part[:, :, None]


def _lorries(marks: Marks) -> list[Picture]:
    """Paint boards for the sides of lorries: eight plates on each, all of the marks' plates in all."""
    width, height = _LORRY
    found = []
    for first in range(0, len(marks.plates), _PLATES_EACH):
        side = np.full((height, width, 3), _COATS[first // _PLATES_EACH % len(_COATS)], np.uint8)
        for place, text in enumerate(marks.plates[first : first + _PLATES_EACH]):
            row, column = divmod(place, 2)
            _paste(side, plate_picture(text), (2 + column * (PLATE_PX[0] + 2), 2 + row * (PLATE_PX[1] + 1)))
        found.append(side)
    return found


def _walkers(marks: Marks) -> list[Picture]:
    width, height = _WALKER
    found = []
    for number, seed in enumerate(marks.faces):
        body = np.full((height, width, 3), _COATS[number % len(_COATS)], np.uint8)
        _paste(body, face_picture(seed), ((width - FACE_PX[0]) // 2, 1))
        found.append(body)
    return found


def _put_lorries(picture: Picture, lorries: list[Picture], at_s: float) -> None:
    """Let lorries pass: each turns over its boards on the way, so that all plates have been shown in the end."""
    window, in_s = divmod(at_s, WINDOW_S)
    for lane, (bottom, way, starts) in enumerate(_LANES):
        for place, start_s in enumerate(starts):
            gone_s = in_s - start_s
            if gone_s < 0:
                continue
            gone = round(gone_s * _SPEED)
            passage = (round(window) * len(_LANES) + lane) * len(starts) + place
            boards = passage * _TURNS + min(int(gone_s / _TURN_S), _TURNS - 1)
            x = gone - _LORRY[0] if way > 0 else SIZE[0] - gone
            _paste(picture, lorries[boards % len(lorries)], (x, bottom - _LORRY[1]))


def _put_walkers(picture: Picture, walkers: list[Picture], at_s: float) -> None:
    window, in_s = divmod(at_s, WINDOW_S)
    for place, start_s in enumerate(_WALKERS_START):
        x = round((in_s - start_s) * _WALK) - _WALKER[0]
        number = round(window) * len(_WALKERS_START) + place
        _paste(picture, walkers[number % len(walkers)], (x, _PAVEMENT - _WALKER[1]))
