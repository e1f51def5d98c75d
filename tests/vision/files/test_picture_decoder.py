"""Pictures of every sort become 8-bit BGR as they are shown, or are refused: never a first page, never half of one."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.vision.files import tags
from edge.vision.files.facts import NONE, Conversion, Refusal, RefusedError, facts_of
from edge.vision.files.kind import BMP, JPEG, PNG, TIFF, WEBP, Format
from edge.vision.files.picture_decoder import MOST_PIXELS, decode
from tests import drawn_files as files
from tests.drawn_files import drawn, encoded

ENDINGS = {".jpg": JPEG, ".png": PNG, ".webp": WEBP, ".tif": TIFF, ".bmp": BMP}
PIXELS = drawn()


def refusal(content: bytes, kind: Format) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        decode(content, kind)
    return caught.value.why


def near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(int) - other.astype(int)).mean()) < 6


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ordinary_picture_is_decoded_as_it_is(ending: str) -> None:
    pixels, conversions = decode(encoded(ending, PIXELS), ENDINGS[ending])
    assert near(pixels, PIXELS)
    assert conversions == NONE
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_picture_that_was_cut_off_is_refused_wherever_it_was_cut(ending: str) -> None:
    content = encoded(ending, PIXELS)
    for length in (*range(12, 200, 7), *range(200, len(content) - 3, max(1, len(content) // 40))):
        assert refusal(content[:length], ENDINGS[ending]) is Refusal.DAMAGED, length


def test_a_picture_without_its_last_bytes_is_refused() -> None:
    for ending in (".jpg", ".png"):
        assert refusal(encoded(ending, PIXELS)[:-1], ENDINGS[ending]) is Refusal.DAMAGED


def test_random_bytes_behind_a_signature_are_refused_and_nothing_else_happens() -> None:
    rng = np.random.default_rng(5)
    for ending, kind in ENDINGS.items():
        for _ in range(20):
            content = encoded(ending, PIXELS)[: rng.integers(12, 60)] + rng.bytes(400)
            assert refusal(content, kind) in set(Refusal)


def test_a_changed_byte_of_a_png_is_found_out_wherever_it_is() -> None:
    # In the picture, and in what the decoder passes over.
    whole = files.png_with(PIXELS, files.chunk(b"eXIf", files.exif(6)))
    for place in (len(whole) // 2, whole.index(b"eXIf") + 20):
        content = bytearray(whole)
        content[place] ^= 1
        assert refusal(bytes(content), PNG) is Refusal.DAMAGED


def test_a_scan_that_the_library_only_complains_of_is_damaged() -> None:
    content = encoded(".jpg", PIXELS)
    middle = len(content) // 2 + 150
    assert refusal(content[:middle] + b"\xff\xd3" * 20 + content[middle:], JPEG) is Refusal.DAMAGED


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_is_turned_as_its_exif_data_ask(turn: int, order: str) -> None:
    shown = {
        1: PIXELS,
        2: PIXELS[:, ::-1],
        3: PIXELS[::-1, ::-1],
        4: PIXELS[::-1],
        5: PIXELS.transpose(1, 0, 2),
        6: np.rot90(PIXELS, -1),
        7: PIXELS[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(PIXELS),
    }
    png = files.png_with(PIXELS, files.chunk(b"eXIf", files.exif(turn, order)))
    webp = files.webp_with(PIXELS, 8, files.riff(b"EXIF", files.exif(turn, order)))
    jpeg = files.jpeg_with(PIXELS, files.exif_segment(turn, order))
    for content, kind in ((png, PNG), (webp, WEBP), (jpeg, JPEG)):
        pixels, conversions = decode(content, kind)
        assert near(pixels, shown[turn])
        assert (Conversion.TURNED in conversions) == (turn > 1)


def test_a_tiff_is_turned_once_by_its_decoder() -> None:
    rgb = np.ascontiguousarray(PIXELS[..., ::-1])
    pixels, conversions = decode(files.tiff(rgb, extra={tags.ORIENTATION: 6}), TIFF)
    assert np.array_equal(pixels, np.rot90(PIXELS, -1))
    assert conversions == Conversion.TURNED


def test_grey_and_deep_and_see_through_pictures_become_8_bit_colours() -> None:
    grey = np.ascontiguousarray(PIXELS[..., 1])
    deep = PIXELS.astype(np.uint16) * 257
    pixels, conversions = decode(encoded(".png", grey), PNG)
    assert np.array_equal(pixels, np.dstack([grey] * 3))
    assert conversions == Conversion.COLOURED
    pixels, conversions = decode(encoded(".png", deep), PNG)
    assert np.array_equal(pixels, PIXELS)
    assert conversions == Conversion.EIGHT_BITS
    pixels, conversions = decode(encoded(".tif", deep[..., 0]), TIFF)
    assert np.array_equal(pixels, np.dstack([PIXELS[..., 0]] * 3))
    assert conversions == Conversion.EIGHT_BITS | Conversion.COLOURED


@pytest.mark.parametrize(("ending", "depth"), [(".png", 1), (".png", 257), (".webp", 1), (".tif", 1)])
def test_nothing_is_left_of_what_alpha_hides(ending: str, depth: int) -> None:
    alpha = np.full(PIXELS.shape[:2], 255, np.uint8)
    alpha[:32] = 0
    layered = np.dstack([PIXELS, alpha]).astype(np.uint16) * depth
    pixels, conversions = decode(
        encoded(ending, layered.astype(np.uint8 if depth == 1 else np.uint16)), ENDINGS[ending]
    )
    assert (pixels[:32] == 255).all()
    assert near(pixels[32:], PIXELS[32:])
    assert Conversion.FLATTENED in conversions


def test_grey_with_alpha_is_flattened_too() -> None:
    rows = b"".join(b"\0" + bytes((200, alpha)) * 4 for alpha in (0, 255))
    header = struct.pack(">IIBBBBB", 4, 2, 8, 4, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + files.chunk(b"IHDR", header)
    content += files.chunk(b"IDAT", zlib.compress(rows)) + files.chunk(b"IEND", b"")
    pixels, _ = decode(content, PNG)
    assert pixels[0].tolist() == [[255] * 3] * 4
    assert pixels[1].tolist() == [[200] * 3] * 4


def test_cmyk_pictures_become_bgr() -> None:
    planes = (PIXELS[..., 0], PIXELS[..., 1], PIXELS[..., 2], PIXELS[..., 0])
    pixels, conversions = decode(files.cmyk_jpeg(planes), JPEG)
    assert pixels.shape == PIXELS.shape
    assert conversions == Conversion.FROM_CMYK
    pixels, conversions = decode(files.tiff(np.dstack(planes), extra={tags.PHOTOMETRIC: 5}), TIFF)
    assert pixels.shape == PIXELS.shape
    assert Conversion.FROM_CMYK in conversions


def test_the_smallest_picture_is_one() -> None:
    for ending, kind in ENDINGS.items():
        assert decode(encoded(ending, PIXELS[:1, :1]), kind)[0].shape == (1, 1, 3)


def test_more_than_one_picture_is_never_passed_off_as_the_first() -> None:
    apng = files.png_with(PIXELS, files.chunk(b"acTL", struct.pack(">II", 2, 0)))
    assert refusal(apng, PNG) is Refusal.ANIMATED
    assert refusal(files.webp_with(PIXELS, 2), WEBP) is Refusal.ANIMATED
    assert refusal(files.webp_with(PIXELS, 0, files.riff(b"ANMF", bytes(16))), WEBP) is Refusal.ANIMATED
    rgb = np.ascontiguousarray(PIXELS[..., ::-1])
    assert refusal(files.tiff(rgb, pages=2), TIFF) is Refusal.SEVERAL_PAGES
    assert refusal(files.tiff(rgb, extra={tags.SUB_IFDS: 8}), TIFF) is Refusal.LAYERED
    assert refusal(files.tiff(rgb, extra={tags.NEW_SUBFILE_TYPE: 1}), TIFF) is Refusal.LAYERED
    assert refusal(files.jpeg_with(PIXELS, files.mpf((0x030000, 0x020002))), JPEG) is Refusal.SEVERAL_PAGES


def test_previews_of_a_picture_are_left_out_and_that_is_said() -> None:
    _, conversions = decode(files.jpeg_with(PIXELS, files.mpf((0x030000, 0x010001))), JPEG)
    assert conversions == Conversion.OTHERS_LEFT_OUT
    rgb = np.ascontiguousarray(PIXELS[..., ::-1])
    assert decode(files.tiff(rgb), TIFF)[1] == NONE


def test_floating_point_samples_are_refused() -> None:
    assert refusal(encoded(".tif", PIXELS.astype(np.float32) / 255), TIFF) is Refusal.UNUSUAL_SAMPLES


def test_a_header_that_claims_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + files.chunk(b"IHDR", header) + files.chunk(b"IEND", b"")
    assert refusal(bomb, PNG) is Refusal.TOO_LARGE
    bmp = bytearray(encoded(".bmp", PIXELS))
    bmp[18:26] = struct.pack("<ii", 60_000, 60_000)
    assert refusal(bytes(bmp), BMP) is Refusal.TOO_LARGE
    jpeg = encoded(".jpg", PIXELS).replace(struct.pack(">HH", 64, 96), struct.pack(">HH", 60_000, 60_000))
    assert refusal(jpeg, JPEG) is Refusal.TOO_LARGE
    assert MOST_PIXELS < 60_000**2


def test_a_header_that_tells_another_size_than_the_picture_has_is_damage() -> None:
    webp = bytearray(files.webp_with(PIXELS, 0))
    webp[24:27] = (500).to_bytes(3, "little")
    assert refusal(bytes(webp), WEBP) is Refusal.DAMAGED


def test_directories_in_a_circle_come_to_an_end() -> None:
    circle = b"II*\0" + struct.pack("<IHI", 8, 0, 8)
    with pytest.raises(tags.DirectoryError):
        tags.read_directories(circle)
    assert refusal(circle, TIFF) is Refusal.DAMAGED
    assert tags.orientation(circle) == 1
    assert facts_of(files.jpeg_with(PIXELS, files.segment(0xE1, b"Exif\0\0" + circle)), JPEG).turn == 1
