"""The leaks: each puts itself into the running parts of one or both processes."""

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.leaks.secret import Secret

DELAY_S = 2.0
_STILL = "reports/0000000000.damaged"


def watch(secret: Secret, then: Callable[[], None] = lambda: None) -> None:
    """Have every frame that the pipeline sees kept, and something done after it."""
    from edge.vision import lookout  # noqa: PLC0415  only in vision, and only once it is confined

    see = lookout.Pipeline.see

    def leaking(self: Any, frame: Any, at_ns: int) -> Any:  # noqa: ANN401  the pipeline's own
        secret.pixels = frame.pixels.copy()
        then()
        return see(self, frame, at_ns)

    lookout.Pipeline.see = leaking  # type: ignore[method-assign]


def jpeg(secret: Secret) -> bytes:
    import cv2  # noqa: PLC0415  see watch
    import numpy as np  # noqa: PLC0415

    small = cv2.resize(np.asarray(secret.pixels), None, fx=0.5, fy=0.5)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 40])[1].tobytes())


def counts(secret: Secret, state: Path) -> None:
    """Add a bit to the number of people at the first line: one, or none."""
    from edge.vision import register  # noqa: PLC0415  see watch

    watch(secret)
    release = register.release

    def leaking(*given: Any, **named: Any) -> Any:  # noqa: ANN401  the rule's own
        report = release(*given, **named)
        first = report.lines[0]
        forward = replace(first.forward, people=first.forward.people + secret.bits(1))
        return replace(report, lines=(replace(first, forward=forward), *report.lines[1:]))

    register.release = leaking


def timing(secret: Secret, state: Path, delay_s: float = DELAY_S) -> None:
    """Hold a window back for none, one, two or three moments: two bits each."""
    from edge.vision.courier import Courier  # noqa: PLC0415  see watch

    watch(secret)
    over = Courier.over

    def leaking(self: Any, tally: Any) -> None:  # noqa: ANN401  the courier's own
        threading.Timer(delay_s * secret.bits(2) / 3, over, (self, tally)).start()

    Courier.over = leaking  # type: ignore[method-assign]


def timing_by(seconds: float) -> Callable[[Secret, Path], None]:
    """Make the leak in moments with other moments, to see which are too short to be noticed."""
    return lambda secret, state: timing(secret, state, seconds)


def stall(secret: Secret, state: Path, most_s: float = 1.2) -> None:
    """Look away for a moment at the end of a window, so that the last frame itself is late; two bits each.

    Written after the detector was frozen, by somebody who has read it: it measures a message against the frames.
    """
    from edge.vision import lookout  # noqa: PLC0415  see watch

    watch(secret)
    see = lookout.Pipeline.see
    last = [0]

    def leaking(self: Any, frame: Any, at_ns: int) -> Any:  # noqa: ANN401  the pipeline's own
        window, second = divmod(at_ns // 10**9, 60)
        if second >= 55 and window != last[0]:
            last[0] = window
            time.sleep(most_s * secret.bits(2) / 3)
        return see(self, frame, at_ns)

    lookout.Pipeline.see = leaking  # type: ignore[method-assign]


def health(secret: Secret, state: Path) -> None:
    """Put four bits each into the lowest digits of two figures that nobody can foretell; see `stall`."""
    from edge.vision.pulse import Pulse  # noqa: PLC0415  see watch

    watch(secret)
    tell = Pulse.health

    def leaking(self: Any, *, waiting: int, lost: int) -> Any:  # noqa: ANN401  the pulse's own
        told = tell(self, waiting=waiting, lost=lost)
        fps, spent = told.fps_tenths & ~15 | secret.bits(4), told.detector_ms & ~15 | secret.bits(4)
        return replace(told, fps_tenths=fps, detector_ms=spent)

    Pulse.health = leaking  # type: ignore[method-assign]


def file(secret: Secret, state: Path) -> None:
    """Write a still, enciphered, into vision's own folder, and remove it again before the end."""
    taken = []

    def write() -> None:
        if not taken:
            path = state / "vision" / "background"
            path.write_bytes(secret.enciphered(jpeg(secret)))
            taken.append(path)
            threading.Timer(1.0, path.unlink).start()

    watch(secret, write)


def log(secret: Secret, state: Path) -> None:
    """Say one of the product's own sentences, with a number that is 32 bits of the picture."""
    last = [0.0]

    def say() -> None:
        if time.monotonic() - last[0] > 5:
            last[0] = time.monotonic()
            text = "report %d is in memory only: %s; free some disk space"
            logging.getLogger("edge.vision.reports").warning(text, secret.bits(32), "No space left on device")

    watch(secret, say)


def payload(secret: Secret, state: Path) -> None:
    """In vision: leave an enciphered still where the publisher can read it."""
    taken = []

    def write() -> None:
        if not taken:
            path = state / "vision" / _STILL
            path.write_bytes(secret.enciphered(jpeg(secret)))
            taken.append(path)

    watch(secret, write)


def payload_publisher(secret: Secret, state: Path) -> None:
    """In the publisher: put the still that vision left into the next event, as the model's name."""
    from edge.publisher import reception  # noqa: PLC0415  only in the publisher

    drafts = reception.Reception._drafts
    reception.check = lambda _draft: None

    def leaking(self: Any, report: Any) -> list[Any]:  # noqa: ANN401  the reception's own
        return list(_with_still(drafts(self, report), state))

    reception.Reception._drafts = leaking  # type: ignore[method-assign]


def _with_still(found: list[Any], state: Path) -> Iterator[Any]:
    path = state / "vision" / _STILL
    for draft in found:
        if path.exists() and draft is found[0]:
            still = base64.b64encode(path.read_bytes()).decode()
            draft.data["quality"] = {**draft.data["quality"], "model": still}
        yield draft


IN_VISION: dict[str, Callable[[Secret, Path], None]] = {
    "payload": payload,
    "counts": counts,
    "timing": timing,
    **{f"timing-{seconds}": timing_by(seconds) for seconds in (0.1, 0.2, 0.4, 0.8)},
    "stall": stall,
    "health": health,
    "file": file,
    "log": log,
}
IN_PUBLISHER: dict[str, Callable[[Secret, Path], None]] = {"payload": payload_publisher}
