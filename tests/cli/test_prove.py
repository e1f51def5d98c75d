"""The proof of egress: a real appliance behind real walls, leaks that must be caught, and nothing else that is."""

import base64
import json
import os
import secrets
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli.prove import egress
from edge.cli.prove.capture import Capture
from edge.cli.prove.finding import Channel
from edge.cli.prove.marks import Marks, code_picture, dots_picture, draw_marks, plate_picture
from edge.cli.prove.search import search
from edge.cli.prove.timing import check_timing
from edge.cli.prove.trial import Film, Outcome, ProofError, capture_run, judge, make_film
from tests.somebody import NOBODY, ROOT, as_user, give, interpreter

WINDOWS = 4


class Trials:
    """One film, and the runs that are made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.film: Film = make_film(folder / "film", WINDOWS)
        self.honest = self.capture("honest")

    def capture(self, name: str, *words: str) -> Capture:
        return capture_run(self.folder / name, self.film, words)

    def judge(self, capture: Capture, name: str = "honest") -> Outcome:
        return judge(capture, self.film, self.folder / name / "site.toml")

    def leaking(self, kind: str) -> Outcome:
        key = self.folder / f"{kind}.key"
        key.write_bytes(secrets.token_bytes(32))
        words = (sys.executable, "-P", "-m", "tests.leaks", kind, str(key))
        return self.judge(self.capture(kind, *words), kind)


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    pytest.importorskip("iotcore", reason="the broker of the proof: pip install iotcore")
    try:
        return Trials(tmp_path_factory.mktemp("proof"))
    except ProofError as error:
        pytest.skip(str(error))


def channels(outcome: Outcome) -> set[Channel]:
    return {finding.channel for finding in outcome.findings}


def test_an_honest_run_says_and_writes_what_the_film_gives_and_nothing_else(trials: Trials) -> None:
    outcome = trials.judge(trials.honest)
    assert outcome.findings == ()
    assert outcome.marks == frozenset()
    assert outcome.marks_sought > 1_000
    # Two messages for each of seven places in each window, and the states.
    assert outcome.messages >= WINDOWS * 14 + 4
    assert min(outcome.sent_bytes, outcome.file_bytes, outcome.log_bytes) > 500


def test_a_still_in_a_payload_is_caught(trials: Trials) -> None:
    assert Channel.NETWORK in channels(trials.leaking("payload"))


def test_bits_in_moments_are_caught(trials: Trials) -> None:
    honest = trials.judge(trials.honest)

    def found() -> set[Channel]:
        leaking = trials.leaking("timing")
        findings = check_timing(leaking.spread_s, leaking.gap_s, [(honest.spread_s, honest.gap_s)])
        return {finding.channel for finding in findings}

    # The secret is drawn anew each run, and holds the film's three windows back alike in one run of sixteen: such a run
    # looks honest. That two in a row do, and a third, is one chance in four thousand.
    assert {Channel.TIMING} in (found() for _ in range(3))


def swapped(old: bytes, new: bytes) -> Callable[[Capture], Capture]:
    """Change the first packet that holds some bytes."""

    def change(capture: Capture) -> Capture:
        place = next(i for i, (_, frame) in enumerate(capture.packets) if old in frame)
        at_ns, frame = capture.packets[place]
        changed = (at_ns, frame.replace(old, new, 1))
        return replace(capture, packets=(*capture.packets[:place], changed, *capture.packets[place + 1 :]))

    return change


def with_packet(kind: bytes) -> Callable[[Capture], Capture]:
    return lambda capture: replace(capture, packets=(*capture.packets, (capture.facts.ended_ns, kind)))


def with_line(text: bytes) -> Callable[[Capture], Capture]:
    return lambda capture: replace(capture, log=(*capture.log, (capture.facts.ended_ns, text)))


def with_file(name: str, content: bytes) -> Callable[[Capture], Capture]:
    return lambda capture: replace(capture, files={**capture.files, name: content})


def with_seen(name: str, content: bytes) -> Callable[[Capture], Capture]:
    return lambda capture: replace(capture, seen=(*capture.seen, (f"/x/state/{name} (deleted)", content)))


def spaced_register(capture: Capture) -> Capture:
    return with_file("vision/register", capture.files["vision/register"].replace(b", ", b",  ", 1))(capture)


def said_twice(capture: Capture) -> Capture:
    return with_line(capture.log[0][1])(capture)


UDP = bytes(12) + b"\x08\0" + b"\x45\0\0\x1c" + bytes(5) + b"\x11" + bytes(18)
ELSEWHERE = (
    bytes(12) + b"\x08\0" + b"\x45\0\0\x28" + bytes(5) + b"\x06" + bytes(10) + struct.pack(">HH", 5, 6) + bytes(16)
)
CHANGES: dict[str, tuple[Callable[[Capture], Capture], Channel]] = {
    "a count": (
        swapped(b'"laneDirection":"forward","intensity":', b'"laneDirection":"forward","intensity":1'[:-1] + b" "),
        Channel.NETWORK,
    ),
    "a state": (swapped(b'"state":"online"', b'"state":"onlinf"'), Channel.NETWORK),
    "a topic's letter": (swapped(b"/ev/crowd-flow/road", b"/ev/crowd-flow/roae"), Channel.NETWORK),
    "a label": (swapped(b"passant.crowd-flow.v1\x26", b"passant.crowd-flow.v2\x26"), Channel.NETWORK),
    "a health figure": (swapped(b'"deadLetters":0', b'"deadLetters":1'), Channel.NETWORK),
    "the greeting": (swapped(b"MQTT\x05\x2c\0\x1e", b"MQTT\x05\x2c\0\x1f"), Channel.NETWORK),
    "a datagram": (with_packet(UDP), Channel.NETWORK),
    "a packet elsewhere": (with_packet(ELSEWHERE), Channel.NETWORK),
    "another protocol": (with_packet(bytes(12) + b"\x86\xdd" + bytes(40)), Channel.NETWORK),
    "a file": (with_file("vision/new", b"x"), Channel.FILES),
    "a file that is gone": (with_seen("vision/reports/1.tmp", b"x"), Channel.FILES),
    "a report of its own": (with_seen("vision/reports/0000000001.report", b"x" * 116), Channel.FILES),
    "spaces in the register": (spaced_register, Channel.FILES),
    "a full lock": (with_file("vision/lock", b"x"), Channel.FILES),
    "an outbox that is none": (with_file("publisher/outbox.db", b"SQLite format 3\0" + b"x" * 4080), Channel.FILES),
    "a line": (with_line(b"hello\n"), Channel.LOG),
    "a line of bytes": (with_line(bytes(range(256)) + b"\n"), Channel.LOG),
    "a line twice": (said_twice, Channel.LOG),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_least_change_of_an_honest_capture_is_noticed(trials: Trials, what: str) -> None:
    change, channel = CHANGES[what]
    assert channel in channels(trials.judge(change(trials.honest)))


def test_an_ordinary_user_can_prove_it_too(trials: Trials, tmp_path: Path) -> None:
    give(tmp_path, NOBODY)
    python = interpreter(tmp_path, NOBODY)
    run = tmp_path / "run"
    run.mkdir()
    give(run, NOBODY)
    command = [*as_user(NOBODY), python, "-P", "-m", "edge.cli.prove.enclosure", str(run), str(trials.film.path)]
    for folder in (trials.film.path.parent, trials.folder):
        folder.chmod(0o755)
    env = {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    facts = json.loads((run / "capture" / "facts.json").read_text())
    assert (facts["code"], facts["root"], facts["unlinked_seen"]) == (0, False, False)


def picture(name: str, pixels: object) -> bytes:
    return bytes(cv2.imencode(name, np.asarray(pixels))[1].tobytes())


def hidden(marks: Marks) -> dict[str, bytes]:
    dots, code = dots_picture(marks), code_picture(marks.codes[0], 3)
    plate = cv2.copyMakeBorder(plate_picture(marks.plates[7]), 5, 5, 5, 5, cv2.BORDER_CONSTANT, value=0)
    noise = np.frombuffer(os.urandom(marks.dots.size), np.uint8)
    written = "".join("1" if dot else "0" for dot in marks.dots[:9].ravel())
    return {
        "a JPEG": os.urandom(99) + picture(".jpg", dots) + os.urandom(50),
        "a PNG in base64": b'"' + base64.b64encode(picture(".png", dots)) + b'"',
        "a JPEG in hex": picture(".jpg", dots).hex().encode(),
        "deflated pixels": os.urandom(7) + zlib.compress(dots.tobytes()),
        "pixels": os.urandom(1_000) + dots.tobytes(),
        "pixels of three colours": os.urandom(5) + dots.repeat(3, 1).tobytes(),
        "pixels at half the size": dots[::2, ::2].tobytes(),
        "bits": os.urandom(11) + np.packbits(marks.dots).tobytes(),
        "bits, the other way round": np.packbits(marks.dots, bitorder="little").tobytes(),
        "bits, inverted": np.packbits(~marks.dots).tobytes(),
        "zeros and ones": b"x" + written.encode(),
        "lowest bits": ((noise & 254) | marks.dots.ravel()).tobytes(),
        "a plate": b"id=" + marks.plates[3].encode(),
        "a plate backwards": marks.plates[5][::-1].encode(),
        "a plate in base64": base64.b64encode(b"the plate is " + marks.plates[9].encode() + b" indeed"),
        "a plate in UTF-16": marks.plates[1].encode("utf-16-le"),
        "a plate's picture": picture(".png", plate),
        "a code": marks.codes[1].lower().encode(),
        "a code's picture": picture(".jpg", code),
    }


MARKS = draw_marks()


@pytest.mark.parametrize("how", hidden(MARKS))
def test_marks_are_found_however_they_are_wrapped(how: str) -> None:
    assert search(hidden(MARKS)[how], MARKS)


def test_nothing_is_found_where_nothing_is() -> None:
    identifiers = b'{"id":"' + base64.b64encode(os.urandom(30)) + b'"}'
    assert search(os.urandom(30_000), MARKS) == set()
    assert search(identifiers * 200, MARKS) == set()


def test_moments_of_honest_runs_are_let_pass_and_others_not() -> None:
    honest = [(0.03, 0.01), (0.08, 0.02), (0.4, 0.01)]
    assert check_timing(0.49, 0.2, honest) == []
    assert len(check_timing(0.51, 0.2, honest)) == 1
    assert len(check_timing(0.01, 0.3, honest)) == 1


def test_without_the_leaking_builds_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(egress, "_LEAKS", tmp_path / "none")
    command = [sys.executable, "-m", "edge", "prove", "egress", "--help"]
    assert "--leaks" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    arguments = type("Asked", (), {"leak": None, "leaks": True, "out": None, "json": False, "runs": 1, "windows": 4})()
    assert egress.run(arguments) == 1
    assert "use a checkout" in capsys.readouterr().err


@pytest.mark.full
def test_all_five_leaks_are_caught_and_twenty_honest_runs_are_not() -> None:
    command = [sys.executable, "-m", "edge", "prove", "egress", "--runs", "20", "--leaks", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["good"] is True
