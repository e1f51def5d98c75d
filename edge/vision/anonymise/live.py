"""Masks over the picture of a running camera: what its tracks and its movement tell, and one close look when asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge.config.site import Privacy, PrivacyLevel
from edge.contract.report import RoadUser
from edge.units import seconds_from_ns
from edge.vision.anonymise.cells import Cells
from edge.vision.anonymise.cover import regions_in
from edge.vision.anonymise.eyes import Eyes
from edge.vision.anonymise.gate import Gate
from edge.vision.anonymise.level import Known, cover_of
from edge.vision.anonymise.photo import is_crowd, known_of
from edge.vision.anonymise.polygon import polygon_cover
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.detect.motion import Motion
from edge.vision.frame import NO_BOXES, Boxes, Frame
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

# The picture as a whole is watched so often: each time costs as much as a tenth of a look.
WATCH_S: Final = 0.15
# Movement seen longer ago than this is no movement of this picture.
MOST_MOTION_AGE_S: Final = 0.5


class LiveMasker:
    """Masks one camera's pictures of `size` (width, height); not for more than one thread.

    `see` each frame, so that a change of the whole picture is known; `judge` the one seen last, when one is wanted.
    """

    def __init__(self, eyes: Eyes, privacy: Privacy, size: tuple[int, int]) -> None:
        self._eyes = eyes
        self._level = privacy.level
        self._size = size
        self._burnt = polygon_cover(size, privacy.polygons)
        self._gate = Gate()
        self._black: Blackout | None = Blackout.NOT_PROVEN
        self._watched_ns: int | None = None
        self._motion: Motion | None = None
        self._motion_ns = 0
        self._cells = Cells(size)

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:
        """Take in the next frame, its tracks, and its movement where somebody looked for it."""
        if motion is not None:
            self._motion, self._motion_ns = motion, frame.taken_ns
        is_due = self._watched_ns is None or seconds_from_ns(frame.taken_ns - self._watched_ns) >= WATCH_S
        if is_due or not self._is_trusted():
            self._watch(frame, scene)

    def judge(self, frame: Frame, scene: Scene, motion: Motion | None) -> Verdict:
        """Decide about the frame that was seen last; raises what a detector raises."""
        if self._watched_ns != frame.taken_ns:
            self._watch(frame, scene)
        age_s = seconds_from_ns(frame.taken_ns - self._motion_ns)
        if self._black is not None or self._motion is None or not 0 <= age_s <= MOST_MOTION_AGE_S:
            return Verdict.black(self._black or Blackout.NOT_PROVEN)
        known = _united(known_of(self._eyes, frame.pixels, motion or self._motion), scene)
        if self._level is PrivacyLevel.ALL_BUT_BACKGROUND:
            cover = self._cells.see(cover_of(known, PrivacyLevel.PEOPLE_AND_VEHICLES, self._size), frame.taken_ns)
        else:
            cover = cover_of(known, PrivacyLevel.ALL_BUT_BACKGROUND if is_crowd(known) else self._level, self._size)
        cover = np.maximum(cover, self._burnt)
        return Verdict(cover=cover, why=None, regions=regions_in(cover))

    def _is_trusted(self) -> bool:
        return self._motion is not None and self._motion.trusted

    def _watch(self, frame: Frame, scene: Scene) -> None:
        self._watched_ns = frame.taken_ns
        self._black = self._gate.see(frame, trusted=self._is_trusted())
        if self._level is not PrivacyLevel.ALL_BUT_BACKGROUND:
            return
        if self._black is not None:
            self._cells.start_again()
        else:
            known = _united(Known(motion=self._motion), scene)
            self._cells.see(cover_of(known, PrivacyLevel.PEOPLE_AND_VEHICLES, self._size), frame.taken_ns)


def _united(known: Known, scene: Scene) -> Known:
    """Add the tracks, which live on where the detector sees nothing; those without a name are hidden as they are."""
    named = [track for track in scene.tracks if track.proof is Proof.NAMED]
    people = [track for track in named if track.kind is RoadUser.PERSON]
    vehicles = [track for track in named if track.kind is not RoadUser.PERSON]
    nameless = [track for track in scene.tracks if track.proof is not Proof.NAMED]
    return replace(
        known,
        people=np.concatenate((known.people, _boxes(people))),
        vehicles=np.concatenate((known.vehicles, _boxes(vehicles))),
        always=np.concatenate((known.always, _boxes(nameless))),
    )


def _boxes(tracks: Sequence[Track]) -> Boxes:
    """Give the tracks' boxes, larger by how far each can have gone while it was not seen."""
    if not tracks:
        return NO_BOXES
    boxes = np.array([track.box for track in tracks], np.float32)
    way = np.array([np.hypot(*track.velocity) * track.unseen_s for track in tracks], np.float32)[:, None]
    return np.concatenate((boxes[:, :2] - way, boxes[:, 2:] + way), axis=1)
