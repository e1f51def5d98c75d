"""Known marks for the proof's footage: random dots, QR codes, drawn faces and 1,000 drawn plates, new in every run."""

import secrets
import string
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

Picture = np.ndarray[Any, np.dtype[np.uint8]]

PLATES: Final = 1_000
DOTS: Final = (40, 88)
"""Rows and columns of the field of dots."""
DOT_PX: Final = 2
PLATE_PX: Final = (46, 11)
"""(width, height) of a drawn plate in px."""
FACE_PX: Final = (14, 18)
# Nine of the widest letters still fit, drawn four times as large.
_PLATE_LETTERS: Final = 0.84
_FACES: Final = 12
_CODES: Final = 2
_WORD: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What one film shows and no channel may tell.

    `dots` is bool (rows, columns); `plates` and `codes` are the texts that are drawn; `faces` seeds the drawn faces.
    """

    dots: "np.ndarray[Any, np.dtype[np.bool_]]"
    plates: tuple[str, ...]
    codes: tuple[str, ...]
    faces: tuple[int, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Every text that can be read off the film."""
        return (*self.plates, *self.codes)

    @property
    def count(self) -> int:
        """How many marks there are: the field of dots is one."""
        return 1 + len(self.plates) + len(self.codes) + len(self.faces)


def draw_marks() -> Marks:
    """Draw lots for a film's marks; nobody knows them before."""
    rng = np.random.default_rng(secrets.randbits(128))
    plates: dict[str, None] = {}
    while len(plates) < PLATES:
        plates[_plate(rng)] = None
    letters = list(string.ascii_uppercase)
    codes = tuple("".join(rng.choice(letters, _WORD)) for _ in range(_CODES))
    faces = tuple(int(seed) for seed in rng.integers(0, 2**31, _FACES))
    return Marks(dots=rng.random(DOTS) < 0.5, plates=tuple(plates), codes=codes, faces=faces)  # noqa: PLR2004  even odds


def _plate(rng: np.random.Generator) -> str:
    """Make a text in the French manner, AB-123-CD."""
    letters = "".join(rng.choice(list("ABCDEFGHJKLMNPQRSTVWXYZ"), 4))
    return f"{letters[:2]}-{rng.integers(100, 1000)}-{letters[2:]}"


def dots_picture(marks: Marks) -> Picture:
    """Draw the field of dots, grey (rows, columns) times DOT_PX."""
    bits = np.where(marks.dots, np.uint8(225), np.uint8(35)).astype(np.uint8)
    return np.ascontiguousarray(bits.repeat(DOT_PX, 0).repeat(DOT_PX, 1))


def plate_picture(text: str) -> Picture:
    """Draw a plate, grey: dark letters on a light ground, as large as PLATE_PX."""
    width, height = PLATE_PX
    large = np.full((height * 4, width * 4), 235, np.uint8)
    cv2.putText(large, text, (4, height * 4 - 12), cv2.FONT_HERSHEY_SIMPLEX, _PLATE_LETTERS, (15,), 3, cv2.LINE_AA)
    return np.asarray(cv2.resize(large, PLATE_PX, interpolation=cv2.INTER_AREA), np.uint8)


def code_picture(text: str, module_px: int = 2) -> Picture:
    """Draw a QR code, grey, so many px a module, with its quiet zone."""
    code = cv2.QRCodeEncoder.create().encode(text)
    return np.ascontiguousarray(np.asarray(code, np.uint8).repeat(module_px, 0).repeat(module_px, 1))


def face_picture(seed: int) -> Picture:
    """Draw a face, colour (blue, green, red), as large as FACE_PX: no two of them look the same."""
    rng = np.random.default_rng(seed)
    width, height = FACE_PX
    large = np.full((height * 8, width * 8, 3), rng.integers(20, 70, 3), np.uint8)
    skin = tuple(int(part) for part in np.array((130, 160, 205)) * rng.uniform(0.4, 1.15))
    centre = (width * 4, height * 4)
    cv2.ellipse(large, centre, (width * 3, round(height * 3.4)), 0, 0, 360, skin, -1, cv2.LINE_AA)
    apart, level = int(rng.integers(10, 22)), int(rng.integers(-16, -4))
    for side in (-1, 1):
        cv2.circle(large, (centre[0] + side * apart, centre[1] + level), int(rng.integers(4, 8)), (30, 25, 20), -1)
    mouth = (int(rng.integers(8, 20)), int(rng.integers(3, 9)))
    cv2.ellipse(large, (centre[0], centre[1] + 32), mouth, 0, 0, 360, (60, 60, 150), -1, cv2.LINE_AA)
    return np.asarray(cv2.resize(large, FACE_PX, interpolation=cv2.INTER_AREA), np.uint8)
