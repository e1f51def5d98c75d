"""Letters for plates, signs and badges: from fonts of registry packages, or OpenCV's strokes where there are none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Below a folder with the unpacked wheels of `plates.drawing.requirements.txt`; a weight where the font has its axis.
FONTS: tuple[tuple[str, int | None], ...] = (
    ("fontpkg_barlow/files/Barlow-SemiBold.ttf", None),
    ("fontpkg_barlow/files/Barlow-Medium.ttf", None),
    ("fontpkg_overpass/files/Overpass[wght].ttf", 600),
    ("fontpkg_overpass/files/Overpass[wght].ttf", 800),
    ("fontpkg_saira_condensed/files/SairaCondensed-SemiBold.ttf", None),
    ("fontpkg_saira_condensed/files/SairaCondensed-Bold.ttf", None),
    ("fontpkg_roboto_condensed/files/RobotoCondensed[wght].ttf", 600),
    ("fontpkg_share_tech/files/ShareTech-Regular.ttf", None),
    ("fontpkg_archivo_narrow/files/ArchivoNarrow[wght].ttf", 600),
)
STROKES = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)
# Drawn so high and resized after: letters of one text are asked for in many sizes.
_HEIGHT_PX = 80

Ink = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lettering:
    """Draws words; `fonts` are loaded fonts, none for OpenCV's strokes."""

    fonts: tuple[Any, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> "Lettering":
        """Load the fonts below a folder of unpacked wheels; needs Pillow."""
        return cls(fonts=tuple(_font(folder / name, weight) for name, weight in FONTS))

    def ink(self, text: str, rng: np.random.Generator) -> Ink:
        """Draw a text as large as its own box: uint8 (h, w), 255 where there is ink."""
        if self.fonts:
            return _printed(text, self.fonts[rng.integers(len(self.fonts))])
        return _stroked(text, STROKES[rng.integers(len(STROKES))])


def _font(path: Path, weight: int | None) -> object:
    from PIL import ImageFont  # noqa: PLC0415 - whoever draws with strokes needs no Pillow

    font = ImageFont.truetype(str(path), _HEIGHT_PX)
    if weight is not None:
        font.set_variation_by_axes([weight])
    return font


def _printed(text: str, font: Any) -> Ink:  # noqa: ANN401 - Pillow is not there for a type checker
    from PIL import Image, ImageDraw  # noqa: PLC0415 - see above

    left, top, right, bottom = (int(side) for side in font.getbbox(text))
    image = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, font=font, fill=255)
    return _cropped(np.asarray(image))


def _stroked(text: str, face: int) -> Ink:
    (width, height), below = cv2.getTextSize(text, face, 2.4, 7)
    image = np.zeros((height + below + 12, width + 12), np.uint8)
    cv2.putText(image, text, (6, height + 6), face, 2.4, 255, 7, cv2.LINE_AA)
    return _cropped(image)


def _cropped(image: Ink) -> Ink:
    rows, columns = np.flatnonzero(image.max(axis=1)), np.flatnonzero(image.max(axis=0))
    if not len(rows):
        return image
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
