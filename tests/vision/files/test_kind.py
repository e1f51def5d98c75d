"""A file is what its first bytes say, whatever its name."""

import pytest

from edge.vision.files.kind import AVI, BMP, JPEG, MKV, MOV, MP4, PNG, THREEGP, TIFF, WEBM, WEBP, Kind, format_of
from tests.drawn_files import drawn, encoded

HEADS = {
    b"RIFF\0\0\0\0AVI LIST": AVI,
    b"\0\0\0\x18ftypisom": MP4,
    b"\0\0\0\x18ftypmp42": MP4,
    b"\0\0\0\x14ftypqt  ": MOV,
    b"\0\0\0\x08wide\0\0\0\0mdat": MOV,
    b"\0\0\0\x18ftyp3gp5": THREEGP,
    b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm": WEBM,
    b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x88matroska": MKV,
}
NOT_WRITTEN = {
    b"GIF89a\1\0\1\0": Kind.PICTURE,
    b"\0\0\0\x18ftypheic": Kind.PICTURE,
    b"\0\0\0\x18ftypavif": Kind.PICTURE,
    b"\0\0\0\x18ftypcrx ": Kind.PICTURE,
    b"\0\0\0\x0cJXL \r\n": Kind.PICTURE,
    b"II+\0\x08\0": Kind.PICTURE,
    b"\0\0\x01\xba!": Kind.FILM,
    b"FLV\x01\5": Kind.FILM,
    b"G" + bytes(187) + b"G" + bytes(187) + b"G": Kind.FILM,
    bytes(4) + b"G" + bytes(191) + b"G" + bytes(191) + b"G": Kind.FILM,
    b"OggS\0\2" + bytes(20) + b"\x80theora": Kind.FILM,
}


@pytest.mark.parametrize("name", ["street.txt", "street", "street.JPG", "street.mp4"])
def test_content_decides_not_the_name(name: str) -> None:
    pixels = drawn()
    for ending, kind in {".jpg": JPEG, ".png": PNG, ".webp": WEBP, ".tif": TIFF, ".bmp": BMP}.items():
        assert format_of(encoded(ending, pixels), name) is kind
    for head, kind in HEADS.items():
        assert format_of(head, name) is kind


@pytest.mark.parametrize("head", NOT_WRITTEN)
def test_what_cannot_be_written_is_known_for_what_it_is(head: bytes) -> None:
    found = format_of(head, "street.txt")
    assert found is not None
    assert (found.kind, found.ending) == (NOT_WRITTEN[head], "")


def test_a_name_that_promises_a_picture_or_a_film_is_not_something_else() -> None:
    for name, kind in {"a.jpg": Kind.PICTURE, "a.HEIC": Kind.PICTURE, "a.avi": Kind.FILM, "a.mts": Kind.FILM}.items():
        for head in (b"", b"just text, no picture at all"):
            found = format_of(head, name)
            assert found is not None
            assert (found.kind, found.ending) == (kind, "")


def test_anything_else_is_nothing_of_interest() -> None:
    for head in (
        b"",
        b"#!/bin/sh\n",
        b"%PDF-1.7",
        b"PK\3\4",
        b"BMX is a bicycle",
        b"OggS\0\2vorbis",
        b"\0\0\0\x18ftypM4A ",
    ):
        assert format_of(head, "notes.txt") is None
    assert format_of(b"\0\5\x16\7\0\2", "._street.jpg") is None
    assert format_of(b"\x1aE\xdf\xa3webm", "song.mka") is None
