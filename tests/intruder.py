"""A process confined as the publisher is, which then goes for the pixels of a vision that runs.

Run as a program by tests/test_intruder.py: `python -m tests.intruder STATE VISION DECODER [MISSING…]`, with the state
folder of both, the process ids of vision and its decoder, and the protections that are taken away first. It writes one
JSON object: each attempt with what became of it, in the words of `tests.escapes.outcome`.
"""

import ctypes
import json
import logging
import os
import resource
import socket
import stat
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyseccomp

from edge.confine import syscalls
from edge.contract.stills import SOCKET_NAME
from tests.escapes import outcome, without

Attempt = Callable[[], object]

_PAGE = 4096
_PTRACE_ATTACH, _PTRACE_SEIZE = 16, 0x4206
_CLOSED = 64
# What /proc tells of another process's memory, files and place; writing to the last would change what is dumped.
_PROC_FILES = ("mem", "maps", "smaps", "pagemap", "auxv", "environ", "stack", "syscall", "personality", "io")
_PROC_LINKS = ("cwd", "root", "exe", "ns/net", "ns/mnt", "ns/user")


def system_call(name: str, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    number = syscalls.number_of(name, pyseccomp.Arch.NATIVE)
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    answer = int(libc.syscall(ctypes.c_long(number), *wide))
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)
    return answer


class _Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def read_memory(process: int, call: str) -> None:
    """Copy a page of another process; where its memory lies does not matter to who may ask."""
    own = ctypes.create_string_buffer(_PAGE)
    here = _Span(ctypes.addressof(own), _PAGE)
    there = _Span(ctypes.addressof(own), _PAGE)
    system_call(call, process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)


def take_descriptor(process: int) -> None:
    handle = system_call("pidfd_open", process, 0)
    try:
        os.close(system_call("pidfd_getfd", handle, 3, 0))
    finally:
        os.close(handle)


def advise_memory(process: int) -> None:
    """Have another process's pages written out to swap."""
    handle = system_call("pidfd_open", process, 0)
    try:
        own = ctypes.create_string_buffer(_PAGE)
        system_call("process_madvise", handle, ctypes.byref(_Span(ctypes.addressof(own), _PAGE)), 1, 21, 0)
    finally:
        os.close(handle)


def count_events(process: int) -> None:
    """Sample another process with its registers: struct perf_event_attr in its first size."""
    attributes = (ctypes.c_uint32 * 16)(1, 64, 0)
    os.close(system_call("perf_event_open", ctypes.byref(attributes), process, -1, -1, 0))


def open_descriptors(process: int) -> None:
    """Open whatever another process has open, its shared memory of frames included; EBADF where nothing could be."""
    first: OSError | None = None
    for number in range(_CLOSED):
        try:
            os.close(os.open(f"/proc/{process}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK))
        except OSError as error:
            first = error if first is None else first
        else:
            return
    assert first is not None
    raise first


def open_path(path: str, flags: int = os.O_RDONLY) -> None:
    os.close(os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC))


def read_path(path: str) -> None:
    """Open and read: some files of /proc ask who one is only then."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.read(number, 1)
    finally:
        os.close(number)


def write_path(path: str, content: bytes) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(number, content)
    finally:
        os.close(number)


def follow(path: str) -> None:
    """Go where a link of /proc leads, and read its target's name."""
    Path(path).stat()
    Path(path).readlink()


def list_names(path: str) -> None:
    os.listdir(path)  # noqa: PTH208  what fails is wanted, not the names


def join_namespace(process: int) -> None:
    handle = system_call("pidfd_open", process, 0)
    try:
        system_call("setns", handle, 0x4000_0000)
    finally:
        os.close(handle)


def change_limit(process: int) -> None:
    resource.prlimit(process, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def reach(path: Path, kind: int) -> None:
    """Connect to a Unix socket of another's."""
    with socket.socket(socket.AF_UNIX, kind) as line:
        line.connect(os.fspath(path))


def listen(path: Path) -> None:
    """Wait where vision looks for an installer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.bind(os.fspath(path))
        line.listen()


def ask_for_a_still(setup: Path) -> None:
    """Speak to whatever listens for the installer's program."""
    for path in setup.rglob("*"):
        if stat.S_ISSOCK(path.stat().st_mode):
            reach(path, socket.SOCK_SEQPACKET)
            return
    raise FileNotFoundError(2, "no socket")


def find_a_picture(folder: Path) -> None:
    """Look through the files of vision's state for one in which a picture would have room."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size >= _PAGE:
            path.read_bytes()
            return
    raise PermissionError(1, "numbers only")


def of_process(process: int, name: str) -> dict[str, Attempt]:
    """List the ways to another process's memory, files and place."""
    proc = f"/proc/{process}"
    threads = sorted(int(entry.name) for entry in Path(proc, "task").iterdir())
    return {
        f"ptrace, attach to {name}": partial(system_call, "ptrace", _PTRACE_ATTACH, process, 0, 0),
        f"ptrace, seize {name}": partial(system_call, "ptrace", _PTRACE_SEIZE, process, 0, 0),
        f"process_vm_readv of {name}": partial(read_memory, process, "process_vm_readv"),
        f"process_vm_writev into {name}": partial(read_memory, process, "process_vm_writev"),
        f"process_madvise on {name}": partial(advise_memory, process),
        f"kcmp with {name}": partial(system_call, "kcmp", os.getpid(), process, 0, 0, 0),
        f"pidfd_getfd from {name}": partial(take_descriptor, process),
        f"perf_event_open on {name}": partial(count_events, process),
        f"move_pages of {name}": partial(system_call, "move_pages", process, 0, 0, 0, 0, 0),
        f"get_robust_list of {name}": partial(
            system_call, "get_robust_list", process, ctypes.byref(ctypes.c_void_p()), ctypes.byref(ctypes.c_size_t())
        ),
        f"setns to {name}": partial(join_namespace, process),
        f"prlimit of {name}'s cores": partial(change_limit, process),
        f"a signal to {name}": partial(os.kill, process, 0),
        f"/proc/PID/mem of {name}, to write": partial(open_path, f"{proc}/mem", os.O_RDWR),
        f"/proc/PID/task/TID/mem of {name}": partial(read_path, f"{proc}/task/{threads[-1]}/mem"),
        f"/proc/PID/coredump_filter of {name}, to write": partial(open_path, f"{proc}/coredump_filter", os.O_WRONLY),
        f"/proc/PID/fd/N of {name}": partial(open_descriptors, process),
        f"/proc/PID/fd/N of {name}, its name": Path(f"{proc}/fd/3").readlink,
        f"/proc/PID/fdinfo/N of {name}": partial(read_path, f"{proc}/fdinfo/3"),
        f"/proc/PID/clear_refs of {name}, to write": partial(write_path, f"{proc}/clear_refs", b"1"),
        f"/proc/PID/map_files of {name}, its list": partial(list_names, f"{proc}/map_files"),
        f"/proc/PID/root/ of {name}": partial(list_names, f"{proc}/root/"),
        f"/proc/PID/cwd/ of {name}": partial(list_names, f"{proc}/cwd/"),
        **{f"/proc/PID/{file} of {name}": partial(read_path, f"{proc}/{file}") for file in _PROC_FILES},
        **{f"/proc/PID/{link} of {name}, followed": partial(follow, f"{proc}/{link}") for link in _PROC_LINKS},
    }


def of_machine(state: Path) -> dict[str, Attempt]:
    """List the ways past all processes: the kernel's own memory, cameras, and what vision leaves on the disk."""
    return {
        "/proc/kcore": partial(open_path, "/proc/kcore"),
        "/proc/sys/kernel/core_pattern, to write": partial(open_path, "/proc/sys/kernel/core_pattern", os.O_WRONLY),
        "/proc/sysrq-trigger, to write": partial(open_path, "/proc/sysrq-trigger", os.O_WRONLY),
        **{f"open {path}": partial(open_path, path) for path in ("/dev/mem", "/dev/kmsg", "/dev/video98", "/dev/fuse")},
        "open the decoder's memory by name": partial(open_path, "/dev/shm/passant-frames"),  # noqa: S108
        "load a kernel module": partial(system_call, "init_module", 0, 0, 0),
        "map the kernel's tracing": partial(system_call, "bpf", 0, 0, 0),
        "write into vision's state": lambda: (state / "vision" / "new").write_text("x"),
        "change vision's register": lambda: (state / "vision" / "register").open("r+").close(),
        "remove vision's lock": (state / "vision" / "lock").unlink,
        "a picture in vision's state": partial(find_a_picture, state / "vision"),
        "the stills' socket": partial(ask_for_a_still, state / "setup"),
        "listen as an installer": partial(listen, state / "setup" / SOCKET_NAME),
        "the channel moved to where vision knocks": partial(
            (state / "publisher" / "channel").rename, state / "setup" / SOCKET_NAME
        ),
        "the channel linked to where vision knocks": partial(
            (state / "setup" / "linked").hardlink_to, state / "publisher" / "channel"
        ),
        "a symbolic link where vision knocks": partial(
            (state / "setup" / "pointed").symlink_to, state / "publisher" / "channel"
        ),
        "remove an installer's socket": (state / "setup" / "stills").unlink,
        "open the setup folder to all": partial((state / "setup").chmod, 0o777),
        "a socket in the stills' folder": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(
            os.fspath(state / "setup" / "mine")
        ),
        "the channel, as if it were vision": partial(reach, state / "publisher" / "channel", socket.SOCK_SEQPACKET),
    }


def attempts(state: Path, vision: int, decoder: int) -> dict[str, Attempt]:
    return {**of_process(vision, "vision"), **of_process(decoder, "its decoder"), **of_machine(state)}


SIGNALS = ("a signal to vision", "a signal to its decoder")


def main() -> None:
    state, vision, decoder, missing = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    for what in missing:
        without(what)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    from edge.publisher.isolation import confine  # noqa: PLC0415  after what is missing is gone

    prepared = attempts(state, vision, decoder)
    proven = confine(state=state / "publisher", allow_unproven=False)
    tried = {name: outcome(attempt) for name, attempt in prepared.items()}
    json.dump({"proven": proven, "tried": tried}, sys.stdout)


if __name__ == "__main__":
    main()
