"""What stands on the contact sheets: pictures and instants of films, before and after, at every level and fill."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.cli.bench.masked import frames_of
from edge.cli.bench.pictures import read_picture, sheet
from edge.config.site import PrivacyFill, PrivacyLevel
from edge.vision.anonymise.eyes import Eyes
from edge.vision.anonymise.fill import black, fill
from edge.vision.anonymise.film import FilmMasker
from edge.vision.anonymise.photo import PhotoMasker

if TYPE_CHECKING:
    from edge.vision.frame import Cover, Pixels

Captioned = tuple[str, "Pixels"]

PICTURES: Final = {
    "faces": "faces/dlib/*.jpg",
    "faces-coco": "objects/coco_val2017/images/0000000[01]*[49].jpg",
    "plates-eu": "plates/eu/*[05].jpg",
    "plates-us": "plates/us/*[05].jpg",
    "plates-br": "plates/br/*.jpg",
    "crowds": "crowd/shanghaitech_B/IMG_[12]*9.jpg",
}
FILMS: Final = (
    "videos/vtest.avi",
    "videos/tfl/625_201708101116.mp4",
    "videos/tfl/625_201709042131.mp4",
    "videos/sobral_video1.avi",
    "videos/sobral_vehicle_counting.avi",
    "videos/dlib_MOT20-05_short.mp4",
    "videos/otvision_Cars-Cyclist.mp4",
    "videos/intel_car-detection.mp4",
)
# Pictures on a sheet, and frames of a film that are looked at.
_ROWS: Final = 6
_MOST_FRAMES: Final = 250
_INSTANTS: Final = (0.0, 0.02, 0.25, 0.5, 0.75, 0.98)
_FILLED_AT: Final = 0.5


def picture_sheets(data: Path, eyes: Eyes) -> "Iterator[tuple[str, Pixels]]":
    """Give each sheet of photographs with its name."""
    for name, pattern in PICTURES.items():
        paths = sorted(data.glob(pattern))
        for number in range(0, len(paths), _ROWS):
            rows = [_before_and_after(path, eyes) for path in paths[number : number + _ROWS]]
            yield f"{name}-{number // _ROWS + 1}", sheet(rows)
        if paths:
            yield f"{name}-fills", sheet([_fills(path, eyes) for path in paths[:_ROWS]])


def film_sheets(data: Path, eyes: Sequence[Eyes]) -> "Iterator[tuple[str, Pixels]]":
    """Give a sheet for each film that is there, with its name: instants down, levels across, and the fills below."""
    for name in FILMS:
        path = data / name
        if path.is_file():
            yield path.stem, _film_sheet(path, eyes)


def _before_and_after(path: Path, eyes: Eyes) -> list[Captioned]:
    pixels = read_picture(path)
    covers = [(level, PhotoMasker(eyes, level).judge(pixels).cover) for level in PrivacyLevel]
    return [(path.name, pixels), *((level.value, _shown(pixels, cover, PrivacyFill.SOLID)) for level, cover in covers)]


def _fills(path: Path, eyes: Eyes) -> list[Captioned]:
    pixels = read_picture(path)
    levels = (PrivacyLevel.FACES_AND_PLATES, PrivacyLevel.PEOPLE_AND_VEHICLES)
    covers = [(level, PhotoMasker(eyes, level).judge(pixels).cover) for level in levels]
    return [_filled(pixels, cover, level, how) for level, cover in covers for how in _DRAWN]


_DRAWN: Final = (PrivacyFill.PIXELATE, PrivacyFill.BLUR)


def _film_sheet(path: Path, eyes: Sequence[Eyes]) -> "Pixels":
    frames: dict[int, Pixels] = {}
    number = min(_MOST_FRAMES, sum(1 for _ in frames_of(path)))
    wanted = [round(share * (number - 1)) for share in _INSTANTS]
    covers = {level: _covers(path, eyes, level, number, wanted, frames) for level in PrivacyLevel}
    rows: list[list[Captioned]] = [
        [
            (f"{path.name} frame {index}", frames[index]),
            *((level.value, _shown(frames[index], of[index], PrivacyFill.SOLID)) for level, of in covers.items()),
        ]
        for index in dict.fromkeys(wanted)
    ]
    index = round(_FILLED_AT * (number - 1))
    levels = (PrivacyLevel.FACES_AND_PLATES, PrivacyLevel.PEOPLE_AND_VEHICLES)
    rows.append([_filled(frames[index], covers[level][index], level, how) for level in levels for how in _DRAWN])
    return sheet(rows)


def _covers(
    path: Path,
    eyes: Sequence[Eyes],
    level: PrivacyLevel,
    number: int,
    wanted: Sequence[int],
    frames: "dict[int, Pixels]",
) -> "dict[int, Cover | None]":
    """Mask the first `number` frames, keeping the wanted ones in `frames`; gives the covers of those."""
    with ExitStack() as stack:
        masker: FilmMasker | None = None
        for index, frame in zip(range(number), frames_of(path), strict=False):
            masker = masker or stack.enter_context(FilmMasker(eyes, level, frame.size))
            masker.study(frame)
            if index in wanted:
                frames[index] = frame.pixels.copy()
        if masker is None:
            return {}
        masker.conclude()
        judged = [masker.judge(index).cover for index in range(number)]
    return {index: judged[index] for index in wanted}


def _filled(pixels: "Pixels", cover: "Cover | None", level: PrivacyLevel, how: PrivacyFill) -> Captioned:
    return f"{level.value}, {how.value}", _shown(pixels, cover, how)


def _shown(pixels: "Pixels", cover: "Cover | None", how: PrivacyFill) -> "Pixels":
    return black((pixels.shape[1], pixels.shape[0])) if cover is None else fill(pixels, cover, how)
