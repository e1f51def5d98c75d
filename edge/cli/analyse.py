"""`passant analyse CLIP --site SITE`: the vision pipeline over a recording, for the one whose recording it is."""

import argparse
import json
import resource
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.alerts import idle
from edge.cli.analysis import document, table
from edge.config import Files, SiteError, load
from edge.config.disk import regular_file_cause
from edge.config.site import UTC, SourceKind
from edge.units import NS_PER_S

if TYPE_CHECKING:
    from edge.config.site import Site
    from edge.vision.detect.detector import Detector
    from edge.vision.recording import Analysis

Json = dict[str, object]


class StartError(ValueError):
    """When a recording was taken is not told by what was said of it; the text says why and how to mend it."""


_BAR = 40


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant analyse`."""
    parser = subparsers.add_parser("analyse", help="count in a recording of your own, without a broker")
    parser.add_argument("clip", type=Path, help="the recording: AVI, MP4, MKV or WebM")
    parser.add_argument("--site", type=Path, required=True, help="the site file with lines and zones")
    parser.add_argument(
        "--from",
        dest="start",
        type=_instant,
        metavar="TIME",
        help="when it was taken, as 2026-06-01T22:00:00+02:00, for alarms with hours; without an offset in the site's "
        "time zone; default: when [legal] begins",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Analyse; exit 0 with a result on stdout, or 1 with none and the reason on stderr."""
    # Imported here so that the other commands do not pay for the pipeline.
    from edge.vision.camera.source import CameraError  # noqa: PLC0415
    from edge.vision.detect.manifest import ModelError  # noqa: PLC0415

    cause = regular_file_cause(args.clip)
    if cause:
        print(f"{args.clip}: {cause} — name a recording: AVI, MP4, MKV or WebM", file=sys.stderr)
        return 1
    started = time.perf_counter()
    try:
        site = load(args.site, files=Files.NONE)
        analysis, detector = _analyse(site, args.clip, _start_ns(args.start, site))
    except (StartError, SiteError, CameraError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    if analysis.broken:
        print(f"{args.clip} breaks off: {analysis.broken}; counted up to there", file=sys.stderr)
    for why in idle(site, analysis.start_ns, analysis.length_s):
        print(why, file=sys.stderr)
    if not args.json:
        print(table(site, analysis))
        return 0
    timing = _timing(analysis.frames, detector, time.perf_counter() - started)
    print(json.dumps({**document(args.clip, site, analysis), "timing": timing}, indent=1))
    return 0


def _instant(text: str) -> datetime:
    """Read an instant, with or without its offset from UTC."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it as 2026-06-01T22:00:00+02:00") from None


def _start_ns(start: datetime | None, site: "Site") -> int | None:
    """Give an instant in Unix ns; without an offset it is in the site's time zone. Raises StartError."""
    if start is None:
        return None
    if start.tzinfo is None:
        said, mend = f"--from: {start.isoformat()}", "add one, such as +02:00, or Z for UTC"
        if site.time_zone is UTC:
            raise StartError(f"{said} has no offset from UTC, and the site no [place] with a time_zone — {mend}")
        start = start.replace(tzinfo=site.time_zone)
        if start.utcoffset() != start.replace(fold=1).utcoffset():
            raise StartError(f"{said} comes twice or never in {site.time_zone}, without an offset from UTC — {mend}")
    return round(start.timestamp() * NS_PER_S)


def _analyse(site: "Site", clip: Path, start_ns: int | None) -> "tuple[Analysis, Detector]":
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415 - see run
    from edge.vision.recording import analyse  # noqa: PLC0415

    camera = replace(site.camera, kind=SourceKind.CLIP, target=str(clip.absolute()))
    detector = load_detector(site.detector)
    try:
        return analyse(site, camera, detector, _progress, start_ns), detector
    finally:
        if sys.stderr.isatty():
            print(end="\r\x1b[K", file=sys.stderr)


def _progress(done_s: float, length_s: float | None) -> None:
    if not sys.stderr.isatty():
        return
    if not length_s:
        print(f"\r{done_s:6.1f} s", end="", file=sys.stderr, flush=True)
        return
    full = min(_BAR, int(_BAR * done_s / length_s))
    print(
        f"\r[{'#' * full}{'.' * (_BAR - full)}] {done_s:6.1f} of {length_s:.1f} s", end="", file=sys.stderr, flush=True
    )


def _timing(frames: int, detector: "Detector", wall_s: float) -> Json:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "framesProcessed": frames,
        "invocations": detector.invocations,
        "invokeCpuSeconds": round(detector.invoke_cpu_s, 3),
        "totalCpuSeconds": round(sum(one.ru_utime + one.ru_stime for one in used), 3),
        "wallSeconds": round(wall_s, 3),
    }
