"""One film: studied from its first frame to its last, then read again, masked and written.

Nothing of a picture is kept between the two passes but what the masker notes, and a check sum by which each frame is
known again.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from edge.config.site import PrivacyFill
from edge.vision import crash
from edge.vision.anonymise.film import FilmMasker
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.files.fault import FileError
from edge.vision.files.film_writer import FilmWriter, check_size
from edge.vision.files.kind import AVI, MOV, MP4, THREEGP, Format
from edge.vision.files.masking import Masking
from edge.vision.files.outcome import Outcome, Progress, Step, Unseen, Why
from edge.vision.files.reel import Reel, Shot, check_one_size
from edge.vision.files.timeline import Timeline, laid_out

MaskerOf = Callable[[tuple[int, int]], FilmMasker]
"""Makes the masker of a film with pictures of (width, height)."""

# These list their frames one by one; the others tell a length only.
_COUNTED = frozenset((AVI, MP4, MOV, THREEGP))
_CHANGED = ("is another film when it is read a second time", "anonymise it once nobody writes to it any more")


@dataclass(kw_only=True, slots=True)
class _Study:
    """What the first pass found: each frame's instant, check sum and state; from frame `blind` on, no masks."""

    taken_ns: list[int] = field(default_factory=list)
    prints: list[int] = field(default_factory=list)
    damaged: list[bool] = field(default_factory=list)
    blind: int | None = None
    broken: str | None = None
    timeline: Timeline | None = None
    # At the end, where the file counts more frames than there were.
    missing_after: int = 0


def anonymise_film(
    source: Path, target: Path, kind: Format, masker_of: MaskerOf, how: PrivacyFill, tell: Progress
) -> Outcome:
    """Write the masked film to a new file; raises FileError, and then what lies at `target` is of no use."""
    check_one_size(source)
    with ExitStack() as stack:
        with Reel(source) as reel:
            size = reel.size
            check_size(size)
            masker = stack.enter_context(masker_of(size))
            study = _study(reel, masker, kind, tell)
        _conclude(masker)
        timeline = study.timeline or laid_out(study.taken_ns, None, None)
        masking = Masking(how)
        writer = stack.enter_context(FilmWriter(target, kind, fps=timeline.fps, size=size))
        reel = stack.enter_context(Reel(source))
        _write(reel, writer, study, masker, masking, tell)
        frames = writer.finish()
    return Outcome(
        size=size,
        frames=frames,
        regions=masking.regions,
        black=dict(masking.black),
        fps=timeline.fps,
        notes=_notes(study, timeline, masking),
    )


def _study(reel: Reel, masker: FilmMasker, kind: Format, tell: Progress) -> _Study:
    study = _Study()
    for shot in reel.shots():
        _look(study, masker, shot)
        study.taken_ns.append(shot.frame.taken_ns)
        study.prints.append(shot.print)
        study.damaged.append(shot.damaged)
        tell(Step.STUDYING, len(study.prints), reel.declared)
    if not study.prints:
        raise FileError("there is no frame in it that can be decoded", "record it again")
    study.broken = reel.broken
    study.timeline = laid_out(study.taken_ns, reel.fps, reel.declared)
    # Only where the decoder complained: some films are trimmed by their own index.
    if kind in _COUNTED and reel.warnings and not reel.broken:
        study.missing_after = max(0, (reel.declared or 0) - study.timeline.frames)
    return study


def _look(study: _Study, masker: FilmMasker, shot: Shot) -> None:
    """Show a frame to the masker; once that failed nothing is certain any more, and all that follows is black."""
    if study.blind is not None:
        return
    try:
        masker.study(shot.frame)
    except Exception as error:  # noqa: BLE001  a masker may fail in any way
        crash.tell(error)
        study.blind = shot.frame.index
        if study.blind == 0:
            raise FileError("the masks failed at its first frame", "please report this") from None


def _conclude(masker: FilmMasker) -> None:
    try:
        masker.conclude()
    except Exception as error:  # noqa: BLE001  see above
        crash.tell(error)
        raise FileError("its masks could not be worked out", "please report this") from None


def _write(reel: Reel, writer: FilmWriter, study: _Study, masker: FilmMasker, masking: Masking, tell: Progress) -> None:
    timeline = study.timeline
    number = 0
    for number, shot in enumerate(reel.shots(), 1):
        index = number - 1
        if timeline is None or number > len(study.prints):
            raise FileError(*_CHANGED)
        _fill_in(writer, masking, reel.size, timeline.missing[index])
        doubt = _doubt(study, shot, index)
        judge = _blind if study.blind is not None and index >= study.blind else lambda: masker.judge(index)  # noqa: B023
        writer.write(masking.masked(shot.frame.pixels, judge, doubt))
        tell(Step.WRITING, number, len(study.prints))
    if number < len(study.prints):
        raise FileError(*_CHANGED)
    _fill_in(writer, masking, reel.size, study.missing_after)


def _fill_in(writer: FilmWriter, masking: Masking, size: tuple[int, int], number: int) -> None:
    for _ in range(number):
        writer.write(masking.blacked(size, Unseen.UNREADABLE))


def _doubt(study: _Study, shot: Shot, index: int) -> Why | None:
    if shot.print != study.prints[index]:
        return Unseen.CHANGED
    return Unseen.DAMAGED if shot.damaged or study.damaged[index] else None


def _blind() -> Verdict:
    return Verdict.black(Blackout.FAILED)


def _notes(study: _Study, timeline: Timeline, masking: Masking) -> tuple[str, ...]:
    notes = []
    if study.broken:
        notes.append(f"it breaks off: {study.broken}")
    if timeline.uneven:
        notes.append(f"its frames came at uneven times; written at a constant {timeline.fps:.3f} frames a second")
    if masking.whole:
        notes.append(f"{masking.whole} frame{'s'[: masking.whole != 1]} masked altogether")
    return tuple(notes)
