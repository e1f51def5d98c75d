"""`passant prove egress`: the whole appliance on marked footage; all that comes out of it is captured and searched."""

import argparse
import json
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import edge
from edge.cli.prove.finding import Channel
from edge.cli.prove.print import heading, remarks, row, verdict
from edge.cli.prove.street import WINDOWS
from edge.cli.prove.timing import check_timing
from edge.cli.prove.trial import Film, Outcome, ProofError, capture_run, judge, make_film

_ROOT: Final = Path(edge.__file__).resolve().parents[1]
_LEAKS: Final = _ROOT / "tests" / "leaks" / "__main__.py"
LEAKS: Final = {
    "payload": Channel.NETWORK,
    "counts": Channel.COUNTS,
    "timing": Channel.TIMING,
    "file": Channel.FILES,
    "log": Channel.LOG,
}
"""Each leak that is made on purpose, and the channel in which it must be noticed."""
_RUNS_A_FILM: Final = 5
_KEY_BYTES: Final = 32
_FAILED: Final = 1
# Of honest runs so many may be flagged: the timing's threshold is a quantile.
_ONE_IN: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run: its number, the leak that was in it if any, and its outcome with all findings."""

    number: int
    leak: str | None
    outcome: Outcome

    @property
    def is_flagged(self) -> bool:
        """Whether anything was found."""
        return bool(self.outcome.findings or self.outcome.marks)

    @property
    def is_caught(self) -> bool:
        """Whether a leak was noticed where it leaks, not merely by an accident elsewhere."""
        channels = {finding.channel for finding in self.outcome.findings}
        return self.is_flagged if self.leak not in LEAKS else LEAKS[self.leak] in channels


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `egress`."""
    parser = subparsers.add_parser("egress", description=__doc__)
    parser.add_argument("--runs", type=_least_one, default=1, metavar="N", help="honest runs; default: 1")
    parser.add_argument("--leaks", action="store_true", help="also runs that leak on purpose, which must be caught")
    parser.add_argument("--leak", action="append", metavar="KIND", help="only this leak; may be given again")
    parser.add_argument(
        "--windows", type=_least_four, default=WINDOWS, metavar="N", help=f"minutes in the film; default: {WINDOWS}"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep films and captures here; default: removed")
    parser.add_argument("--json", action="store_true", help="print a report as JSON instead of a table")
    parser.set_defaults(run=run)


def _least_one(text: str) -> int:
    return _at_least(text, 1)


def _least_four(text: str) -> int:
    return _at_least(text, 4)


def _at_least(text: str, least: int) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"{number} is too few; {least} or more")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Prove; 0 only where honest runs are clean (one in 20 may be flagged) and every leak asked for is caught."""
    leaks = _leaks(arguments)
    if leaks and not _LEAKS.exists():
        sys.stderr.write("passant prove: the leaking builds are not in an installed package — use a checkout\n")
        return _FAILED
    if find_spec("iotcore") is None:
        sys.stderr.write("passant prove: iotcore, its broker, is not installed — start it as ./passant\n")
        return _FAILED
    try:
        with _folder(arguments.out) as folder:
            return _prove(arguments, folder, leaks)
    except (ProofError, OSError) as error:
        sys.stderr.write(f"passant prove: {error}\n")
        return _FAILED


def _leaks(arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple(arguments.leak or ()) or (tuple(LEAKS) if arguments.leaks else ())


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is None:
        with tempfile.TemporaryDirectory(prefix="passant-proof-") as folder:
            yield Path(folder)
    else:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise ProofError(f"{out} is not empty; name a folder of its own (--out)")
        yield out.absolute()


def _prove(arguments: argparse.Namespace, folder: Path, leaks: tuple[str, ...]) -> int:
    shown = not arguments.json
    runs: list[Run] = []
    if shown:
        print(heading(), flush=True)
    for one in _runs(folder, arguments.runs, leaks, arguments.windows):
        runs.append(one)
        if shown:
            # The first honest runs are told before there are others to compare their moments with.
            print(row(_timed([*runs])[-1]), flush=True)
    runs = _timed(runs)
    good = is_good(runs)
    if shown:
        print("\n".join([*remarks(runs), verdict(runs, good=good)]))
    else:
        print(json.dumps({"good": good, "runs": [_document(one) for one in runs]}, indent=1))
    return 0 if good else _FAILED


def _runs(folder: Path, honest: int, leaks: Sequence[str], windows: int) -> Iterator[Run]:
    """Make films and runs, the honest ones first; each film serves for a few of them."""
    film: Film | None = None
    for number, leak in enumerate([*[None] * honest, *leaks], 1):
        if film is None or (number - 1) % _RUNS_A_FILM == 0:
            film = make_film(folder / f"film-{number}", windows)
        place = folder / f"run-{number}"
        capture = capture_run(place, film, _words(place, leak))
        yield Run(number=number, leak=leak, outcome=judge(capture, film, place / "site.toml"))


def _words(place: Path, leak: str | None) -> tuple[str, ...]:
    """Give the words that start the appliance; a leak's key is drawn here and read by nobody but the leak."""
    if leak is None:
        return ()
    key = place.with_name(f"{place.name}.key")
    key.write_bytes(secrets.token_bytes(_KEY_BYTES))
    return (sys.executable, "-P", "-m", "tests.leaks", leak, str(key))


def _timed(runs: Sequence[Run]) -> list[Run]:
    """Add what the moments say: each run's against those of the other honest ones."""
    return [replace(one, outcome=_with_timing(one, runs)) for one in runs]


def _with_timing(one: Run, runs: Sequence[Run]) -> Outcome:
    others = [
        (other.outcome.spread_s, other.outcome.gap_s) for other in runs if other.leak is None and other is not one
    ]
    found = check_timing(one.outcome.spread_s, one.outcome.gap_s, others)
    return replace(one.outcome, findings=(*one.outcome.findings, *found))


def is_good(runs: Sequence[Run]) -> bool:
    """Tell whether the proof holds: of honest runs at most one in 20 flagged, no mark in any, all leaks caught."""
    honest = [one for one in runs if one.leak is None]
    flagged = sum(one.is_flagged for one in honest)
    clean = flagged <= len(honest) // _ONE_IN and not any(one.outcome.marks for one in honest)
    return clean and all(one.is_caught for one in runs if one.leak is not None)


def _document(one: Run) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "run": one.number,
        "leak": one.leak,
        "bytes": {"network": outcome.sent_bytes, "files": outcome.file_bytes, "log": outcome.log_bytes},
        "messages": outcome.messages,
        "marksSought": outcome.marks_sought,
        "marksFound": sorted(outcome.marks),
        "findings": [{"channel": finding.channel.value, "text": finding.text} for finding in outcome.findings],
        "spreadS": round(outcome.spread_s, 4),
        "gapS": round(outcome.gap_s, 4),
        "unlinkedFilesSeen": outcome.unlinked_seen,
        "root": outcome.root,
    }
