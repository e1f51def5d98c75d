"""What was hidden of one set, frame by frame, added up."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edge.cli.bench.coverage import ENOUGH, covered_shares, most_likely, touched_px

if TYPE_CHECKING:
    from edge.cli.bench.privacy_truth import Labels
    from edge.vision.frame import Cover


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """A box of which too much was shown: in which frame of which file, how large in px, and the share covered."""

    file: str
    frame: int
    size: tuple[int, int]
    covered: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How long a whole job took for so many frames, s: by the clock, and of all processors together."""

    frames: int
    wall_s: float
    cpu_s: float

    @property
    def fps(self) -> float:
        """Frames a second by the clock."""
        return self.frames / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor a frame: what a busy machine changes least."""
        return self.cpu_s * 1000 / self.frames


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """How well one kind of thing in one set was hidden by one level of masks, or by a peer."""

    truth: str
    sought: str
    by: str
    boxes: int
    covered: int
    # Of those, in frames that were not black.
    boxes_shown: int
    covered_shown: int
    # Things that are the same over the frames of a film; in pictures each box is one.
    tracks: int
    leaking: int
    frames: int
    black: int
    # Black ones after a film's first second.
    black_late: int
    # Masked pixels as a share of all, and over those of the labelled boxes; black counts as masked.
    area: float
    area_over_boxes: float
    pace: Pace | None
    misses: tuple[Miss, ...] = ()

    @property
    def share(self) -> float:
        """The covered share of all boxes; 1.0 where there are none."""
        return self.covered / self.boxes if self.boxes else 1.0

    @property
    def share_shown(self) -> float:
        """The covered share of the boxes in frames that were not black."""
        return self.covered_shown / self.boxes_shown if self.boxes_shown else 1.0

    @property
    def leak_rate(self) -> float:
        """The share of tracks that leaked in any frame."""
        return self.leaking / self.tracks if self.tracks else 0.0

    @property
    def leak_bound(self) -> float:
        """The largest leak rate that this sample leaves possible at 95 % confidence."""
        return most_likely(self.leaking, self.tracks)


@dataclass(kw_only=True, slots=True)
class Tally:
    """Adds up frames; `add` for each in order, then `row`."""

    truth: str
    sought: str
    by: str
    _boxes: int = 0
    _covered: int = 0
    _boxes_black: int = 0
    _frames: int = 0
    _black: int = 0
    _black_late: int = 0
    _masked_px: int = 0
    _px: int = 0
    _labelled_px: int = 0
    _tracks: set[tuple[str, int]] = field(default_factory=set)
    _leaking: set[tuple[str, int]] = field(default_factory=set)
    _misses: list[Miss] = field(default_factory=list)

    def add(
        self,
        place: tuple[str, int],
        size: tuple[int, int],
        cover: "Cover | None",
        labels: "Labels | None",
        *,
        late: bool,
    ) -> None:
        """Add the frame at `place` (file, number) with pictures of `size` (width, height).

        `cover` is None where it is black; `late` says whether the film's first second is over.
        """
        px = math.prod(size)
        self._frames += 1
        self._black += cover is None
        self._black_late += late and cover is None
        self._px += px
        self._masked_px += px if cover is None else int(np.count_nonzero(cover))
        if labels is not None and len(labels.boxes):
            self._labelled_px += touched_px((size[1], size[0]), labels.boxes)
            self._judge(place, cover, labels)

    def _judge(self, place: tuple[str, int], cover: "Cover | None", labels: "Labels") -> None:
        file, frame = place
        shares = np.ones(len(labels.boxes)) if cover is None else covered_shares(cover, labels.boxes)
        self._boxes += len(shares)
        self._boxes_black += len(shares) if cover is None else 0
        self._covered += int(np.count_nonzero(shares >= ENOUGH))
        self._tracks |= {(file, int(track)) for track in labels.tracks}
        for box, track, share in zip(labels.boxes, labels.tracks, shares, strict=True):
            if share < ENOUGH:
                self._leaking.add((file, int(track)))
                size = (round(float(box[2] - box[0])), round(float(box[3] - box[1])))
                self._misses.append(Miss(file=file, frame=frame, size=size, covered=float(share)))

    def row(self, pace: Pace | None) -> Row:
        """Give what was added up, with how long it took where that was measured."""
        return Row(
            truth=self.truth,
            sought=self.sought,
            by=self.by,
            boxes=self._boxes,
            covered=self._covered,
            boxes_shown=self._boxes - self._boxes_black,
            covered_shown=self._covered - self._boxes_black,
            tracks=len(self._tracks),
            leaking=len(self._leaking),
            frames=self._frames,
            black=self._black,
            black_late=self._black_late,
            area=self._masked_px / max(1, self._px),
            area_over_boxes=self._masked_px / max(1, self._labelled_px),
            pace=pace,
            misses=tuple(sorted(self._misses, key=lambda miss: miss.covered)),
        )
