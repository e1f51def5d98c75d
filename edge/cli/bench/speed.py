"""`passant bench speed`: what Passant costs beside its network, as ratios measured in one run on one thread."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import edge
from edge.cli.footage import Footage, fetch_footage
from edge.cli.sample import footage_of, site_text, source_of
from edge.config import Files, load

if TYPE_CHECKING:
    from edge.vision.detect.detector import Detector
    from edge.vision.frame import Frame

_BARE_INVOCATIONS = 60
_SCENE_S = 60.0
_SETTLING_S = 10.0
_MEMORY_S = 25.0
_KB_PER_MB = 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench speed`."""
    parser = subparsers.add_parser("speed", help="processor time beside the network, and memory", description=__doc__)
    parser.add_argument("--clip", type=Path, metavar="FILE", help="a recording; default: the demo's footage")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; always exit 0, since these machines are shared: the reader judges."""
    footage = fetch_footage(_say) if args.clip is None else _own(args.clip)
    with tempfile.TemporaryDirectory(prefix="passant-bench-") as name:
        folder = Path(name)
        site = folder / "site.toml"
        site.write_text(site_text(footage, device="bench", url="mqtt://127.0.0.1:1", pace=1.0), encoding="utf-8")
        bare_s, size = _bare(site)
        print(f"bare interpreter          {bare_s * 1e3:8.2f} ms of CPU per invocation, input {size[0]}x{size[1]}")
        _overhead(site, footage, bare_s)
        _stillness(folder)
        _memory(folder, footage)
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _own(clip: Path) -> Footage:
    from edge.config.site import CameraSite, SourceKind  # noqa: PLC0415
    from edge.vision.camera import open_camera  # noqa: PLC0415

    with open_camera(CameraSite(kind=SourceKind.CLIP, target=str(clip.absolute()))) as camera:
        while (frame := camera.read(1.0)) is None:
            pass
        return footage_of(source_of(clip), frame.size)


def _bare(site_path: Path) -> tuple[float, tuple[int, int]]:
    """Run the network alone on one picture of the footage; seconds per invocation and its input's size."""
    from edge.vision.camera import open_camera  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.detect.region import whole  # noqa: PLC0415

    site = load(site_path, files=Files.NONE)
    detector = load_detector(site.detector)
    with open_camera(site.camera) as camera:
        while (frame := camera.read(1.0)) is None:
            pass
        region = (whole(frame.size),)
        detector.detect(frame.pixels, region)
        before = detector.invoke_cpu_s, detector.invocations
        for _ in range(_BARE_INVOCATIONS):
            detector.detect(frame.pixels, region)
    spent_s = (detector.invoke_cpu_s - before[0]) / (detector.invocations - before[1])
    return spent_s, detector.input_size(region[0])


def _overhead(site: Path, footage: Footage, bare_s: float) -> None:
    """Analyse the footage in a process of its own, with all its imports and children."""
    clip = footage.source.partition(":")[2]
    command = [*PASSANT, "analyse", clip, "--site", str(site), "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=passant_env())
    timing = json.loads(done.stdout)["timing"]
    frames, invocations = timing["framesProcessed"], timing["invocations"]
    beside_s = (timing["totalCpuSeconds"] - timing["invokeCpuSeconds"]) / frames
    print(f"beside the network        {beside_s * 1e3:8.2f} ms of CPU per frame ({frames} frames, {invocations} looks)")
    print(f"  over the bare one       {beside_s / bare_s:8.2f}   (goal <= 0.3)")


def _stillness(folder: Path) -> None:
    """Run the pipeline over a drawn scene in which nothing moves and a busy one; drawing is not counted."""
    still_s, busy_s = (_pipeline_s(folder, scene) for scene in ("still", "busy"))
    print(f"a still scene             {still_s * 1e3:8.2f} ms of CPU per frame")
    print(f"a busy one                {busy_s * 1e3:8.2f} ms of CPU per frame")
    print(f"  still over busy         {still_s / busy_s:8.2f}   (goal <= 0.25)")


def _pipeline_s(folder: Path, scene: str) -> float:
    from edge.vision.camera import open_camera  # noqa: PLC0415
    from edge.vision.detect.detector import load_detector  # noqa: PLC0415
    from edge.vision.pipeline import Crew, Pipeline  # noqa: PLC0415

    path = folder / f"{scene}.toml"
    footage = footage_of(f"synthetic:{scene}", (640, 360))
    path.write_text(site_text(footage, device="bench", url="mqtt://127.0.0.1:1", pace=1.0), encoding="utf-8")
    site = load(path, files=Files.NONE)
    detector: Detector = load_detector(site.detector)
    pipeline = Pipeline(site, Crew(eye=detector), (640, 360))
    spent_s, frames = 0.0, 0
    with open_camera(site.camera) as camera:
        while True:
            frame: Frame | None = camera.read(1.0)
            if frame is None:
                continue
            taken_s = frame.taken_ns / 1e9
            if taken_s > _SCENE_S:
                return spent_s / frames
            began_s = time.process_time()
            pipeline.see(frame, frame.taken_ns)
            if taken_s > _SETTLING_S:
                spent_s += time.process_time() - began_s
                frames += 1


def _memory(folder: Path, footage: Footage) -> None:
    """Run both processes on the footage against a broker and read what they hold at their highest."""
    from edge.cli.broker import DemoBroker  # noqa: PLC0415

    with DemoBroker() as broker:
        path = folder / "memory.toml"
        path.write_text(site_text(footage, device="bench", url=broker.url, pace=1.0), encoding="utf-8")
        with _process("publisher", path, folder) as publisher, _process("vision", path, folder) as vision:
            time.sleep(_MEMORY_S)
            own, speaks = _peak_mb(vision), _peak_mb(publisher)
            decodes = sum(map(_peak_mb, _children(vision)))
    print(f"resident memory: vision   {own:8.0f} MB   (goal <= 350; and its decoder {decodes:.0f} MB)")
    print(f"resident memory: publisher{speaks:8.0f} MB   (goal <= 70)")


@contextmanager
def _process(name: str, site: Path, state: Path) -> Iterator[int]:
    command = [*PASSANT, name, str(site), "--state", str(state)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=passant_env())
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / _KB_PER_MB
    return 0.0


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]


PASSANT = (sys.executable, "-P", "-m", "edge")


def passant_env() -> dict[str, str]:
    """Give the environment in which PASSANT finds this checkout."""
    paths = [str(Path(edge.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
