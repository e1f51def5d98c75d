"""The label of a device: who it is and which claim it was given, as a QR code and in words; nothing of it is secret."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import segno

from edge.identity.durable import write_whole

_MODULE_PX: Final = 10
_LINE_PX: Final = 40
_MARGIN_PX: Final = 40
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_GROUP: Final = 8
_WHITE: Final = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What is stuck onto a device's case."""

    org: str
    id: str
    # In hexadecimal; empty where the card holds no claim.
    fingerprint: str

    @property
    def text(self) -> str:
        """What the QR code says."""
        claim = f"&claim={self.fingerprint}" if self.fingerprint else ""
        return f"passant:1?device={self.org}/{self.id}{claim}"

    @property
    def words(self) -> tuple[str, ...]:
        """The same for people, in lines."""
        digits = self.fingerprint
        groups = " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
        return (f"{self.org} / {self.id}", f"claim {groups}" if groups else "no claim")


def on_terminal(label: Label) -> str:
    """Draw a label in half blocks, for a terminal."""
    drawn = io.StringIO()
    _code(label).terminal(drawn, compact=True, border=2)
    return drawn.getvalue() + "".join(f"    {line}\n" for line in label.words)


def save_label(path: Path, label: Label) -> None:
    """Write a label as PNG, black on white; raises OSError."""
    rows = np.array([[bool(dark) for dark in row] for row in _code(label).matrix_iter(border=4)])
    code = np.where(np.kron(rows, np.ones((_MODULE_PX, _MODULE_PX))) > 0, 0, _WHITE).astype(np.uint8)
    width = max(code.shape[1], *(cv2.getTextSize(line, _FONT, 1.0, 2)[0][0] + 2 * _MARGIN_PX for line in label.words))
    picture = np.full((code.shape[0] + _LINE_PX * (len(label.words) + 1), width), _WHITE, np.uint8)
    left = (width - code.shape[1]) // 2
    picture[: code.shape[0], left : left + code.shape[1]] = code
    for index, line in enumerate(label.words):
        at = (_MARGIN_PX, code.shape[0] + _LINE_PX * (index + 1))
        cv2.putText(picture, line, at, _FONT, 1.0, (0,), 2, cv2.LINE_AA)
    write_whole(path, cv2.imencode(".png", picture)[1].tobytes())


def _code(label: Label) -> segno.QRCode:
    return segno.make_qr(label.text, error="m")
