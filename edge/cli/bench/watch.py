"""`passant bench watch`: whether the watch over the camera names what befalls it, and lets be what the street does."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from edge.cli.bench.data import add_data
from edge.contract.report import CameraState

if TYPE_CHECKING:
    from edge.vision.frame import Pixels

# From here to there something befalls a film, in seconds of it; it has had half a minute to be learnt.
WRONG_S: Final = (40.0, 60.0)
MOST_S: Final = 10.0
_FILM: Final = "vtest.avi"
_FPS: Final = 5.0
_NIGHT: Final = "-night"
_DRAWN: Final = ("promenade", f"crossing{_NIGHT}", f"square{_NIGHT}")
_DRAWN_S: Final = 75.0
_DRAWN_SIZE: Final = (640, 360)
_NS: Final = 1_000_000_000

Shown = Iterator[tuple[float, "Pixels"]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One film with one mishap: what it was called, after how many seconds, and how long after the end it was over."""

    film: str
    mishap: str
    due: str | None
    named: str | None
    after_s: float | None
    back_s: float | None

    @property
    def met(self) -> bool:
        """Whether it was noticed and over in time; or, where nothing is due, that nothing was said."""
        if self.due is None:
            return self.named is None
        in_time = self.after_s is not None and self.after_s <= MOST_S
        return self.named == self.due and in_time and self.back_s is not None and self.back_s <= MOST_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """One film as it is: its length, and the seconds of each state beside streaming."""

    film: str
    seconds: float
    troubles: dict[str, float]
    look_ms: float


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench watch`."""
    parser = subparsers.add_parser("watch", help="spoil films and see what the watch says", description=__doc__)
    add_data(parser, "videos")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play and print; exit 0 when each mishap is named in time and nothing else is."""
    plain = [_plain(path, args.data) for path in _films(args.data)]
    trials = [trial for film, play in _spoilable(args.data) for trial in _tried(film, play)]
    moving = {one.film for one in plain if "spacewalk" in one.film}
    wrong = [one for one in plain if one.troubles and one.film not in moving]
    if args.json:
        print(json.dumps({"plain": [asdict(one) for one in plain], "trials": [_told(one) for one in trials]}, indent=1))
    else:
        print("\n".join(_page(plain, trials)))
    return 0 if all(trial.met for trial in trials) and not wrong else 1


def _films(data: Path) -> list[Path]:
    folder = data / "videos"
    films = sorted(path for path in folder.rglob("*") if path.suffix in {".avi", ".mp4"})
    if not films:
        print(f"{folder}: no films here; drawn streets only", file=sys.stderr)
    return films


def _spoilable(data: Path) -> Iterable[tuple[str, Callable[[], Shown]]]:
    film = data / "videos" / _FILM
    if film.is_file():
        yield _FILM, lambda: _film(film)
    for name in _DRAWN:
        yield f"synthetic:{name}", lambda name=name: _drawn(name)  # type: ignore[misc]


def _film(path: Path) -> Shown:
    from edge.vision.camera.clip import ClipCamera  # noqa: PLC0415  other commands need no camera
    from edge.vision.camera.source import FootageEndedError  # noqa: PLC0415

    with ClipCamera(path, fps=_FPS) as camera:
        try:
            while (frame := camera.read(10.0)) is not None:
                yield frame.taken_ns / _NS, frame.pixels
        except FootageEndedError:
            return


def _drawn(name: str) -> Shown:
    from edge.vision.camera.synthetic import SyntheticCamera  # noqa: PLC0415  other commands need no camera

    with SyntheticCamera(name, size=_DRAWN_SIZE, fps=1.0) as camera:
        while (frame := camera.read(1.0)) is not None and frame.taken_ns < _DRAWN_S * _NS:
            yield frame.taken_ns / _NS, frame.pixels


def _tried(film: str, play: Callable[[], Shown]) -> Iterator[Trial]:
    from edge.cli.bench.mishaps import MISHAPS  # noqa: PLC0415  other commands need no OpenCV

    for mishap in MISHAPS:
        if mishap.by_day and film.endswith(_NIGHT):
            continue
        print(f"\r{film} {mishap.name:<30}", end="", file=sys.stderr, flush=True)
        states = list(_states((at_s, mishap.spoil(p) if _is_wrong(at_s) else p) for at_s, p in play()))
        yield _trial(film, mishap.name, mishap.due, [(at_s, state) for at_s, state, _ in states])
    print(end="\r", file=sys.stderr)


def _is_wrong(at_s: float) -> bool:
    return WRONG_S[0] <= at_s < WRONG_S[1]


def _states(shown: Iterable[tuple[float, "Pixels"]]) -> Iterator[tuple[float, CameraState, float]]:
    """Have a watch see pictures; gives the second, the state, and how long the look took, in s."""
    import cv2  # noqa: PLC0415  other commands need no OpenCV

    from edge.config.site import SourceKind  # noqa: PLC0415
    from edge.vision.camera.watch import PictureWatch  # noqa: PLC0415
    from edge.vision.frame import Frame  # noqa: PLC0415

    cv2.setNumThreads(1)
    watch = PictureWatch(SourceKind.CLIP)
    for number, (at_s, pixels) in enumerate(shown):
        began = time.perf_counter()
        state = watch.see(Frame(pixels=pixels, taken_ns=round(at_s * _NS), index=number))
        yield at_s, state, time.perf_counter() - began


def _trial(film: str, mishap: str, due: CameraState | None, states: list[tuple[float, CameraState]]) -> Trial:
    during = [(at_s, state) for at_s, state in states if state is not CameraState.STREAMING]
    right = [at_s for at_s, state in states if at_s >= WRONG_S[1] and state is CameraState.STREAMING]
    named = max({state for _, state in during}, key=lambda one: sum(state is one for _, state in during), default=None)
    return Trial(
        film=film,
        mishap=mishap,
        due=None if due is None else due.name.lower(),
        named=None if named is None else named.name.lower(),
        after_s=during[0][0] - WRONG_S[0] if during else None,
        back_s=right[0] - WRONG_S[1] if right and during else None,
    )


def _plain(path: Path, data: Path) -> Plain:
    print(f"\r{path.name:<40}", end="", file=sys.stderr, flush=True)
    states = list(_states(_film(path)))
    troubles: dict[str, float] = {}
    for (at_s, state, _), (next_s, _, _) in pairwise(states):
        if state is not CameraState.STREAMING:
            troubles[state.name.lower()] = troubles.get(state.name.lower(), 0.0) + next_s - at_s
    print(end="\r", file=sys.stderr)
    # One frame of five is looked at closely; the others are only compared.
    slowest = sorted(took_s for _, _, took_s in states)[-max(1, round(len(states) / _FPS)) :]
    return Plain(
        film=str(path.relative_to(data / "videos")),
        seconds=states[-1][0] if states else 0.0,
        troubles=troubles,
        look_ms=1000 * median(slowest) if slowest else 0.0,
    )


def _told(trial: Trial) -> dict[str, object]:
    return {**asdict(trial), "met": trial.met}


def _page(plain: list[Plain], trials: list[Trial]) -> Iterator[str]:
    yield f"{'films as they are':<36}{'s':>6}{'ms a look':>11}  not streaming"
    for one in plain:
        words = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in one.troubles.items())
        yield f"{one.film:<36}{one.seconds:>6.1f}{one.look_ms:>11.1f}  {words or '-'}"
    yield ""
    yield f"{'film':<26}{'from 40 to 60 s':<28}{'due':<10}{'said':<10}{'after s':>8}{'back s':>8}"
    for trial in trials:
        yield (
            f"{trial.film:<26}{trial.mishap:<28}{trial.due or '-':<10}{trial.named or '-':<10}"
            f"{_seconds(trial.after_s):>8}{_seconds(trial.back_s):>8}{'' if trial.met else '  MISSED'}"
        )
    good = sum(trial.met for trial in trials)
    yield f"{good} of {len(trials)} as they ought to be: named and over within {MOST_S:.0f} s each, or let be"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
