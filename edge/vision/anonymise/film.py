"""Masks over a film, in two passes: the first looks at every frame, the second is told what to hide in each.

So a mask can begin before its first detection and bridge what the detectors miss. Between the passes nothing of a
picture is kept but what was found in it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from types import TracebackType
from typing import Final, Self

import numpy as np

from edge.config.site import Point, PrivacyLevel
from edge.contract.report import RoadUser
from edge.units import NS_PER_S, seconds_from_ns
from edge.vision.anonymise import parts
from edge.vision.anonymise.backdrop import Backdrop, shrunk
from edge.vision.anonymise.cells import Cells
from edge.vision.anonymise.cover import regions_in
from edge.vision.anonymise.eyes import Eyes
from edge.vision.anonymise.fill import solid
from edge.vision.anonymise.follow import UNKNOWN, Placed, follow
from edge.vision.anonymise.glance import Glance, Glancer
from edge.vision.anonymise.level import Known, cover_of
from edge.vision.anonymise.polygon import polygon_cover
from edge.vision.anonymise.schedule import DETAILS_S, WHOLE_S, Schedule
from edge.vision.anonymise.stir import Stir
from edge.vision.anonymise.tape import Note
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.detect.region import whole
from edge.vision.frame import Frame

# What was tracked so near in time, s, is hidden too: boxes lag behind, and jitter.
BESIDE_S: Final = 0.12
# Without a look at the whole so near in time, s, nothing is proven.
MOST_UNSEEN_S: Final = 2 * WHOLE_S + BESIDE_S
# What faces and plates a look found is hidden for so long before and after it: half the time between two, and some.
DETAILS_HOLD_S: Final = 0.65 * DETAILS_S
# Among so many people some are not found: then all is hidden that is not proven to be background.
CROWD: Final = 25
# A face goes so far in that time, as a share of its own size.
DETAIL_MARGIN: Final = (0.15, 0.15, 0.15)


class FilmMasker:
    """Masks one film with pictures of `size` (width, height); every one of `eyes` works in a thread of its own.

    First `study` for each frame in order, then `conclude`, then `judge` for each in order. Used with `with`.
    """

    def __init__(
        self,
        eyes: Sequence[Eyes],
        level: PrivacyLevel,
        size: tuple[int, int],
        polygons: Sequence[Sequence[Point]] = (),
    ) -> None:
        self._level = level
        self._size = size
        self._burnt = polygon_cover(size, polygons) if polygons else None
        self._glancer = Glancer(eyes)
        self._schedule = Schedule(size)
        self._stir = Stir()
        self._backdrop = Backdrop()
        self._notes: list[Note] = []
        self._forwards: list[Placed] = []
        self._backwards: list[Placed] = []
        self._details: list[tuple[int, Glance]] = []
        self._cells = Cells(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads."""
        self._glancer.close()

    def study(self, frame: Frame) -> None:
        """Look at the next frame; raises ValueError where its size is another."""
        if frame.size != self._size:
            raise ValueError(f"a frame of {frame.size} in a film of {self._size}")
        frame = self._burn(frame)
        small = shrunk(frame)
        order = self._schedule.order(frame.taken_ns, far=self._stir.is_far(small))
        if order is not None and whole(self._size) in order.regions:
            self._stir.looked()
        note = Note(taken_ns=frame.taken_ns, look=self._glancer.look(frame.pixels, order) if order else None)
        was_black = bool(self._notes) and self._notes[-1].black is not None
        self._notes.append(note)
        self._backdrop.see(small, frame.size[0] / small.size[0], note)
        if was_black and note.black is None:
            self._schedule.start_again()

    def conclude(self) -> None:
        """Put together what all frames tell; after this, `judge`."""
        self._backdrop.conclude()
        for note in self._notes:
            _settle(note)
        self._glancer.close()
        _blacken_unseen(self._notes, self._size)
        self._forwards, self._backwards = (
            follow(self._notes, self._size, backwards=backwards) for backwards in (False, True)
        )
        self._details = [(note.taken_ns, note.seen) for note in self._notes if note.seen and note.seen.detailed]

    def judge(self, index: int) -> Verdict:
        """Decide what is hidden of the frame with this number; each once, in the film's order."""
        note = self._notes[index]
        if note.black is not None or note.motion is None:
            self._cells.start_again()
            return Verdict.black(note.black or Blackout.NOT_PROVEN)
        known = self._known(index, note)
        cover = cover_of(known, PrivacyLevel.PEOPLE_AND_VEHICLES, self._size)
        self._cells.note(cover, note.taken_ns)
        if self._level is PrivacyLevel.ALL_BUT_BACKGROUND or self._people(index) >= CROWD:
            cover = self._cells.hidden(cover, note.taken_ns)
        elif self._level is PrivacyLevel.FACES_AND_PLATES:
            cover = cover_of(known, self._level, self._size)
        if self._burnt is not None:
            cover = np.maximum(cover, self._burnt)
        return Verdict(cover=cover, why=None, regions=regions_in(cover))

    def _people(self, index: int) -> int:
        """Count the people who are followed in a frame, forwards or backwards."""
        return max(int((one[index].kinds == RoadUser.PERSON).sum()) for one in (self._forwards, self._backwards))

    def _known(self, index: int, note: Note) -> Known:
        placed = [one[near] for near in self._beside(index) for one in (self._forwards, self._backwards)]
        boxes = np.concatenate([one.boxes for one in placed])
        kinds = np.concatenate([one.kinds for one in placed])
        hold_ns = round(DETAILS_HOLD_S * NS_PER_S)
        first, end = (bisect_left(self._details, note.taken_ns + by, key=itemgetter(0)) for by in (-hold_ns, hold_ns))
        details = [
            parts.widened(np.concatenate((seen.faces, seen.plates)), DETAIL_MARGIN)
            for _, seen in self._details[first:end]
        ]
        return Known(
            people=boxes[kinds == RoadUser.PERSON],
            vehicles=boxes[(kinds != RoadUser.PERSON) & (kinds != UNKNOWN)],
            always=np.concatenate((boxes[kinds == UNKNOWN], *details)),
            motion=note.motion.unpacked() if note.motion else None,
        )

    def _beside(self, index: int) -> Iterator[int]:
        """Give the numbers of the frames so near in time, this one among them."""
        now_ns = self._notes[index].taken_ns
        yield index
        for step in (-1, 1):
            near = index + step
            while 0 <= near < len(self._notes) and self._is_beside(near, now_ns):
                yield near
                near += step

    def _is_beside(self, index: int, now_ns: int) -> bool:
        note = self._notes[index]
        return note.black is None and abs(seconds_from_ns(note.taken_ns - now_ns)) <= BESIDE_S

    def _burn(self, frame: Frame) -> Frame:
        if self._burnt is None:
            return frame
        return Frame(pixels=solid(frame.pixels, self._burnt), taken_ns=frame.taken_ns, index=frame.index)


def _settle(note: Note) -> None:
    """Wait for a note's look; where it failed, the frame is black, whatever the reason: it stays untold."""
    if note.look is None:
        return
    try:
        note.seen = note.look.result()
    except Exception:  # noqa: BLE001  a detector may fail in any way, and its words may hold what it saw
        note.black = note.black or Blackout.FAILED
    note.look = None


def _blacken_unseen(notes: Sequence[Note], size: tuple[int, int]) -> None:
    """Let no frame be shown that no detector looked at as a whole, nor one beside it."""
    everything = whole(size)
    looks = np.array([note.taken_ns for note in notes if note.seen and everything in note.seen.looked], np.int64)
    for note in notes:
        if not len(looks) or abs(seconds_from_ns(int(np.abs(looks - note.taken_ns).min()))) > MOST_UNSEEN_S:
            note.black = note.black or Blackout.UNSEEN
