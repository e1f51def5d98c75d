"""One picture: decoded in a process that may die of it, and written again from its pixels alone."""

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.vision.files.facts import Conversion, Refusal
from edge.vision.files.fault import FileError
from edge.vision.files.kind import JPEG, WEBP, Format
from edge.vision.files.picture_decoder import MOST_PIXELS, RECORD
from edge.vision.files.servant import record_of
from edge.vision.frame import Pixels

_DECODER: Final = "edge.vision.files.picture_decoder"
_PATIENCE_S: Final = 120.0
_QUALITY: Final = 95
_AGAIN: Final = "copy it again from where it was taken"
_REFUSALS: Final = {
    Refusal.NOT_A_PICTURE: ("is not a picture", "check what it is; JPEG, PNG, WebP, TIFF and BMP can be read"),
    Refusal.DAMAGED: ("is damaged or cut off", _AGAIN),
    Refusal.TOO_LARGE: (f"has more than {MOST_PIXELS // 10**6} million pixels", "make it smaller or cut it first"),
    Refusal.ANIMATED: ("is animated", "make a film of it (MP4) and anonymise that"),
    Refusal.SEVERAL_PAGES: ("holds several pictures", "save each as a file of its own"),
    Refusal.LAYERED: ("holds layers or a camera's raw picture", "export it as JPEG, PNG or a plain TIFF"),
    Refusal.UNUSUAL_SAMPLES: ("has samples that are not 8 or 16 bits", "save it with 8 bits a channel"),
    Refusal.STUCK: (f"could not be decoded within {_PATIENCE_S:.0f} s", _AGAIN),
}
_CONVERSIONS: Final = {
    Conversion.TURNED: "turned the way up that its metadata asked for",
    Conversion.EIGHT_BITS: "written with 8 bits a channel",
    Conversion.COLOURED: "written in colour, as grey",
    Conversion.FLATTENED: "laid on white: it could be seen through",
    Conversion.FROM_CMYK: "written in red, green and blue instead of CMYK",
    Conversion.OTHERS_LEFT_OUT: "its previews and other inner pictures were left out",
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Picture:
    """What was decoded: uint8 (H, W, 3) BGR as it is shown, and what was converted for that, in words."""

    pixels: Pixels
    notes: tuple[str, ...]


def read_picture(path: Path, kind: Format, patience_s: float = _PATIENCE_S) -> Picture:
    """Decode a picture; raises FileError where it is damaged, too large or holds several."""
    memory = os.memfd_create("passant-picture", os.MFD_CLOEXEC)
    try:
        refusal, width, height, conversions = RECORD.unpack(_told(path, kind, memory, patience_s))
        if refusal:
            raise FileError(*_REFUSALS[Refusal(refusal)])
        if os.fstat(memory).st_size != width * height * 3:
            raise FileError(*_REFUSALS[Refusal.DAMAGED])
        shared = mmap.mmap(memory, 0, access=mmap.ACCESS_READ)
        pixels = np.frombuffer(shared, np.uint8).reshape(height, width, 3)
    finally:
        os.close(memory)
    notes = tuple(text for one, text in _CONVERSIONS.items() if one in Conversion(conversions))
    return Picture(pixels=pixels, notes=notes)


def encoded(pixels: Pixels, kind: Format) -> bytes:
    """Encode a picture that is masked; raises FileError where the format cannot hold it."""
    options = {JPEG: [cv2.IMWRITE_JPEG_QUALITY, _QUALITY], WEBP: [cv2.IMWRITE_WEBP_QUALITY, _QUALITY]}
    try:
        good, content = cv2.imencode(kind.ending, pixels, options.get(kind, []))
    except cv2.error:
        good = False
    if not good:
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        raise FileError(f"{kind.name} cannot hold a picture of {size}", "name an output that ends in .png")
    return bytes(content)


def _told(path: Path, kind: Format, memory: int, patience_s: float) -> bytes:
    """Run the decoder and give its record; one that died of the picture counts as damage."""
    arguments = (os.fspath(path.absolute()), kind.name)
    record = record_of(_DECODER, arguments, RECORD.size, memory=memory, patience_s=patience_s)
    if record is None:
        return RECORD.pack(Refusal.STUCK, 0, 0, 0)
    return record or RECORD.pack(Refusal.DAMAGED, 0, 0, 0)
