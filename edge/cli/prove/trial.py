"""One trial: a film with new marks, a run of the appliance behind the walls, and what the checks say of the capture."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.cli.prove.capture import Capture, read_capture
from edge.cli.prove.chamber import CANNOT
from edge.cli.prove.files import check_files
from edge.cli.prove.finding import Channel, Finding
from edge.cli.prove.log import check_log
from edge.cli.prove.marks import Marks, draw_marks
from edge.cli.prove.messages import Said, check_messages, heard
from edge.cli.prove.reference import Sums, count, expect
from edge.cli.prove.search import search
from edge.cli.prove.site import site_text
from edge.cli.prove.street import WINDOW_S, WINDOWS, write_film
from edge.cli.prove.timing import gap_s, spread_s
from edge.config import load
from edge.contract import bounds
from edge.units import NS_PER_S

_NOWHERE: Final = "mqtt://127.0.0.1:1"
# A book that is new numbers its reports from the second in which the first is made, counted from 2020.
_NUMBERING_SLACK_S: Final = 120


class ProofError(Exception):
    """The proof cannot be made here; the text says why and how to mend it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """A film with its marks, and what the trusted count of it says."""

    path: Path
    marks: Marks
    sums: Sums
    windows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one run: bytes by channel, kinds of marks found, findings, and how its moments scatter."""

    sent_bytes: int
    file_bytes: int
    log_bytes: int
    messages: int
    marks_sought: int
    marks: frozenset[str]
    findings: tuple[Finding, ...]
    spread_s: float
    gap_s: float
    unlinked_seen: bool
    root: bool


def make_film(folder: Path, windows: int = WINDOWS) -> Film:
    """Draw marks, write a film of them and count it, apart from any run; raises OSError where there is no room."""
    folder.mkdir(parents=True)
    marks, path, site = draw_marks(), folder / "film.avi", folder / "site.toml"
    write_film(path, marks, windows)
    site.write_text(site_text(path, _NOWHERE), encoding="utf-8")
    return Film(path=path, marks=marks, sums=count(load(site)), windows=windows)


def capture_run(folder: Path, film: Film, start: tuple[str, ...] = ()) -> Capture:
    """Run the appliance once on a film, started by these words; raises ProofError where the walls are not allowed."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-P", "-m", "edge.cli.prove.enclosure", str(folder), str(film.path), *start]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == CANNOT:
        raise ProofError(
            "this system allows no namespaces of one's own; run it as root, or allow them: "
            "sysctl kernel.unprivileged_userns_clone=1"
        )
    if done.returncode:
        raise ProofError(f"the walls around the appliance fell (exit code {done.returncode}): {done.stderr[-500:]}")
    capture = read_capture(folder / "capture")
    if capture.facts.code == CANNOT:
        raise ProofError("this system allows no mount namespaces of one's own; run it as root")
    return capture


def judge(capture: Capture, film: Film, site_file: Path) -> Outcome:
    """Put one run's capture through every check but the timing's, which needs other runs beside it."""
    site = load(site_file)
    said, findings = heard(capture)
    start_s, first = _beginning(said, capture)
    expected = expect(film.sums.starting(start_s), site, first)
    findings += _check_whole(capture)
    findings += check_messages(said, capture, expected, site)
    findings += check_files(capture, expected, site)
    findings += check_log(capture, film.path, film.windows * WINDOW_S, start_s)
    return Outcome(
        sent_bytes=sum(len(frame) for _, frame in capture.packets),
        file_bytes=sum(map(len, capture.files.values())) + sum(len(content) for _, content in capture.seen),
        log_bytes=sum(len(line) for _, line in capture.log),
        messages=len(said.messages),
        marks_sought=film.marks.count,
        marks=frozenset(_marks(capture, said, film.marks)),
        findings=tuple(findings),
        spread_s=spread_s(said, capture.progress),
        gap_s=gap_s(said),
        unlinked_seen=capture.facts.unlinked_seen,
        root=capture.facts.root,
    )


def _check_whole(capture: Capture) -> list[Finding]:
    found = []
    if capture.facts.packets_missed:
        found.append(Finding(channel=Channel.NETWORK, text=f"{capture.facts.packets_missed} packets were not captured"))
    if capture.facts.code:
        found.append(Finding(channel=Channel.LOG, text=f"the appliance ended with exit code {capture.facts.code}"))
    return found


def _beginning(said: Said, capture: Capture) -> tuple[int, int]:
    """Tell where the replay's clock began, and the first report's number: only values that the run's time allows."""
    began_s = capture.facts.began_ns // NS_PER_S
    start_s = began_s // WINDOW_S * WINDOW_S
    if said.events():
        try:
            window = json.loads(said.events()[0].payload)["data"]["window"]["from"]
            told_s = round(datetime.fromisoformat(window).timestamp())
        except (ValueError, KeyError, TypeError):
            told_s = start_s
        start_s = told_s if told_s in {start_s, start_s + WINDOW_S} else start_s
    numbers = [name[-17:-7] for name in _report_names(capture) if name[-17:-7].isdecimal()]
    first = min(map(int, numbers), default=0)
    since_2020_s = began_s - bounds.WINDOW_START_S.least
    return start_s, first if 0 < first - since_2020_s <= _NUMBERING_SLACK_S else since_2020_s


def _report_names(capture: Capture) -> list[str]:
    names = (name.removesuffix(" (deleted)").removesuffix(".draft") for name, _ in capture.seen)
    return [name for name in names if name.endswith(".report")]


def _marks(capture: Capture, said: Said, marks: Marks) -> set[str]:
    """Search everything: packets as they went, messages, files as they were and are, the log; the same bytes once."""
    blobs = {b"".join(frame for _, frame in capture.packets), b"".join(line for _, line in capture.log)}
    blobs |= {b"\n".join(message.payload for message in said.messages)}
    blobs |= set(capture.files.values()) | {content for _, content in capture.seen}
    return {kind for blob in blobs for kind in search(blob, marks)}
