"""Pictures and films in which a person has marked what must not be seen: faces, plates, people, vehicles."""

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.cli.bench.truth import TruthError
from edge.vision.frame import Boxes

_COCO = Path("objects", "coco_val2017")
_COCO_FACES = Path("faces", "coco_val2017_faces_dev.json")
_DLIB = Path("faces", "dlib")
_VTEST = Path("videos", "vtest.avi")
# Classes of the COCO data set, numbered from 0 as in YOLO's label files.
_PERSON = frozenset({0})
_VEHICLE = frozenset({1, 2, 3, 5, 7})
_FIELDS = 6
# The part of a standing person that a face could be in.
_HEAD_PART = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Labels:
    """What must not be seen of a frame: `boxes` (n, 4), half-open, in px; `tracks` (n,), the same for one thing."""

    boxes: Boxes
    tracks: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Material:
    """A picture, or a film, with its labels: by kind of label and number of the frame, which is 0 in a picture."""

    path: Path
    film: bool
    labels: dict[str, dict[int, Labels]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TruthSet:
    """Pictures judged together; `sought` are the kinds of label, of which a peer for faces seeks `of_faces`."""

    name: str
    sought: tuple[str, ...]
    of_faces: frozenset[str]
    files: tuple[Material, ...]


def truth_sets(data: Path, only: str | None = None) -> list[TruthSet]:
    """Read the sets below `data`, or only the one of that name; a set that is not there is left out.

    Raises TruthError where there is none.
    """
    wanted = {name: read for name, read in _SETS.items() if only in {None, name}}
    found = [read(data) for read in wanted.values()]
    sets = [truth for truth in found if truth.files]
    if not sets:
        raise TruthError(f"no labelled {' or '.join(wanted)} below it; name another folder with --data")
    return sets


def names() -> tuple[str, ...]:
    """Give the names of all sets."""
    return tuple(_SETS)


def _faces(data: Path) -> TruthSet:
    """Read dlib's labelled photographs (loose squares) and the COCO pictures whose faces were marked here."""
    files = [*_dlib(data / _DLIB), *_coco_faces(data)]
    return TruthSet(name="faces", sought=("faces",), of_faces=frozenset({"faces"}), files=tuple(files))


def _dlib(folder: Path) -> Iterator[Material]:
    for name in ("testing.xml", "training.xml"):
        if not (folder / name).is_file():
            continue
        # S314: a local file of the one who runs the benchmark.
        for image in ET.parse(folder / name).iter("image"):  # noqa: S314
            path = folder / str(image.get("file"))
            if path.is_file():
                boxes = [_square(box) for box in image.iter("box") if box.get("ignore") != "1"]
                yield _picture(path, faces=boxes)


def _square(box: ET.Element) -> list[float]:
    left, top, width, height = (float(box.get(key, "nan")) for key in ("left", "top", "width", "height"))
    return [left, top, left + width, top + height]


def _coco_faces(data: Path) -> Iterator[Material]:
    path = data / _COCO_FACES
    told = json.loads(path.read_text(encoding="utf-8"))["images"] if path.is_file() else {}
    for name, marked in told.items():
        picture = data / _COCO / "images" / f"{name}.jpg"
        if picture.is_file():
            yield _picture(picture, faces=marked["faces"])


def _plates(data: Path) -> TruthSet:
    """Read the photographs of plates: `name x y width height text` in a file beside each."""
    files = []
    for path in sorted((data / "plates").rglob("*.txt")):
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if any(len(row) != _FIELDS for row in rows):
            raise TruthError(f"{path}: a line is not `picture x y width height text`")
        boxes = [[float(x), float(y), float(x) + float(w), float(y) + float(h)] for _, x, y, w, h, _ in rows]
        if rows and path.with_name(rows[0][0]).is_file():
            files.append(_picture(path.with_name(rows[0][0]), plates=boxes))
    return TruthSet(name="plates", sought=("plates",), of_faces=frozenset(), files=tuple(files))


def plate_texts(data: Path) -> dict[Path, str]:
    """Read what stands on the one plate of each photograph."""
    rows = (path.read_text(encoding="utf-8").split() for path in sorted((data / "plates").rglob("*.txt")))
    paths = sorted((data / "plates").rglob("*.txt"))
    return {path.with_name(row[0]): row[-1] for path, row in zip(paths, rows, strict=True)}


def _vtest(data: Path) -> TruthSet:
    """Read the campus film: each labelled person by id, and the upper third of each, where the head is."""
    path = data / _VTEST
    truth = path.with_suffix(".gt.csv")
    files = [_film(path, truth)] if path.is_file() and truth.is_file() else []
    sought = ("upper thirds", "persons")
    return TruthSet(name="vtest", sought=sought, of_faces=frozenset({"upper thirds"}), files=tuple(files))


def _film(path: Path, truth: Path) -> Material:
    by_frame: dict[int, list[list[float]]] = {}
    with truth.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers = [float(row[key]) for key in ("id", "x", "y", "w", "h")]
            by_frame.setdefault(int(row["frame"]), []).append(numbers)
    labels: dict[str, dict[int, Labels]] = {"upper thirds": {}, "persons": {}}
    for frame, rows in by_frame.items():
        tracks = [int(track) for track, *_ in rows]
        labels["persons"][frame] = _labels([[x, y, x + w, y + h] for _, x, y, w, h in rows], tracks)
        heads = [[x, y, x + w, y + h / _HEAD_PART] for _, x, y, w, h in rows]
        labels["upper thirds"][frame] = _labels(heads, tracks)
    return Material(path=path, film=True, labels=labels)


def _road_users(data: Path) -> TruthSet:
    """Read the COCO pictures with road users: whole persons, whole vehicles."""
    files = []
    for path in sorted((data / _COCO / "images").glob("*.jpg")):
        label = data / _COCO / "labels" / f"{path.stem}.txt"
        if label.is_file():
            rows = [[float(word) for word in line.split()] for line in label.read_text(encoding="utf-8").splitlines()]
            size = _size(path)
            persons, vehicles = (
                [_unscaled(row[1:], size) for row in rows if int(row[0]) in kinds] for kinds in (_PERSON, _VEHICLE)
            )
            files.append(_picture(path, persons=persons, vehicles=vehicles))
    return TruthSet(name="coco", sought=("persons", "vehicles"), of_faces=frozenset(), files=tuple(files))


def _size(path: Path) -> tuple[int, int]:
    # Imported here: only this set needs a picture to read its labels.
    from edge.cli.bench.pictures import read_picture  # noqa: PLC0415

    height, width = read_picture(path).shape[:2]
    return width, height


def _unscaled(row: list[float], size: tuple[int, int]) -> list[float]:
    """Turn centre and size in shares of the picture, as YOLO writes them, into a box in px."""
    x, y, width, height = (value * size[axis % 2] for axis, value in enumerate(row))
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def _picture(path: Path, **boxes: list[list[float]]) -> Material:
    return Material(path=path, film=False, labels={kind: {0: _labels(found)} for kind, found in boxes.items()})


def _labels(boxes: list[list[float]], tracks: list[int] | None = None) -> Labels:
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return Labels(boxes=array, tracks=np.array(range(len(boxes)) if tracks is None else tracks, np.int64))


_SETS: dict[str, Callable[[Path], TruthSet]] = {
    "faces": _faces,
    "plates": _plates,
    "vtest": _vtest,
    "coco": _road_users,
}
