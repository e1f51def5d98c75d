"""From what was found in each frame to things that last: predict, match, correct, create, retire.

Measurements come in three ranks, as in ByteTrack (Zhang et al. 2022) with one more: sure detections, unsure ones, and
what only moves. Only sure detections and movement found nowhere else begin a track.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.contract.report import RoadUser
from edge.units import seconds_from_ns
from edge.vision.detect import motion as movement
from edge.vision.detect.motion import Motion
from edge.vision.detect.region import Region
from edge.vision.frame import NO_BOXES, Boxes, Detections
from edge.vision.track.identity import NO_VOTES, Ballot, Identity, Proof
from edge.vision.track.kinematics import Kinematics
from edge.vision.track.match import areas, assign, belongs, overlaps, within
from edge.vision.track.sizes import CarSizes
from edge.vision.track.witness import witnessed

SURE_SCORE: Final = 0.35
# Boxes are widened by this share for matching; the least overlap of each rank.
REACH: Final = 0.25
UNSURE_REACH: Final = 0.5
MOST_REACH: Final = 0.8
LEAST_SURE_OVERLAP: Final = 0.15
LEAST_UNSURE_OVERLAP: Final = 0.3
LEAST_MOTION_OVERLAP: Final = 0.2
# How much lying in the other counts beside overlap, where one has no name.
WITHIN_WORTH: Final = 0.5
# What a vehicle's detection is worth to somebody who is known to be on foot.
UNLIKE: Final = 0.4
MOTOR: Final = np.array([RoadUser.CAR, RoadUser.BUS, RoadUser.LORRY])
# A blob that so much exceeds or falls short of an outlined track's area is not that track.
MOST_GROWTH: Final = 4.0
# How much a box of movement is worth against a detection's: shadows and fringes belong to it.
MOTION_TRUST: Final = 0.4
# What a detection explains of the movement round it.
EXPLAINED_MARGIN: Final = 0.15
# A detection smaller than this share of its track is a part of the thing, unless it keeps being seen so.
MOST_PARTIAL: Final = 0.5
MOST_PARTS: Final = 4
# The least movement worth a track, as a share of the picture and in px².
LEAST_BLOB_SHARE: Final = 0.0008
LEAST_BLOB_PX: Final = 60.0
# A track without a name that lies so far in tracks with one is the same thing seen twice.
LEAST_ABSORBED: Final = 0.7
MOST_UNSEEN_S: Final = {Proof.TENTATIVE: 0.35, Proof.MOVING: 0.6, Proof.NAMED: 1.6}
# What begins so near the picture's edge, as a share of its side, came in there.
EDGE_SHARE: Final = 0.06
# What ends so near it may be cut off by it.
CUT_SHARE: Final = 0.03
# Below this many of its own sizes per second a thing stands.
STANDING: Final = 0.15


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One thing in one frame; the id is local to this process and never leaves it.

    `box` is (x0, y0, x1, y1) in px, `foot` its bottom centre, `velocity` the foot's in px/s. `seen` is whether it was
    measured in this frame, not only predicted; `unseen_s` is for how long it was missed, which who stands is not while
    nobody looks; `entered` is whether it began at the picture's edge. `ballot` is what the detector called it.
    `outline` is the box as it was measured in this frame, before it was smoothed; None where it was not.
    """

    id: int
    box: tuple[float, float, float, float]
    foot: tuple[float, float]
    velocity: tuple[float, float]
    kind: RoadUser
    proof: Proof
    seen: bool
    unseen_s: float
    entered: bool
    ballot: Ballot = NO_VOTES
    outline: tuple[float, float, float, float] | None = None

    @property
    def confirmed(self) -> bool:
        """Whether it counts."""
        return self.proof is not Proof.TENTATIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The tracks of one frame, and the last word on those that have just ended."""

    tracks: tuple[Track, ...]
    ended: tuple[Track, ...]


class Tracker:
    """Tracks of one camera, for a picture of `size` (width, height) px."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._filters = Kinematics.of(np.empty((0, 4), np.float32))
        self._who: list[Identity] = []
        self._next_id = 1
        self._sizes = CarSizes(size[1])
        self._now_ns: int | None = None
        self._movement_told = True
        self._least_blob_px = max(LEAST_BLOB_PX, LEAST_BLOB_SHARE * size[0] * size[1])

    def active(self, moving: Boxes) -> Boxes:
        """Give what is worth looking at, (n, 4) px: what moves and the tracks that do not stand still.

        While movement tells nothing, all of the picture is: what fills it is what makes movement tell nothing.
        """
        if not self._movement_told:
            moving = np.array([[0, 0, *self._size]], np.float32)
        boxes = self._filters.boxes()
        speed = np.hypot(*self._filters.velocity[:, :2].T)
        going = boxes[speed >= STANDING * np.sqrt(areas(boxes))]
        return np.concatenate((moving, going))

    def pace(self) -> float:
        """Give the speed of the quickest track in its own sizes per second; infinite while there is none to go by."""
        filters = self._filters
        seen = np.array([not who.unseen_s for who in self._who], bool)
        if not seen.any() or any(who.proof is Proof.TENTATIVE and not who.unseen_s for who in self._who):
            return math.inf
        speed = np.hypot(*filters.velocity[seen, :2].T) / np.sqrt(areas(filters.boxes()[seen]))
        return float(speed.max())

    def step(self, found: Detections | None, looked: Sequence[Region], motion: Motion | None, now_ns: int) -> Scene:
        """Take in one frame.

        `found` is None where the detector did not run; `looked` are the parts of the picture that it saw; `motion` is
        None where nobody looked for movement.
        """
        elapsed_s = 0.0 if self._now_ns is None else max(0.0, seconds_from_ns(now_ns - self._now_ns))
        self._now_ns = now_ns
        self._filters.predict(elapsed_s, self._at_edges(self._filters.boxes()))
        if motion is not None:
            self._movement_told = motion.trusted
        detections = Detections.none() if found is None else witnessed(found, motion)
        seen = np.zeros(len(self._who), bool)
        if found is None and motion is None:
            self._age(seen, looked, elapsed_s)
            return self._retire(seen)
        fresh = self._match_detections(detections, seen)
        explained = np.concatenate((self._filters.boxes()[seen], detections.boxes[fresh]))
        strays = self._match_motion(motion, explained, seen)
        self._age(seen, looked, elapsed_s)
        self._create(detections, fresh, strays)
        return self._retire(np.append(seen, np.ones(len(self._who) - len(seen), bool)))

    # -- match and correct -------------------------------------------------------------------------------------------

    def _match_detections(self, found: Detections, seen: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Match sure, then unsure detections; gives the sure ones left over."""
        sure = np.flatnonzero(found.scores >= SURE_SCORE)
        left = self._match(found, sure, seen, LEAST_SURE_OVERLAP)
        self._match(found, np.flatnonzero(found.scores < SURE_SCORE), seen, LEAST_UNSURE_OVERLAP)
        return left

    def _match(
        self, found: Detections, candidates: NDArray[np.intp], seen: NDArray[np.bool_], least: float
    ) -> NDArray[np.intp]:
        rows = np.flatnonzero(~seen)
        boxes = found.boxes[candidates]
        known = self._filters.boxes()[rows]
        similarity = overlaps(known, boxes, self._reach(rows))
        # What has no name yet has no outline to go by either: movement drags shadows along, and runs together. But what
        # holds several detections is several things, and none of them.
        inside = within(known, boxes)
        unnamed = np.array([self._who[row].proof is not Proof.NAMED for row in rows], bool)
        loose = unnamed & ((inside >= LEAST_ABSORBED).sum(axis=1) <= 1)
        similarity[loose] = np.maximum(similarity[loose], WITHIN_WORTH * inside[loose])
        similarity *= self._alike(rows, found.kinds[candidates])
        r, c = assign(similarity, least)
        for row, column in zip(rows[r], candidates[c], strict=True):
            self._who[row].name(int(found.kinds[column]), float(found.scores[column]))
        whole = self._whole(rows[r], known[r], boxes[c])
        self._correct(rows[r][whole], boxes[c][whole], 1.0)
        seen[rows[r][whole]] = True
        return np.delete(candidates, c)

    def _alike(self, rows: NDArray[np.intp], kinds: NDArray[np.int8]) -> NDArray[np.float32]:
        """Tell how well detections of these kinds go with tracks by their names, (rows, kinds), 0..1.

        Who was long known to be on foot is no lorry: it is beside them, or hides them.
        """
        on_foot = np.array([self._who[row].on_foot for row in rows], bool)
        motor = np.isin(kinds, MOTOR)
        return np.where(on_foot[:, None] & motor[None, :], UNLIKE, 1.0).astype(np.float32)

    def _whole(self, rows: NDArray[np.intp], known: Boxes, boxes: Boxes) -> NDArray[np.bool_]:
        """Tell which detections show the whole of their track, not a part such as a windscreen.

        A part seen several times over is the whole: then the track was too large.
        """
        smaller = areas(boxes) < MOST_PARTIAL * areas(known)
        for row, part in zip(rows, smaller, strict=True):
            who = self._who[row]
            who.parts = who.parts + 1 if part else 0
        return ~smaller | np.array([self._who[row].parts > MOST_PARTS for row in rows], bool)

    def _reach(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Tell how far to look for each track, in shares of its sides: farther where it is unsure where it went."""
        return np.clip(REACH + UNSURE_REACH * self._filters.doubt()[rows], REACH, MOST_REACH)

    def _match_motion(self, motion: Motion | None, explained: Boxes, seen: NDArray[np.bool_]) -> Boxes:
        """Match what moves and is not explained; gives the boxes of what is left over."""
        if motion is None or not motion.trusted:
            return NO_BOXES
        rest = movement.without(motion.mask, motion.scale, explained, EXPLAINED_MARGIN)
        boxes = movement.blobs(rest, motion.scale, self._least_blob_px)
        rows = np.flatnonzero(~seen)
        predicted = self._filters.boxes()[rows]
        similarity = overlaps(predicted, boxes, self._reach(rows))
        # What the detector has outlined is not taken for a blob of quite another size.
        outlined = np.array([self._who[row].proof is Proof.NAMED and not self._who[row].parts for row in rows], bool)
        growth = areas(boxes)[None, :] / np.maximum(areas(predicted)[:, None], 1.0)
        similarity[outlined[:, None] & ((growth > MOST_GROWTH) | (growth < 1 / MOST_GROWTH))] = 0.0
        r, c = assign(similarity, LEAST_MOTION_OVERLAP)
        self._correct(rows[r], boxes[c], MOTION_TRUST)
        seen[rows[r]] = True
        return np.delete(boxes, c, axis=0)

    def _correct(self, rows: NDArray[np.intp], boxes: Boxes, trust: float) -> None:
        self._filters.correct(rows, boxes, trust)
        for row, (x0, y0, x1, y1) in zip(rows, boxes.tolist(), strict=True):
            self._who[row].outline = (x0, y0, x1, y1)

    # -- create and retire -------------------------------------------------------------------------------------------

    def _age(self, seen: NDArray[np.bool_], looked: Sequence[Region], elapsed_s: float) -> None:
        boxes = self._filters.boxes()
        for row, who in enumerate(self._who):
            x, y, w, h = self._filters.position[row]
            if seen[row]:
                who.move((x, y), (w, h), self._now_ns or 0)
                who.compare(self._sizes, self._sizes.band(y), float(np.sqrt(w * h)))
                continue
            speed = float(np.hypot(*self._filters.velocity[row, :2]))
            stands = speed < STANDING * float(np.sqrt(max(w * h, 1.0)))
            if not stands or any(_inside(boxes[row], region) for region in looked):
                who.unseen_s += elapsed_s

    def _create(self, found: Detections, fresh: NDArray[np.intp], strays: Boxes) -> None:
        known = self._filters.boxes()
        named = found.boxes[fresh]
        for index, box in zip(fresh, named, strict=True):
            who = self._newcomer(box)
            who.name(int(found.kinds[index]), float(found.scores[index]))
        everything = np.concatenate((known, named))
        strays = strays[~belongs(strays, everything)]
        for box in strays:
            self._newcomer(box)
        self._filters.add(Kinematics.of(np.concatenate((named, strays))))

    def _newcomer(self, box: Boxes) -> Identity:
        foot = (float(box[0] + box[2]) / 2, float(box[3]))
        who = Identity(
            id=self._next_id,
            born_ns=self._now_ns or 0,
            foot=foot,
            picture_px=self._size[0] * self._size[1],
            entered=bool(self._at_edges(box[None], EDGE_SHARE)[0]),
            outline=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        )
        self._next_id += 1
        self._who.append(who)
        return who

    def _at_edges(self, boxes: Boxes, share: float = CUT_SHARE) -> NDArray[np.bool_]:
        """Tell which boxes (n, 4) end within this share of the picture's sides from its edge."""
        near = np.array(self._size) * share
        return ((boxes[:, :2] < near) | (boxes[:, 2:] > self._size - near)).any(axis=1)

    def _retire(self, seen: NDArray[np.bool_]) -> Scene:
        boxes = self._filters.boxes()
        absorbed = self._absorbed(boxes)
        outside = self._outside(boxes)
        stays = [
            who.unseen_s <= MOST_UNSEEN_S[who.proof] and not absorbed[row] and not outside[row]
            for row, who in enumerate(self._who)
        ]
        tracks = self._snapshots(seen)
        rows = np.flatnonzero(stays)
        ended = tuple(track for track, stay in zip(tracks, stays, strict=True) if not stay)
        self._filters.keep(rows)
        self._who = [self._who[row] for row in rows]
        return Scene(tracks=tuple(tracks[row] for row in rows), ended=ended)

    def _absorbed(self, boxes: Boxes) -> NDArray[np.bool_]:
        """Find tracks without a name that lie in tracks with one: the same thing, seen twice.

        What was called a vehicle is not taken in by something so much smaller: that stands before it.
        """
        named = np.array([who.proof is Proof.NAMED for who in self._who], bool)
        if not named.any():
            return named
        shares = within(boxes, boxes[named])
        motor = np.array([who.votes[MOTOR].any() for who in self._who], bool)
        shares[motor[:, None] & (areas(boxes)[:, None] > MOST_GROWTH * areas(boxes[named])[None])] = 0.0
        return ~named & (shares.max(axis=1) >= LEAST_ABSORBED)

    def _outside(self, boxes: Boxes) -> NDArray[np.bool_]:
        width, height = self._size
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        return (middle[:, 0] < 0) | (middle[:, 0] > width) | (middle[:, 1] < 0) | (middle[:, 1] > height)

    def _snapshots(self, seen: NDArray[np.bool_]) -> list[Track]:
        boxes, filters = self._filters.boxes().tolist(), self._filters
        return [
            Track(
                id=who.id,
                box=tuple(box),
                foot=(float(position[0]), float(position[1])),
                velocity=(float(velocity[0]), float(velocity[1])),
                kind=who.kind(),
                proof=who.proof,
                seen=bool(now),
                unseen_s=who.unseen_s,
                entered=who.entered,
                ballot=who.ballot(self._in_cars(position)),
                outline=who.outline if now else None,
            )
            for who, box, position, velocity, now in zip(
                self._who, boxes, filters.position, filters.velocity, seen, strict=True
            )
        ]

    def _in_cars(self, position: NDArray[np.float64]) -> float | None:
        _, y, w, h = position.tolist()
        return self._sizes.ratio(self._sizes.band(y), math.sqrt(w * h))


def _inside(box: Boxes, region: Region) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(region.x0 <= x < region.x1 and region.y0 <= y < region.y1)
