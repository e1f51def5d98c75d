"""The process that reads a film's packets without decoding them: `python -m edge.vision.files.film_survey`.

OpenCV tells nobody that a film's pictures change their size: it goes on with pictures of the first size, in which the
rest of older ones stands. So the headers in which codecs write the size are compared, from packet to packet.

Headers after ITU-T T.81 B.2.2, ISO/IEC 14496-2 6.2.3, ISO/IEC 13818-2 6.2.2.1, RFC 6386 9.1, ITU-T H.264 7.3.2.1 and
H.265 7.3.2.2.
"""

import os
import struct
import sys
from collections.abc import Callable
from typing import Final, Never

import cv2

from edge.vision.files.picture_decoder import confine

RECORD: Final = struct.Struct("<q")
"""The number of the first packet with another size, counted from 0; -1 where there is none."""

_START: Final = b"\0\0\1"
_JPEG_FRAMES: Final = (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2")
_H264_SPS: Final = 7
_H265_SPS: Final = 33


def _jpeg(packet: bytes) -> bytes | None:
    for frame in _JPEG_FRAMES:
        at = packet.find(frame)
        if at >= 0:
            return packet[at + 5 : at + 9]
    return None


def _vp8(packet: bytes) -> bytes | None:
    is_key = packet[3:6] == b"\x9d\1\x2a" and not packet[0] & 1
    return packet[6:10] if is_key else None


def _units(packet: bytes, is_header: Callable[[int], bool]) -> bytes | None:
    """Take the first unit behind a start code whose first byte is a header's; it ends at the next start code."""
    at = packet.find(_START)
    while at >= 0:
        end = packet.find(_START, at + 3)
        unit = packet[at + 3 : end if end >= 0 else len(packet)]
        if unit and is_header(unit[0]):
            # A start code may have a zero more, which belongs to no unit.
            return unit.rstrip(b"\0")
        at = end
    return None


def _mpeg4(packet: bytes) -> bytes | None:
    return _units(packet, lambda first: first & 0xF0 == 0x20)  # noqa: PLR2004  a video object layer


def _mpeg2(packet: bytes) -> bytes | None:
    found = _units(packet, lambda first: first == 0xB3)  # noqa: PLR2004  a sequence header
    return found and found[1:4]


def _h264(packet: bytes) -> bytes | None:
    return _units(packet, lambda first: first & 0x1F == _H264_SPS)


def _h265(packet: bytes) -> bytes | None:
    return _units(packet, lambda first: first >> 1 & 0x3F == _H265_SPS)


_READERS: Final = {
    **dict.fromkeys(("mjpg", "jpeg"), _jpeg),
    "vp80": _vp8,
    **dict.fromkeys(("fmp4", "mp4v", "xvid", "divx", "dx50"), _mpeg4),
    **dict.fromkeys(("mpg1", "mpg2", "mp1v", "mp2v"), _mpeg2),
    **dict.fromkeys(("h264", "avc1", "x264"), _h264),
    **dict.fromkeys(("hevc", "hvc1", "hev1"), _h265),
}


def changed_at(path: str) -> int:
    """Give the number of the first packet whose header tells another size than that of the first; -1: none does."""
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])
    code = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True)
    reader = _READERS.get(code.decode("latin-1").lower())
    if reader is None:
        return -1
    first: bytes | None = None
    number = 0
    while capture.grab():
        good, packet = capture.retrieve()
        found = reader(packet.tobytes()) if good and packet is not None else None
        first = first or found
        if found and found != first:
            return number
        number += 1
    return -1


def main(arguments: list[str]) -> Never:
    """Survey `PATH` and tell: `PATH MEMORY TELL`."""
    confine()
    os.write(int(arguments[2]), RECORD.pack(changed_at(arguments[0])))
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
