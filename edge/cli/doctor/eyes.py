"""Camera, focus, exposure, light, frame rate and model: asked of a worker that is as isolated as vision.

No pixel and no picture code gets into this process: what comes back are numbers, and here it is said what they mean.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, absent, failed, passed, warned
from edge.cli.doctor.patient import Patient, environment
from edge.vision.checkup.words import MOST_OFF, Confined, Setup, Sight, Thought, Unable, Word, pack, unpack

NAMES: Final = ("camera", "focus", "exposure", "light", "fps", "model", "vision isolated")
LIMIT_S: Final = 60.0
_WORKER_S: Final = 55.0
# Frozen and black take up to 5 s to be said.
_LOOK_S: Final = 7.0
# Of real streets from 0.04 on; out of focus by 4 px at most 0.011. Blurred by 2 px: 0.013 to 0.04.
_LEAST_SHARPNESS: Final = 0.02
_MOST_WHITE: Final = 0.2
_MOST_DARK: Final = 0.6
_LEAST_BRIGHTNESS: Final = 25.0
_LEAST_SHARE_OF_FPS: Final = 0.8
# Somebody who runs over a line must be seen on both sides of it.
_LEAST_FPS: Final = 4.0
_WORKS: Final = frozenset({"streaming"})


def look(patient: Patient) -> Sequence[Finding]:
    """Ask the worker and say what its numbers mean; beside a running vision the camera is left alone."""
    if patient.site is None:
        return [absent(name, "no site file that can be used", "passant doctor site.toml") for name in NAMES]
    busy = patient.vision is not None
    words = _asked(patient.site.path, 0.0 if busy else _LOOK_S)
    if any(isinstance(word, Unable) and word.part == "isolation" for word in words):
        # It saw nothing, and rightly so: what is broken is one thing.
        rest = [absent(name, "not looked at: vision is not isolated", "mend that first") for name in NAMES[:-1]]
        return [*rest, _isolation(words)]
    found = [_model(words), _isolation(words)]
    return [*(_in_use(patient) if busy else _camera(words, patient.site.camera.fps)), *found]


def _asked(site: Path, look_s: float) -> list[Word]:
    """Run the worker to its end, or to its time limit; gives what it said by then."""
    with tempfile.TemporaryDirectory(prefix="passant-doctor-") as folder:
        try:
            run = subprocess.run(
                [sys.executable, "-P", "-m", "edge.vision.checkup.worker", folder],
                input=pack(Setup(site=os.fspath(site.absolute()), look_s=look_s)),
                capture_output=True,
                env=environment(),
                timeout=_WORKER_S,
                check=False,
            )
            told = run.stdout
        except subprocess.TimeoutExpired as late:
            told = late.stdout or b""
    return [unpack(line) for line in told.splitlines()]


def _in_use(patient: Patient) -> list[Finding]:
    who = f"process {patient.vision}" if patient.vision else "a process of another container"
    said = f"in use: vision works here ({who})"
    mend = "its health message tells of it (passant watch); to look here, stop passant, ask again and start it again"
    return [absent(name, said, mend) for name in NAMES[:5]]


def _camera(words: Sequence[Word], asked_fps: float | None) -> list[Finding]:
    sight = next((word for word in words if isinstance(word, Sight)), None)
    if sight is None:
        said, mend = _why(words, "camera", "the worker that looks ended without an answer")
        rest = [absent(name, "no picture to measure", "mend the camera first") for name in NAMES[1:5]]
        return [failed("camera", said, mend), *rest]
    checks: tuple[Callable[[Sight], Finding], ...] = (_sight, _focus, _exposure, _light)
    return [*(check(sight) for check in checks), _rate(sight, asked_fps)]


def _why(words: Sequence[Word], part: str, otherwise: str) -> tuple[str, str]:
    found = next((word.why for word in words if isinstance(word, Unable) and word.part == part), otherwise)
    cause, dash, mend = found.partition(" — ")
    if not dash:
        cause, _, mend = found.partition("; ")
    return cause, mend or "look at the cable and the source in the site file, and ask again"


def _sight(sight: Sight) -> Finding:
    size = f"{sight.width} x {sight.height}"
    figures: Figures = {
        "state": sight.state,
        "frames": sight.frames,
        "width": sight.width,
        "height": sight.height,
        "firstS": sight.first_s,
        "backwards": sight.backwards,
        "repeated": sight.repeated,
        "dropped": sight.dropped,
    }
    if sight.backwards:
        said = f"the time of {sight.backwards} of {sight.frames} frames does not rise"
        return failed("camera", said, "start the device anew; if it stays so, replace the camera", **figures)
    if sight.state not in _WORKS:
        mends = {
            "frozen": "the same picture again and again: unplug the camera and plug it in; if it stays so, replace it",
            "black": "take the cap or the cover off the lens, and look for something right before it",
        }
        mend = mends.get(sight.state, "hold the camera still, aim it, and ask again")
        return failed("camera", f"{size}, but its picture is {sight.state}", mend, **figures)
    return passed("camera", f"{size}, {sight.frames} frames, the first after {sight.first_s:.1f} s", **figures)


def _focus(sight: Sight) -> Finding:
    if sight.sharpness is None or sight.state == "black":
        return absent("focus", "too few edges in the picture to tell", "aim it at the street by day and ask again")
    figures: Figures = {"sharpness": sight.sharpness, "least": _LEAST_SHARPNESS}
    if sight.sharpness < _LEAST_SHARPNESS:
        mend = "clean the lens, then turn its focus until the figure is greatest"
        return warned("focus", f"soft: sharpness {sight.sharpness:.3f}", mend, **figures)
    return passed("focus", f"sharpness {sight.sharpness:.3f}", **figures)


def _exposure(sight: Sight) -> Finding:
    figures: Figures = {"white": sight.white, "dark": sight.dark}
    said = f"{sight.white:.0%} of the picture at its whitest, {sight.dark:.0%} at its darkest"
    if sight.white > _MOST_WHITE:
        return warned("exposure", said, "turn the camera away from the sky, the sun or the lamp", **figures)
    if sight.dark > _MOST_DARK:
        return warned("exposure", said, "light the place, or look what is before the lens", **figures)
    return passed("exposure", said, **figures)


def _light(sight: Sight) -> Finding:
    figures: Figures = {"brightness": sight.brightness, "spread": sight.spread}
    said = f"mean grey level {sight.brightness:.0f} of 255"
    if sight.brightness < _LEAST_BRIGHTNESS:
        return warned(
            "light", said, "people are hardly told apart in this light: ask again by day, or add a lamp", **figures
        )
    return passed("light", said, **figures)


def _rate(sight: Sight, asked: float | None) -> Finding:
    figures: Figures = {"fps": sight.fps, "asked": asked, "dropped": sight.dropped}
    wanted = f", {asked:g} asked for" if asked else ""
    said = f"{sight.fps:.1f} frames a second{wanted}"
    if sight.fps < _LEAST_FPS:
        return failed(
            "fps", said, f"{_LEAST_FPS:g} are needed to follow people: more light, or another mode", **figures
        )
    if asked and sight.fps < _LEAST_SHARE_OF_FPS * asked:
        return warned("fps", said, "lower camera.fps to what the camera gives, or give it more light", **figures)
    return passed("fps", said, **figures)


def _model(words: Sequence[Word]) -> Finding:
    thought = next((word for word in words if isinstance(word, Thought)), None)
    if thought is None:
        return failed("model", *_why(words, "model", "the worker that tries it ended without an answer"))
    figures: Figures = {"model": thought.model, "off": thought.off, "ms": thought.ms}
    said = f"{thought.model}: hash right, {thought.ms:.0f} ms a look"
    if thought.off is None:
        return warned("model", f"{said}, no known answer to compare with", "use a model that ships", **figures)
    if thought.off > MOST_OFF:
        mend = "install passant anew; if it stays so, this processor or its memory is faulty"
        return failed("model", f"{thought.model}: its answer is {thought.off:.2f} off", mend, **figures)
    return passed("model", f"{said}, answer right", **figures)


def _isolation(words: Sequence[Word]) -> Finding:
    if any(isinstance(word, Confined) and word.proven for word in words):
        return passed("vision isolated", "every try to get out failed: no network, no file elsewhere", proven=True)
    said, mend = _why(words, "isolation", "the worker did not prove it")
    return failed("vision isolated", said, mend, proven=False)
