"""Memory off the disk: locked where there is swap, and said where that cannot be."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from edge.confine.memory import stays_off_the_disk, swap_on_disk

ROOT = Path(__file__).parents[2]
HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
PROGRAM = """
import re, resource, sys
from pathlib import Path
from edge.confine import memory, process
if sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
    process.drop_capabilities()
print(memory.lock(), re.search(r"VmLck:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.parametrize(
    ("swaps", "on_disk"),
    [
        ("", False),
        (HEAD, False),
        (HEAD + "/dev/zram0\tpartition\t1024\t0\t100\n", False),
        (HEAD + "/var/swap\tfile\t1024\t0\t-2\n", True),
        (HEAD + "/dev/zram0\tpartition\t1024\t0\t100\n/dev/sda2\tpartition\t1024\t0\t-2\n", True),
    ],
)
def test_swap_on_a_disk_is_told_from_swap_in_memory(swaps: str, on_disk: bool) -> None:  # noqa: FBT001
    assert swap_on_disk(swaps) == on_disk


def test_where_there_is_no_swap_nothing_is_to_be_done() -> None:
    if swap_on_disk(Path("/proc/swaps").read_text()):
        pytest.skip("this machine swaps to a disk")
    assert stays_off_the_disk()


def run(*words: str) -> tuple[str, int]:
    """Lock a process's memory; give whether it said so, and how many kB the kernel counts as locked."""
    command = [sys.executable, "-c", PROGRAM, *words]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said, size = result.stdout.split()
    return said, int(size)


def test_memory_is_locked_where_that_is_allowed() -> None:
    said, size = run()
    if said == "False" and not may_lock():
        pytest.skip("this user may lock little memory only, and may not raise the limit")
    assert said == "True"
    assert size > 1000


def test_where_only_little_may_be_locked_nothing_is() -> None:
    assert run("as-an-ordinary-user") == ("False", 0)


def may_lock() -> bool:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)
    except (ValueError, OSError):
        return before == unlimited
    resource.setrlimit(resource.RLIMIT_MEMLOCK, before)
    return True
