"""A picture is decoded in another process: whatever becomes of it is one file's fault, and pixels come back exactly."""

import os
from pathlib import Path

import numpy as np
import pytest

from edge.vision.files.fault import FileError
from edge.vision.files.kind import BMP, JPEG, PNG, TIFF, WEBP
from edge.vision.files.picture import encoded, read_picture
from edge.vision.files.servant import record_of
from tests import drawn_files as files


def test_a_picture_comes_back_with_what_was_converted(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(files.png_with(files.drawn(), files.chunk(b"eXIf", files.exif(6))))
    picture = read_picture(path, PNG)
    assert np.array_equal(picture.pixels, np.rot90(files.drawn(), -1))
    assert picture.notes == ("turned the way up that its metadata asked for",)
    assert not picture.pixels.flags.writeable


def test_every_refusal_has_its_cause_and_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content, kind, words in (
        (files.encoded(".png", files.drawn())[:-9], PNG, "is damaged or cut off"),
        (files.webp_with(files.drawn(), 2), WEBP, "is animated"),
        (files.tiff(files.drawn(), pages=3), TIFF, "holds several pictures"),
        (files.tiff(files.drawn(), extra={330: 8}), TIFF, "holds layers"),
    ):
        path.write_bytes(content)
        with pytest.raises(FileError, match=words) as caught:
            read_picture(path, kind)
        assert caught.value.mend
    with pytest.raises(FileError, match="damaged"):
        read_picture(tmp_path / "gone", PNG)


def test_a_decoder_that_takes_too_long_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.png")
    with pytest.raises(FileError, match="could not be decoded within"):
        read_picture(tmp_path / "endless.png", PNG, patience_s=0.5)


def test_a_program_that_dies_has_no_record() -> None:
    with Path(os.devnull).open("rb") as nothing:
        assert record_of("edge.vision.files.none", (), 8, memory=nothing.fileno(), patience_s=60) == b""


def test_formats_hold_what_they_can_hold() -> None:
    pixels = files.drawn()
    for kind in (JPEG, PNG, WEBP, TIFF, BMP):
        assert encoded(pixels, kind)
    long = np.zeros((1, 20_000, 3), np.uint8)
    assert encoded(long, PNG)
    with pytest.raises(FileError, match="WebP cannot hold a picture of 20000x1"):
        encoded(long, WEBP)
