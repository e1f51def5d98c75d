"""`passant demo`: the whole appliance on real footage, and what arrives of it at a broker."""

import argparse
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType

from edge.cli.appliance import Appliance
from edge.cli.arrivals import Arrival, line_of
from edge.cli.footage import Footage, fetch_footage
from edge.cli.progress import Progress
from edge.cli.sample import ORG, WINDOW_S, footage_of, site_text, source_of
from edge.cli.screen import Screen
from edge.cli.table import UNHEARD, Board
from edge.cli.watch import Watcher, watching
from edge.config import SiteError, load
from edge.config.site import Broker, CameraSite, Site, SourceKind

_PACE = 4.0
_LIVE = {SourceKind.PI, SourceKind.V4L2}
_LIVE_WINDOWS = 3
# Until the first picture tells its own.
_ANY_SIZE = (1280, 720)
_PICTURE_S = 15.0
_BROKER_S = 5.0
_TICK_S = 0.2
# What the broker still has to hand over after the device is gone.
_LAST_WORDS_S = 5.0
_FAILED = 1
_INTERRUPTED = 130
_NEXT = "next       README.md; ./passant check site.toml; ./passant run site.toml"


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `demo`."""
    parser = subparsers.add_parser("demo", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--clip", type=Path, metavar="FILE", help="a recording of yours; default: one that is fetched")
    what.add_argument("--camera", metavar="SOURCE", help="pi, v4l2:/dev/video0 or synthetic:promenade")
    parser.add_argument("--broker", metavar="URL", help="mqtt://127.0.0.1:1883 or such; default: one of its own")
    parser.add_argument("--pace", type=float, metavar="N", help=f"so many times as fast; default: {_PACE:g}")
    parser.add_argument("--no-isolation", action="store_true", help="where isolation cannot be proven: show it without")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the appliance; 0 when events arrived at the broker."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    screen = Screen(sys.stdout)
    try:
        _show(arguments, screen)
    except DemoError as error:
        print(f"passant demo: {error}", file=sys.stderr)
        return _FAILED
    except SiteError as error:
        # The file is the demo's own and gone: its lines tell nobody anything.
        for fault in error.faults:
            print(f"passant demo: {fault.key}: {fault.cause} — {fault.mend}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("\ninterrupted: the appliance is stopped, nothing is left behind", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show(arguments: argparse.Namespace, screen: Screen) -> None:
    """Set everything up, watch until the appliance has ended, take everything down, and say what came of it."""
    board = Board()
    footage = _footage(arguments, screen)
    live = SourceKind(footage.source.partition(":")[0]) in _LIVE
    pace = _PACE if arguments.pace is None and not live else arguments.pace
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passant-")))
        site = _site(folder, footage, arguments.broker or _own_broker(stack), pace)
        if site.broker is None:
            raise DemoError("there is no broker — name one with --broker")
        screen.keep(_intent(site, site.broker, footage, own=arguments.broker is None))
        watcher = _watching(stack, site.broker, site.device.id, board, screen)
        if arguments.broker:
            stack.callback(_tidy, watcher, board)
        board.start()
        appliance = stack.enter_context(Appliance(site.path, folder, isolation=not arguments.no_isolation))
        _follow(appliance, board, screen, Progress(camera=site.camera), enough=_LIVE_WINDOWS if live else None)
        screen.keep(board.table())
        _judge(appliance, board)
        breaks = appliance.broken_off()
    screen.keep(_summary(board, breaks, by="camera" if live else "film"))


def _own_broker(stack: ExitStack) -> str:
    # Only the demo's own broker needs iotcore.
    from edge.cli.broker import DemoBroker  # noqa: PLC0415

    return stack.enter_context(DemoBroker()).url


def _footage(arguments: argparse.Namespace, screen: Screen) -> Footage:
    """Find pictures and draw lines on them; raises DemoError and SiteError."""
    if not (arguments.clip or arguments.camera):
        return fetch_footage(lambda sentence: screen.keep([sentence]))
    if arguments.clip and not arguments.clip.exists():
        raise DemoError(f"{arguments.clip}: there is no such file — name a recording: AVI, MP4, MKV or WebM")
    source = arguments.camera or source_of(arguments.clip)
    with tempfile.TemporaryDirectory(prefix="passant-") as folder:
        # Read as a site file, so that a source is refused here in the same words as everywhere.
        camera = _site(Path(folder), footage_of(source, _ANY_SIZE), "mqtt://127.0.0.1", None).camera
    return footage_of(source, _size(camera))


def _site(folder: Path, footage: Footage, url: str, pace: float | None) -> Site:
    """Write a site file for these pictures and read it; raises DemoError and SiteError."""
    path = folder / "site.toml"
    try:
        path.write_text(site_text(footage, device=f"demo-{secrets.token_hex(3)}", url=url, pace=pace), encoding="utf-8")
    except UnicodeEncodeError:
        raise DemoError("the recording's name is no UTF-8 text — rename it") from None
    return load(path)


def _size(camera: CameraSite) -> tuple[int, int]:
    """Ask the source for its picture's size, (width, height) px; raises DemoError."""
    # Decodes pictures; only the demo of one's own recording or camera needs it.
    from edge.vision.camera import open_camera  # noqa: PLC0415
    from edge.vision.camera.source import CameraError  # noqa: PLC0415

    try:
        with open_camera(replace(camera, size=None)) as source:
            frame = source.read(_PICTURE_S)
    except CameraError as error:
        raise DemoError(f"{error}") from None
    if frame is None:
        raise DemoError(f"no picture came within {_PICTURE_S:.0f} s — look whether another program has the camera")
    return frame.size


def _intent(site: Site, broker: Broker, footage: Footage, *, own: bool) -> Iterator[str]:
    """Say what is going to happen."""
    camera = site.camera
    yield f"pictures   {footage.source}"
    yield f"           {footage.description}"
    if camera.replay:
        yield f"           {_pace(camera)}; windows of {WINDOW_S} s of its time"
    yield f"broker     {'one of its own, ' if own else ''}{broker.host}:{broker.port}"
    yield f"topics     passant/v1/{ORG}/{site.device.id}/#"
    yield "processes  vision: the pixels, no network; publisher: the network, no pixels"
    yield ""


def _pace(camera: CameraSite) -> str:
    # No picture is left out to keep the pace: each is looked at.
    return "as fast as it was taken" if camera.pace == 1 else f"up to {camera.pace:g} times as fast as it was taken"


def _watching(stack: ExitStack, broker: Broker, device: str, board: Board, screen: Screen) -> Watcher:
    """Subscribe to the device before it says anything; raises DemoError where the broker does not answer."""
    faults: list[str] = []

    def hear(arrival: Arrival) -> None:
        board.hear(arrival)
        if not (screen.live or arrival.leaf.startswith("last/") or arrival.is_removal):
            screen.say(line_of(arrival))

    try:
        watcher = stack.enter_context(Watcher(watching(broker, org=ORG, device=device), hear, faults.append))
    except ValueError as error:
        raise DemoError(f"{error}") from None
    if not watcher.ready(_BROKER_S):
        cause = faults[-1] if faults else f"{broker.host}, port {broker.port}, does not answer"
        raise DemoError(f"{cause} — start it, or leave --broker out for one of the demo's own")
    return watcher


def _tidy(watcher: Watcher, board: Board) -> None:
    """Leave nothing on a broker that is not ours: this device will not come again."""
    if board.status != UNHEARD:
        _await_end(board)
    watcher.remove(board.kept(), _BROKER_S)


def _follow(appliance: Appliance, board: Board, screen: Screen, progress: Progress, *, enough: int | None) -> None:
    """Show what arrives until the recording is over, or of a live camera until there are windows enough."""
    while appliance.ended() is None and (enough is None or board.windows < enough):
        sentence = progress.sentence(looks=appliance.looks(), is_over=board.windows > 0)
        screen.draw([*board.lines(), sentence] if sentence else board.lines())
        time.sleep(_TICK_S)
    appliance.stop()
    _await_end(board)


def _await_end(board: Board) -> None:
    """Wait until the device said goodbye, or the broker for it."""
    until_s = time.monotonic() + _LAST_WORDS_S
    while not board.status.endswith(("offline", "lost")) and time.monotonic() < until_s:
        time.sleep(_TICK_S)


def _judge(appliance: Appliance, board: Board) -> None:
    """Raise DemoError where the appliance failed or nothing arrived."""
    code = appliance.ended()
    if code == 0 and board.events:
        return
    cause = f"the appliance ended with exit code {code}" if code else "no event arrived at the broker"
    complaints = appliance.complaints()
    refused = any("refuses to run" in line for line in complaints)
    mend = ["passant demo --no-isolation shows it without"] if refused else []
    raise DemoError("\n  ".join([f"{cause}; its log says:", *complaints, *mend]))


def _summary(board: Board, breaks: str | None, *, by: str) -> Iterator[str]:
    """Say what came of it; `by` is what filled the windows."""
    isolation = ", ".join(sorted({event["data"]["quality"]["isolation"] for event in board.events}))
    yield ""
    if breaks:
        yield f"breaks off {breaks}"
    yield f"windows    {board.windows} of {WINDOW_S} s; the {by} filled {board.coverage} of them"
    yield f"events     {len(board.events)} received, the first after {board.first_event_s:.0f} s; {board.size} in all"
    yield f"status     {board.status}"
    yield f"isolation  {isolation}"
    yield "sent       counts and averages; no pixel, no box, no id"
    yield _NEXT
