"""Loop devices of a test's own, where this machine lets us have them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def loop_device(backing: Path, *options: str) -> Iterator[Path]:
    program = shutil.which("losetup", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None or os.geteuid() != 0:
        pytest.skip("loop devices need root and losetup")
    made = subprocess.run([program, "-f", "--show", *options, backing], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"this machine gives no loop devices: {made.stderr.strip()}")
    device = Path(made.stdout.strip())
    try:
        yield device
    finally:
        subprocess.run([program, "-d", device], check=True)
