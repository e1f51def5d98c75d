"""From logs to sightings: at each look, whether a thing that was there was named, how, and how far off."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.contract.report import RoadUser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.cli.bench.noise_log import ClipLog, Glimpse
    from edge.vision.frame import Boxes

# The network's input has about so many pixels, whatever region it shows.
INPUT_PIXELS: Final = 640 * 480
# A detection belongs to a thing that it overlaps so far.
SAME_IOU: Final = 0.3
# A track without truth is believed to be a thing if it lives so long, goes so far in its own sizes and is looked at
# so often.
LEAST_LIFE_S: Final = 1.0
LEAST_WAY_SIZES: Final = 1.5
LEAST_LOOKS: Final = 6
# How far about a look its neighbours tell where the thing was, in s.
SMOOTHING_S: Final = 0.35
LEAST_NEIGHBOURS: Final = 4
# A box this near the picture's edge, in shares of its side, is cut off: how it grows is no jitter.
EDGE: Final = 0.02
# So much of a thing's box must be shown for a look to count.
LEAST_SHOWN: Final = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One look at one thing: the side of its box in the network's input in px, and what came of it.

    `offset` is the detection's foot x, foot y, width and height beside where the thing was, in its own size; None
    where it was missed or its neighbours do not tell. `moving` is the share of its box that moved, None where nobody
    looked for movement.
    """

    clip: str
    night: bool
    thing: int
    kind: RoadUser
    at_s: float
    side_px: float
    score: float | None
    called: RoadUser | None
    offset: tuple[float, float, float, float] | None
    moving: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """A detection of nothing that is known to be there: its place in shares of the picture."""

    clip: str
    night: bool
    at_s: float
    kind: RoadUser
    score: float
    side_px: float
    place: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Thing:
    """A thing with its boxes by frame; `kind` None: what the detector mostly calls it."""

    kind: RoadUser | None
    boxes: "dict[int, NDArray[np.float64]]"


def sightings_of(log: "ClipLog", things: list[Thing]) -> tuple[list[Sighting], list[Stray]]:
    """Find what became of each thing at each look."""
    seen: dict[int, list[_Look]] = defaultdict(list)
    strays: list[Stray] = []
    for glimpse in log.glimpses:
        if glimpse.looked:
            strays += _sort(log, glimpse, things, seen)
    sightings = [one for number, looks in seen.items() for one in _told(log, number, things[number], looks)]
    return sightings, strays


def truth_boxes(path: Path, kind: RoadUser) -> list[Thing]:
    """Read things from a table of frame, id, x, y, w, h."""
    boxes: dict[str, dict[int, NDArray[np.float64]]] = defaultdict(dict)
    with path.open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            x, y, w, h = (float(row[name]) for name in "xywh")
            boxes[row["id"]][int(row["frame"])] = np.array((x, y, x + w, y + h))
    return [Thing(kind=kind, boxes=each) for each in boxes.values()]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Look:
    at_s: float
    box: "NDArray[np.float64]"
    side_px: float
    found: "NDArray[np.float64] | None"
    score: float
    called: int
    moving: float | None
    cut_off: bool


def _sort(log: "ClipLog", glimpse: "Glimpse", things: list[Thing], seen: dict[int, list[_Look]]) -> list[Stray]:
    from edge.vision.track.match import assign, overlaps  # noqa: PLC0415

    here = [number for number, thing in enumerate(things) if glimpse.index in thing.boxes]
    boxes = np.array([things[n].boxes[glimpse.index] for n in here], np.float32).reshape(-1, 4)
    shared = overlaps(boxes, glimpse.found.boxes, np.zeros(len(boxes)))
    rows, columns = assign(shared, SAME_IOU)
    of = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    mask = glimpse.mask()
    for row, number in enumerate(here):
        zoom = _zoom(glimpse, boxes[row])
        if zoom is None:
            continue
        column = of.get(row)
        seen[number].append(
            _Look(
                at_s=glimpse.at_s,
                box=things[number].boxes[glimpse.index],
                side_px=zoom * _side(boxes[row]),
                found=None if column is None else glimpse.found.boxes[column].astype(np.float64),
                score=0.0 if column is None else float(glimpse.found.scores[column]),
                called=-1 if column is None else int(glimpse.found.kinds[column]),
                moving=None if mask is None else _moving(mask, glimpse.mask_scale, boxes[row]),
                cut_off=_cut_off(boxes[row], log.size),
            )
        )
    touched = shared.max(axis=0, initial=0.0) > 0.0
    return [_stray(log, glimpse, column) for column in np.flatnonzero(~touched)]


def _stray(log: "ClipLog", glimpse: "Glimpse", column: int) -> Stray:
    box = glimpse.found.boxes[column]
    return Stray(
        clip=log.name,
        night=log.night,
        at_s=glimpse.at_s,
        kind=RoadUser(int(glimpse.found.kinds[column])),
        score=float(glimpse.found.scores[column]),
        side_px=(_zoom(glimpse, box) or 1.0) * _side(box),
        place=(float(box[0] + box[2]) / 2 / log.size[0], float(box[1] + box[3]) / 2 / log.size[1]),
    )


def _zoom(glimpse: "Glimpse", box: "Boxes") -> float | None:
    """Tell how much the network's input enlarges what a look showed of a box; None where it did not show it."""
    best = None
    for region in glimpse.looked:
        low, high = np.maximum(box[:2], (region.x0, region.y0)), np.minimum(box[2:], (region.x1, region.y1))
        shown = float(np.prod(np.maximum(high - low, 0))) / max(1e-6, float(np.prod(box[2:] - box[:2])))
        if shown >= LEAST_SHOWN:
            zoom = float(np.sqrt(INPUT_PIXELS / (region.width * region.height)))
            best = zoom if best is None else max(best, zoom)
    return best


def _side(box: "Boxes") -> float:
    return float(np.sqrt(max(0.0, float(np.prod(box[2:] - box[:2])))))


def _cut_off(box: "Boxes", size: tuple[int, int]) -> bool:
    x, y = EDGE * size[0], EDGE * size[1]
    return bool(box[0] < x or box[1] < y or box[2] > size[0] - x or box[3] > size[1] - y)


def _moving(mask: "NDArray[np.uint8]", scale: float, box: "Boxes") -> float:
    x0, y0, x1, y1 = (max(0, round(float(v) / scale)) for v in box)
    part = mask[y0:y1, x0:x1]
    return float(part.mean()) if part.size else 0.0


def followed(log: "ClipLog") -> list[Thing]:
    """Take for things what the tracker followed far enough: all there is where nobody has marked the truth."""
    boxes: dict[int, dict[int, NDArray[np.float64]]] = defaultdict(dict)
    last: dict[int, int] = {}
    times = {glimpse.index: glimpse.at_s for glimpse in log.glimpses}
    confirmed: set[int] = set()
    for glimpse in log.glimpses:
        for track in glimpse.tracks:
            boxes[track.id][glimpse.index] = np.array(track.box)
            if track.seen:
                last[track.id] = glimpse.index
            if track.confirmed:
                confirmed.add(track.id)
    # After its last sighting a track is only a guess.
    own = ({i: box for i, box in boxes[n].items() if i <= last[n]} for n in sorted(confirmed & last.keys()))
    return [Thing(kind=None, boxes=each) for each in own if _believed(each, times)]


def _believed(boxes: "dict[int, NDArray[np.float64]]", times: dict[int, float]) -> bool:
    first, last = min(boxes), max(boxes)
    way = (boxes[last][[0, 1]] + boxes[last][[2, 3]] - boxes[first][[0, 1]] - boxes[first][[2, 3]]) / 2
    sizes = float(np.median([_side(box.astype(np.float32)) for box in boxes.values()]))
    return times[last] - times[first] >= LEAST_LIFE_S and float(np.hypot(*way)) >= LEAST_WAY_SIZES * sizes


def _told(log: "ClipLog", number: int, thing: Thing, looks: list[_Look]) -> Iterator[Sighting]:
    if len(looks) < LEAST_LOOKS:
        return
    kind = thing.kind if thing.kind is not None else _mostly(looks)
    for at, look in enumerate(looks):
        yield Sighting(
            clip=log.name,
            night=log.night,
            thing=number,
            kind=kind,
            at_s=look.at_s,
            side_px=look.side_px,
            score=None if look.found is None else look.score,
            called=None if look.found is None else RoadUser(look.called),
            offset=_offset(looks, at),
            moving=look.moving,
        )


def _mostly(looks: list[_Look]) -> RoadUser:
    votes = np.zeros(len(RoadUser))
    for look in looks:
        if look.found is not None:
            votes[look.called] += look.score
    # What was never named moved like a car.
    return RoadUser(int(votes.argmax())) if votes.any() else RoadUser.CAR


def _offset(looks: list[_Look], at: int) -> tuple[float, float, float, float] | None:
    """Compare a detection with a straight line through those before and after it, itself left out."""
    look = looks[at]
    near = [one for one in looks if one.found is not None and one is not look and _close(one, look)]
    if look.found is None or look.cut_off or len(near) < LEAST_NEIGHBOURS:
        return None
    times = np.array([one.at_s - look.at_s for one in near])
    states = np.array([_state(one.found) for one in near])
    design = np.stack((np.ones_like(times), times), axis=1)
    expected = np.linalg.lstsq(design, states, rcond=None)[0][0]
    size = float(np.sqrt(max(1.0, expected[2] * expected[3])))
    off = (_state(look.found) - expected) / size
    return float(off[0]), float(off[1]), float(off[2]), float(off[3])


def _close(one: _Look, other: _Look) -> bool:
    return abs(one.at_s - other.at_s) <= SMOOTHING_S


def _state(box: "NDArray[np.float64] | None") -> "NDArray[np.float64]":
    if box is None:
        raise ValueError("there is no box")
    return np.array(((box[0] + box[2]) / 2, box[3], box[2] - box[0], box[3] - box[1]))
