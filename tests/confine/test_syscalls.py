"""The filters are the same on both architectures that the software runs on."""

import socket
import subprocess
import sys
from pathlib import Path

import pyseccomp
import pytest

from edge.confine import IsolationError, syscalls
from edge.confine.syscalls import Denied

ROOT = Path(__file__).parents[2]
RULES = (
    *syscalls.never(),
    *syscalls.file_attributes(),
    *syscalls.limits_of_others(),
    *syscalls.sockets_except((socket.AF_UNIX,)),
    *syscalls.unix_only_as_seqpacket(),
    *syscalls.netlink_only_for_devices(),
    *syscalls.device_requests((0x56,)),
    *(Denied(call) for call in ("memfd_create", "execve", "execveat")),
)


@pytest.mark.parametrize("architecture", [pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64], ids=["x86_64", "aarch64"])
def test_every_call_is_known(architecture: int) -> None:
    numbers = {rule.call: syscalls.number_of(rule.call, architecture) for rule in RULES}
    assert [call for call, number in numbers.items() if number == -1] == []
    # Only what that architecture never had may be missing there.
    missing = {call for call, number in numbers.items() if number < 0}
    assert missing <= {"mknod", "iopl", "ioperm", "chmod", "chown", "lchown", "utime", "utimes", "futimesat"}


def test_a_call_that_the_library_does_not_know_is_an_error_not_a_gap() -> None:
    with pytest.raises(IsolationError, match="does not know no_such_call"):
        syscalls.load([Denied("no_such_call")])


def test_a_kernel_that_takes_no_filter_is_a_refusal_not_a_crash() -> None:
    program = (
        "import pyseccomp\n"
        "gate = pyseccomp.SyscallFilter(pyseccomp.ALLOW)\n"
        "gate.add_rule(pyseccomp.ERRNO(1), 'seccomp')\n"
        "gate.load()\n"
        "from edge.confine import IsolationError, syscalls\n"
        "try: syscalls.load(syscalls.never())\n"
        "except IsolationError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "takes no system call filter" in done.stdout, done.stderr
