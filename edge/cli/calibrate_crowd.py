"""`passant calibrate-crowd SITE --zone ID`: teach a zone to count crowds, from moments counted on the spot.

The camera's pictures are watched by a process of their own, as isolated as vision; none is shown and none is kept. What
leaves it are a few numbers of the moment: how much of the zone is covered, how full of edges that is.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.cli.calibrate_crowd_file import CrowdFileError, crowd_table, written
from edge.cli.calibrate_crowd_worker import Census, CensusError, require_free
from edge.cli.run import state_folder
from edge.config import Files, SiteError, load
from edge.vision.census.words import Moment

if TYPE_CHECKING:
    from edge.config.site import CrowdFit, Site

_CANNOT: Final = 1
_MOST_PEOPLE: Final = 100_000
_HOW: Final = (
    "Count the people whose feet are in the zone, and type the number at once; Enter ends it.\n"
    "skip: forget this one   undo: forget the last one   done: make the fit\n"
    "At least 5 moments, better 10: some with few people, some with as many as come."
)


class CountsError(Exception):
    """The file of counts cannot be used; the text says where and how to mend it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `calibrate-crowd`."""
    parser = subparsers.add_parser("calibrate-crowd", description=__doc__)
    parser.add_argument("site", type=Path, metavar="SITE", help="the site file, usually site.toml")
    parser.add_argument("--zone", required=True, metavar="ID", help="the zone that is counted")
    parser.add_argument(
        "--counts",
        type=Path,
        metavar="FILE",
        help="instead of asking: lines of `seconds,people`, seconds from the first picture",
    )
    parser.add_argument("--write", action="store_true", help="add the fit to the site file; default: print it only")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="the state folder of `passant run`, if one is given there"
    )
    parser.add_argument("--no-isolation", action="store_true", help="for development only, as in `passant run`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Calibrate; 0 with a fit on stdout, 1 with none and the reason on stderr."""
    from edge.vision.crowd.fit import FitError  # noqa: PLC0415 - the other commands don't pay for numpy

    try:
        site = load(args.site, files=Files.CLIP)
        _require_zone(site, args.zone)
        counts = None if args.counts is None else read_counts(args.counts)
        if not site.camera.replay:
            require_free(state_folder(site, args.state))
        with Census(args.site, args.zone, isolation=not args.no_isolation) as census:
            tally = Tally()
            proven = "isolation proven" if census.isolated else "NOT ISOLATED"
            print(f"zone {args.zone} is watched: no picture is shown, none is kept; {proven}", file=sys.stderr)
            if counts is None:
                _converse(census, tally)
            else:
                _replay(census, tally, counts)
        found = tally.fit()
        print(_verdict(found), file=sys.stderr)
        print(crowd_table(found))
        if args.write:
            written(args.site, args.zone, found)
            print(f"{args.site}: written; zone {args.zone} counts by it from the next start on", file=sys.stderr)
    except (SiteError, CensusError, CountsError, CrowdFileError, FitError) as error:
        print(error, file=sys.stderr)
        return _CANNOT
    return 0


@dataclass(kw_only=True, slots=True)
class Tally:
    """The moments counted so far, as numbers."""

    moments: list[tuple[tuple[float, ...], int]] = field(default_factory=list)

    def add(self, moment: Moment, people: int) -> None:
        """Add one."""
        self.moments.append((moment.features, people))

    def fit(self) -> "CrowdFit":
        """Fit; raises FitError."""
        import numpy as np  # noqa: PLC0415 - see run

        from edge.vision.crowd.fit import fit  # noqa: PLC0415

        features = np.array([own for own, _ in self.moments])
        return fit(features, np.array([people for _, people in self.moments], float))


def _require_zone(site: "Site", zone: str) -> None:
    ids = [one.id for one in site.zones]
    if zone not in ids:
        known = f"the zones are: {', '.join(ids)}" if ids else "write [[zones]] first"
        raise CensusError(f"{site.path}: zones: none is called {zone} — {known}")


def read_counts(path: Path) -> list[tuple[float, int]]:
    """Read lines of `seconds,people` in the order of time; raises CountsError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "is not text"
        raise CountsError(f"{path}: {cause} — name a file of lines: seconds,people") from None
    found: list[tuple[float, int]] = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            found.append(_count(path, number, line))
            if len(found) > 1 and found[-1][0] <= found[-2][0]:
                raise CountsError(f"{path}:{number}: its second is not after the line before — sort the lines by time")
    return found


def _count(path: Path, number: int, line: str) -> tuple[float, int]:
    parts = line.split(",")
    with suppress(ValueError):
        at_s, people = float(parts[0]), _people(parts[1] if len(parts) == 2 else "")  # noqa: PLR2004 - a pair
        if 0 <= at_s < float("inf") and people is not None:
            return at_s, people
    raise CountsError(f"{path}:{number}: is not `seconds,people` — write, for example: 12.5,34")


def _people(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and int(text) <= _MOST_PEOPLE else None


def _replay(census: "Census", tally: Tally, counts: list[tuple[float, int]]) -> None:
    for at_s, people in counts:
        answer = census.moment(at_s)
        if isinstance(answer, Moment):
            tally.add(answer, people)
        else:
            print(f"second {at_s:g} is left out: {answer.why}", file=sys.stderr)


def _converse(census: "Census", tally: Tally) -> None:
    """Ask for counts until the installer is done."""
    print(_HOW, file=sys.stderr)
    for word in _typed(tally):
        people = _people(word)
        if word == "undo":
            print("the last one is forgotten" if tally.moments else "there is none to forget", file=sys.stderr)
            del tally.moments[-1:]
        elif people is not None:
            answer = census.moment()
            if isinstance(answer, Moment):
                tally.add(answer, people)
                print(_progress(tally), file=sys.stderr)
            else:
                print(f"not taken: {answer.why}", file=sys.stderr)
        elif word not in {"", "skip"}:
            print(f"a number from 0 to {_MOST_PEOPLE}, skip, undo or done", file=sys.stderr)


def _typed(tally: Tally) -> Iterator[str]:
    """Give each line that is typed, in small letters, until `done` or the end of the input.

    A `done` that would end in no fit is no end yet, or what was counted on the pavement would be lost; a second one is.
    """
    warned = False
    while True:
        print(f"moment {len(tally.moments) + 1}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        word = line.strip().lower()
        why = _unfit(tally) if word == "done" else None
        if not line or (word == "done" and (why is None or warned)):
            return
        warned = why is not None
        if why is None:
            yield word
        else:
            print(f"{why}; go on, or write done once more to leave without a fit", file=sys.stderr)


def _unfit(tally: Tally) -> str | None:
    """Tell why the moments so far make no fit; None where they do."""
    from edge.vision.crowd.fit import FitError  # noqa: PLC0415 - see run

    try:
        tally.fit()
    except FitError as error:
        return str(error)
    return None


def _progress(tally: Tally) -> str:
    from edge.vision.crowd.fit import LEAST_MOMENTS, FitError  # noqa: PLC0415 - see run

    if len(tally.moments) < LEAST_MOMENTS:
        return f"taken; {LEAST_MOMENTS - len(tally.moments)} more at least"
    try:
        return f"taken; {_verdict(tally.fit())}"
    except FitError as error:
        return f"taken; {error}"


def _verdict(found: "CrowdFit") -> str:
    return f"left out one by one, {found.moments} moments are {found.error:.0%} of the mean count off"
