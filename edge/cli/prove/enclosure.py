"""The outer wall of the proof: a network namespace of its own with a broker in it, and the taps around the appliance.

Run as a program: `python -m edge.cli.prove.enclosure FOLDER FILM [WORD…]`. FOLDER gets the site file, and the capture
in `capture/`. The words start the appliance instead of `python -m edge`.
"""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import edge
from edge.cli.broker import DemoBroker
from edge.cli.prove.capture import Facts, Recorder
from edge.cli.prove.chamber import CANNOT
from edge.cli.prove.site import site_text
from edge.cli.prove.tap import FileTap, PacketTap, PipeTap, ProgressTap, raise_loopback
from edge.confine import namespace

_LONGEST_S = 300.0
_ROOT = Path(edge.__file__).resolve().parents[1]


def main(words: list[str]) -> int:
    """Run the appliance once behind both walls and capture what comes out; CANNOT where they are not allowed."""
    folder, film = Path(words[0]), Path(words[1])
    start = words[2:] or [sys.executable, "-P", "-m", "edge"]
    state = folder / "state"
    state.mkdir()
    if not (namespace.leave_the_network() and namespace.give_fresh(state)):
        return CANNOT
    raise_loopback()
    (folder / "capture").mkdir()
    with Recorder(folder / "capture") as recorder, DemoBroker() as broker:
        site = folder / "site.toml"
        site.write_text(site_text(film, broker.url), encoding="utf-8")
        command = [*start, "run", str(site), "--state", str(state), "--supervised"]
        recorder.finish(state, _run(recorder, state, command, broker.port))
    return 0


def _run(recorder: Recorder, state: Path, command: list[str], port: int) -> Facts:
    """Run the command with every tap open, from before its first instruction to after its last."""
    read, write = os.pipe()
    with ExitStack() as taps:
        packets = taps.enter_context(PacketTap(recorder.packet))
        taps.enter_context(PipeTap(read, recorder.line))
        taps.enter_context(ProgressTap(recorder.progress))
        unlinked_seen = _tap_files(taps, state, recorder)
        began_ns = time.time_ns()
        code = _appliance([sys.executable, "-P", "-m", "edge.cli.prove.chamber", str(state), *command], write)
        ended_ns = time.time_ns()
    os.close(read)
    return Facts(
        code=code,
        port=port,
        began_ns=began_ns,
        ended_ns=ended_ns,
        packets_missed=packets.missed,
        unlinked_seen=unlinked_seen,
        root=os.geteuid() == 0,
    )


def _tap_files(taps: ExitStack, state: Path, recorder: Recorder) -> bool:
    try:
        taps.enter_context(FileTap(state, recorder.seen))
    except OSError:
        return False
    return True


def _appliance(command: list[str], output: int) -> int:
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env)
    os.close(output)
    try:
        return process.wait(_LONGEST_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
