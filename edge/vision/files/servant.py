"""Programs of ours that look into one file each, and may die of it: their start, their one record, their end."""

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[3]


def record_of(module: str, arguments: Sequence[str], length: int, *, memory: int, patience_s: float) -> bytes | None:
    """Run a program until it ends, and give the record of `length` bytes it wrote; b"" where it died before.

    None where it said nothing in time. It is given the numbers of `memory`, a descriptor to share,
    and of a pipe for the record, behind its other arguments. Once this returns it is gone, so that nobody
    cuts the memory short any more.
    """
    hear, tell = os.pipe()
    program = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments, str(memory), str(tell)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(memory, tell),
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.fspath(_ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
    )
    os.close(tell)
    try:
        if not select.select([hear], [], [], patience_s)[0]:
            return None
        record = os.read(hear, length)
        return record if len(record) == length else b""
    finally:
        os.close(hear)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(1)
        program.kill()
        program.wait()
