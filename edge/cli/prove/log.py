"""The check of the log: each line is one of those that an honest run says, at its time, no more often than it does."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.cli.prove.capture import Capture
from edge.cli.prove.finding import Channel, Finding
from edge.units import NS_PER_S

_HEAD: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (run|vision|publisher) {0,6} (INFO|WARNING) {1,5}(.*)\n"
)
_SLACK_S: Final = 3.0
# Who says it, what, and how often at most. Two fields are checked against the run: the film and the clock's start.
_LINES: Final = (
    ("run", r"publisher is started, process \d{1,7}", 1),
    ("run", r"vision is started, process \d{1,7}", 1),
    ("run", r"vision has finished", 1),
    (
        "vision",
        (
            r"isolation proven: no network socket can be made; a network namespace of its own: (yes|not allowed here); "
            r"writes only to the state folder(, by mounts: this kernel has no Landlock)?"
        ),
        1,
    ),
    ("vision", r"this machine swaps and memory cannot be locked: .{1,200}", 1),
    ("vision", r"replay: its clock starts at {start} UTC", 1),
    ("vision", r"the publisher is away \([^()]{0,200}; start the publisher\); reports are kept until it is back", 1),
    ("vision", r"the publisher is back", 1),
    ("vision", r"{film} is over after {seconds} s", 1),
    (
        "publisher",
        (
            r"isolation proven: no camera opens, no picture code loads; devices out of reach: (yes|by their owner and "
            r"by request only); writes only to the state folder: (yes|by mounts, this kernel has no Landlock)"
        ),
        1,
    ),
    ("publisher", r"connected to the broker with MQTT 5", 1),
    ("publisher", r"vision is connected", 1),
    ("publisher", r"vision is gone: the other process closed the channel; waiting for it to come back", 1),
    ("publisher", r"asked to end: sending what is left", 1),
)


def check_log(capture: Capture, film: Path, seconds: float, start_s: int) -> list[Finding]:
    """Check every line that the appliance wrote to its output; `start_s` is where the replay's clock began."""
    start = datetime.fromtimestamp(start_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
    fields = {"film": re.escape(str(film)), "seconds": re.escape(f"{seconds:.1f}"), "start": start}
    lines = [(side, re.compile(_filled(text, fields)), most) for side, text, most in _LINES]
    return [Finding(channel=Channel.LOG, text=text) for text in _faults(capture, lines)]


def _filled(text: str, fields: dict[str, str]) -> str:
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _faults(capture: Capture, lines: list[tuple[str, re.Pattern[str], int]]) -> Iterator[str]:
    said: Counter[int] = Counter()
    for number, (at_ns, line) in enumerate(capture.log, 1):
        head = _HEAD.fullmatch(line.decode("ascii", errors="replace"))
        if head is None:
            yield f"line {number} is not one of the appliance's, {len(line)} bytes"
            continue
        stamp, side, _, text = head.groups()
        if abs(datetime.fromisoformat(stamp).astimezone().timestamp() - at_ns / NS_PER_S) > _SLACK_S:
            yield f"line {number} carries another time than its own"
        place = next((i for i, (who, known, _) in enumerate(lines) if who == side and known.fullmatch(text)), None)
        if place is None:
            yield f"line {number} says what {side} does not say, {len(line)} bytes"
            continue
        said[place] += 1
        if said[place] == lines[place][2] + 1:
            yield f"line {number} is said more often than it may be"
