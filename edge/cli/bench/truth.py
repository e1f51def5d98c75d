"""Recordings with lines whose passes a person has counted: what a `*.gt.json` beside a recording says."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.site import (
    CameraSite,
    Detector,
    Device,
    Legal,
    Line,
    Site,
    SourceKind,
)

# Which of the truth's directions is forward: from the left hand to the right of someone walking along the line.
FORWARD = frozenset({"toward", "down", "left"})
BACKWARD = frozenset({"away", "up", "right"})
_FILMS = (".mp4", ".avi")


class TruthError(Exception):
    """The truth cannot be used; the text says what is wrong and how to mend it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passes:
    """What passed a line in one direction, as counted by a person; `heavy` and `ambiguous` where they were told."""

    line: str
    direction: str
    total: int
    heavy: int | None
    ambiguous: int

    @property
    def forward(self) -> bool:
        """Whether that is the line's forward direction."""
        return self.direction in FORWARD


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """A recording, its lines and what passed them."""

    name: str
    film: Path
    night: bool
    lines: tuple[Line, ...]
    passes: tuple[Passes, ...]

    def site(self, fps: float | None) -> Site:
        """Make the site that counts this recording, at most so many frames a second."""
        return Site(
            path=self.film,
            hash64=0,
            device=Device(org="bench", id="bench"),
            camera=CameraSite(kind=SourceKind.CLIP, target=str(self.film.absolute()), fps=fps),
            lines=self.lines,
            zones=(),
            window_s=3600,
            legal=Legal(),
            detector=Detector(),
            broker=None,
        )


def clips_of(data: Path) -> list[Clip]:
    """Find the recordings with line truth below `data`/videos; raises TruthError where there is none."""
    clips = []
    for path in sorted((data / "videos").rglob("*.gt.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        film = next(
            (path.with_name(path.name.removesuffix(".gt.json") + end) for end in _FILMS if _film(path, end)), None
        )
        if film is not None and "lines" in told:
            clips.append(_clip(path, film, told))
    if not clips:
        raise TruthError(f"{data}: no recording with line truth (videos/**/*.gt.json); name another folder with --data")
    return clips


def _film(path: Path, end: str) -> bool:
    return path.with_name(path.name.removesuffix(".gt.json") + end).is_file()


def _clip(path: Path, film: Path, told: dict[str, Any]) -> Clip:
    return Clip(
        name=path.name.removesuffix(".gt.json"),
        film=film,
        night="night" in str(told.get("conditions", "")),
        lines=tuple(
            Line(id=line["id"].lower(), start=_point(line["points"][0]), end=_point(line["points"][1]))
            for line in told["lines"]
        ),
        passes=tuple(
            _passes(path, line["id"].lower(), direction, counts)
            for line in told["lines"]
            for direction, counts in line["counts"].items()
        ),
    )


def _point(pair: list[float]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _passes(path: Path, line: str, direction: str, counts: int | dict[str, int]) -> Passes:
    if direction not in FORWARD | BACKWARD:
        raise TruthError(f"{path}: direction {direction!r} is none of {', '.join(sorted(FORWARD | BACKWARD))}")
    if isinstance(counts, int):
        return Passes(line=line, direction=direction, total=counts, heavy=None, ambiguous=0)
    by_weight = counts.keys() & {"light", "heavy", "ambiguous"}
    return Passes(
        line=line,
        direction=direction,
        total=counts["total"],
        heavy=counts.get("heavy", 0) if by_weight else None,
        ambiguous=counts.get("ambiguous", 0),
    )
