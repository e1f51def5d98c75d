"""Everything that was found in a film, followed forwards and backwards through it.

Forwards a track lives on when the detector drops out; backwards it is there before its first
detection. Both passes go over what the looks found, never over pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.units import seconds_from_ns
from edge.vision.anonymise.second_look import SecondLook
from edge.vision.anonymise.tape import Note
from edge.vision.frame import NO_BOXES, Boxes
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track, Tracker

# Who stood somewhere for so long is still taken to stand there for a while, wherever the track has gone: it may have
# left with a passer-by who walked in front.
STAYED_S: Final = 3.0
LINGERS_S: Final = 4.0
# Somebody who stands sways, by a share of the width.
SWAY: Final = 0.25
UNKNOWN: Final = -1
"""The kind of what has no name."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Placed:
    """Where the tracks of one pass are in one frame: boxes float32 (n, 4), kinds int8 (n,), their stays int64 (n,)."""

    boxes: Boxes
    kinds: NDArray[np.int8]
    stays: NDArray[np.int64]

    def only(self, kept: NDArray[np.bool_]) -> "Placed":
        """Leave out all but what is kept."""
        return Placed(boxes=self.boxes[kept], kinds=self.kinds[kept], stays=self.stays[kept])


def follow(notes: Sequence[Note], size: tuple[int, int], *, backwards: bool) -> list[Placed]:
    """Follow what was found through a film; one item for each note, in the film's order."""
    followed = _Pass(size)
    ordered = reversed(notes) if backwards else iter(notes)
    times_ns = [-note.taken_ns if backwards else note.taken_ns for note in notes][:: -1 if backwards else 1]
    placed = [followed.step(note, now_ns) for note, now_ns in zip(ordered, times_ns, strict=True)]
    kept = [followed.kept(one, now_ns) for one, now_ns in zip(placed, times_ns, strict=True)]
    return kept[::-1] if backwards else kept


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sojourn:
    """A track's present stay: since when, how it was seen last, and its mean box in so many frames."""

    stay: int
    since_ns: int
    track: Track
    mean: Boxes
    frames: int

    def at_its_mean(self) -> Track:
        """Give the track as it was all in all: what ends a stay is often a box that slips away to somebody else."""
        x0, y0, x1, y1 = self.mean.tolist()
        sway = SWAY * (x1 - x0)
        return replace(self.track, box=(x0 - sway, y0, x1 + sway, y1))


class _Pass:
    def __init__(self, size: tuple[int, int]) -> None:
        self._tracker = Tracker(size)
        self._second = SecondLook(size)
        self._sojourns: dict[int, _Sojourn] = {}
        self._lingering: list[tuple[int, _Sojourn]] = []

    def step(self, note: Note, now_ns: int) -> Placed:
        glance = note.seen
        found, looked = (None, ()) if glance is None else (glance.found, glance.looked)
        motion = None if note.motion is None else note.motion.unpacked()
        scene = self._tracker.step(found, looked, motion, now_ns)
        self._second.see(scene, found, looked, now_ns)
        self._linger(scene, now_ns)
        left = [one for _, one in self._lingering]
        stays = [one.stay for one in (*self._sojourns.values(), *left)]
        return _placed([*scene.tracks, *(one.at_its_mean() for one in left)], stays)

    def kept(self, placed: Placed, now_ns: int) -> Placed:
        """Leave out what closer looks refute; once all frames were seen."""
        return placed.only(np.array([not self._second.is_refuted(int(stay), now_ns) for stay in placed.stays], bool))

    def _linger(self, scene: Scene, now_ns: int) -> None:
        before, self._sojourns = self._sojourns, {}
        for track in scene.tracks:
            stay, was = self._second.stay(track.id), before.get(track.id)
            if was is None or was.stay != stay:
                self._sojourns[track.id] = _Sojourn(
                    stay=stay, since_ns=now_ns, track=track, mean=np.array(track.box, np.float32), frames=1
                )
                continue
            mean = was.mean + (np.array(track.box, np.float32) - was.mean) / (was.frames + 1)
            self._sojourns[track.id] = replace(was, track=track, mean=mean, frames=was.frames + 1)
            del before[track.id]
        self._lingering = [one for one in self._lingering if seconds_from_ns(now_ns - one[0]) <= LINGERS_S]
        self._lingering += [(now_ns, left) for left in before.values() if _stood(left, now_ns)]


def _stood(left: _Sojourn, now_ns: int) -> bool:
    return left.track.proof is Proof.NAMED and seconds_from_ns(now_ns - left.since_ns) >= STAYED_S


def _placed(tracks: Sequence[Track], stays: Sequence[int]) -> Placed:
    return Placed(
        boxes=np.array([track.box for track in tracks], np.float32).reshape(-1, 4) if tracks else NO_BOXES,
        kinds=np.array([track.kind if track.proof is Proof.NAMED else UNKNOWN for track in tracks], np.int8),
        stays=np.array(stays, np.int64),
    )
