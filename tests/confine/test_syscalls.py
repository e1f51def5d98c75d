"""The filters are the same on both architectures that the software runs on."""

import socket

import pyseccomp
import pytest

from edge.confine import IsolationError, syscalls
from edge.confine.syscalls import Denied

RULES = (
    *syscalls.never(),
    *syscalls.sockets_except((socket.AF_UNIX,)),
    *syscalls.unix_only_as_seqpacket(),
    *syscalls.netlink_only_for_devices(),
    *syscalls.device_requests((0x56,)),
    *(Denied(call) for call in ("memfd_create", "execve", "execveat")),
)


@pytest.mark.parametrize("architecture", [pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64], ids=["x86_64", "aarch64"])
def test_every_call_is_known(architecture: int) -> None:
    numbers = {rule.call: pyseccomp.resolve_syscall(architecture, rule.call) for rule in RULES}
    assert [call for call, number in numbers.items() if number == -1] == []
    # Only what that architecture never had may be missing there.
    missing = {call for call, number in numbers.items() if number < 0}
    assert missing <= {"mknod", "iopl", "ioperm"}


def test_a_call_that_the_library_does_not_know_is_an_error_not_a_gap() -> None:
    with pytest.raises(IsolationError, match="does not know no_such_call"):
        syscalls.load([Denied("no_such_call")])
