"""A process that confines itself as vision or the publisher does, and then tries to get out.

Run as a program by the isolation tests: `python -m tests.escapes SIDE STATE OUTSIDE ABSTRACT KIND [MISSING…]`, where
MISSING names protections that are taken away first. It writes one JSON object, each escape with what became of it:
"denied", the name of another error, or "done".
"""

import ctypes
import errno
import fcntl
import json
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyseccomp

from edge.config.site import SourceKind
from edge.confine import landlock, namespace, process, syscalls
from tests.somebody import as_user

ROOT = Path(__file__).parents[1]
CALLS = (
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("pidfd_getfd", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "mount", "umount2", "pivot_root"),
    *("chroot", "move_mount", "open_tree", "fsopen", "setns", "unshare", "open_by_handle_at", "init_module"),
    *("finit_module", "kexec_load", "reboot", "swapon", "acct", "syslog", "settimeofday", "clock_settime"),
    *("sethostname", "mknodat"),
    *("shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgctl", "semget", "semop", "semctl", "mq_open", "mq_unlink"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr"),
    *("removexattrat", "prlimit64", "setpriority"),
)
VISION_CALLS = ("fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "utimensat", "file_setattr")
PUBLISHER_CALLS = ("memfd_create", "execve", "execveat")
CLONE_NEWUSER = 0x1000_0000


def call(name: str) -> None:
    """Make a system call with arguments that lead nowhere: only the filter answers EPERM to root."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = syscalls.number_of(name, pyseccomp.Arch.NATIVE)
    impossible = (ctypes.c_long(-1),) * 6
    if libc.syscall(ctypes.c_long(number), *impossible) < 0:
        raise OSError(ctypes.get_errno(), name)


def new_user_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "clone")
    child = libc.syscall(ctypes.c_long(number), ctypes.c_long(CLONE_NEWUSER | 17), *(ctypes.c_long(0),) * 4)
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), "clone")
    os.waitpid(child, 0)


def make_socket(family: int, kind: int, protocol: int = 0) -> None:
    socket.socket(family, kind, protocol).close()


def with_high_bits() -> None:
    """Ask for AF_INET in a number whose upper half the kernel ignores."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "socket")
    wanted = ctypes.c_ulong((1 << 32) | socket.AF_INET)
    if libc.syscall(ctypes.c_long(number), wanted, ctypes.c_long(socket.SOCK_STREAM), ctypes.c_long(0)) < 0:
        raise OSError(ctypes.get_errno(), "socket")


def in_thread(escape: Callable[[], None]) -> None:
    caught: list[OSError] = []

    def run() -> None:
        try:
            escape()
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]


def in_program() -> None:
    """Start a program, as the decoder is one, and have it open a socket."""
    program = "import socket, sys\ntry: socket.socket()\nexcept PermissionError: sys.exit(7)"
    if subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False).returncode == 7:
        raise PermissionError(errno.EPERM, "socket")


def abstract_socket(address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(f"\0{address}")


def camera_request(request: int) -> None:
    with Path("/dev/null").open("rb") as device:
        fcntl.ioctl(device, request, bytearray(104))


def open_device(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def through_symlink(state: Path, outside: Path) -> None:
    link = state / "link"
    link.symlink_to(outside / "through-a-link")
    try:
        link.write_text("x")
    finally:
        link.unlink()


def file_escapes(state: Path, outside: Path) -> dict[str, Callable[[], object]]:
    return {
        "write a file in /tmp": lambda: Path(f"/tmp/passant-{os.getpid()}").write_text("x"),  # noqa: S108
        "write a file in /dev/shm": lambda: Path(f"/dev/shm/passant-{os.getpid()}").write_text("x"),  # noqa: S108
        "write a file beside the state": lambda: (outside / "new").write_text("x"),
        "change a file outside": lambda: (outside / "file").write_text("x"),
        "append to a file outside": lambda: (outside / "file").open("a").close(),
        "cut a file outside": lambda: os.truncate(outside / "file", 0),
        "remove a file outside": (outside / "file").unlink,
        "make a folder outside": (outside / "folder").mkdir,
        "make a fifo outside": lambda: os.mkfifo(outside / "fifo"),
        "make a socket outside": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(str(outside / "s")),
        "move a file out": lambda: (state / "mine").rename(outside / "moved"),
        "link a file out": lambda: (outside / "linked").hardlink_to(state / "mine"),
        "write through a link": lambda: through_symlink(state, outside),
        "make a camera's node": lambda: os.mknod(state / "video", 0o600 | 0o020000, os.makedev(81, 0)),
    }


def common_escapes(state: Path, outside: Path) -> dict[str, Callable[[], object]]:
    return {
        **file_escapes(state, outside),
        **{f"call {name}": lambda name=name: call(name) for name in CALLS},
        "a new user namespace": new_user_namespace,
        "write to the starter's memory": lambda: Path(f"/proc/{os.getppid()}/mem").open("r+b").close(),
        "what the starter has open": lambda: os.close(os.open(f"/proc/{os.getppid()}/fd/2", os.O_WRONLY)),
        "the starter's root": lambda: Path(f"/proc/{os.getppid()}/root/tmp").stat(),
        "where memory dumps go": lambda: Path("/proc/sys/kernel/core_pattern").write_text("|/bin/sh"),
        "a host's name": lambda: Path("/proc/sys/kernel/hostname").write_text("pixel"),
    }


def vision_escapes(state: Path, outside: Path, abstract: str) -> dict[str, Callable[[], object]]:
    stream, datagram, raw = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW
    families = {
        "AF_INET": (2, stream),
        "AF_INET datagram": (2, datagram),
        "AF_INET raw": (2, raw, 1),
        "AF_INET6": (10, stream),
        "AF_INET6 datagram": (10, datagram),
        "AF_NETLINK": (16, raw),
        "AF_PACKET": (17, raw),
        "AF_CAN": (29, raw, 1),
        "AF_BLUETOOTH": (31, raw, 1),
        "AF_ALG": (38, 5),
        "AF_VSOCK": (40, stream),
        "AF_XDP": (44, raw),
        "a family there is not": (63, stream),
        "a family far off": (1000, stream),
        "AF_UNIX stream": (1, stream),
        "AF_UNIX datagram": (1, datagram),
        "AF_UNIX stream, close on exec": (1, stream | socket.SOCK_CLOEXEC),
    }
    return {
        **{name: lambda given=given: make_socket(*given) for name, given in families.items()},
        **{f"call {name}": lambda name=name: call(name) for name in VISION_CALLS},
        "change the mode of a file outside": lambda: (outside / "file").chmod(0o644),
        "change the times of a file outside": lambda: os.utime(outside / "file", ns=(1, 2)),
        "write to /dev/full": lambda: os.close(os.open("/dev/full", os.O_WRONLY)),
        "AF_NETLINK of devices": lambda: make_socket(16, raw, 15),
        "AF_INET with high bits": with_high_bits,
        "AF_INET in a thread": lambda: in_thread(lambda: make_socket(2, stream)),
        "AF_INET in a program": in_program,
        "an abstract socket": lambda: abstract_socket(abstract),
        "a signal to the starter": lambda: os.kill(os.getppid(), 0),
        **common_escapes(state, outside),
    }


def publisher_escapes(state: Path, outside: Path, abstract: str) -> dict[str, Callable[[], object]]:
    return {
        **{f"call {name}": lambda name=name: call(name) for name in (*PUBLISHER_CALLS, *VISION_CALLS)},
        **{
            f"ask a {name}": lambda request=request: camera_request(request)
            for name, request in {"camera": 0x8068_5600, "media device": 0xC100_7C00, "dma heap": 0xC018_4800}.items()
        },
        **{f"open {path}": lambda path=path: open_device(path) for path in ("/dev/full", "/dev/kmsg", "/dev/ptmx")},
        "open a camera": lambda: open_device("/dev/video98"),
        "AF_PACKET": lambda: make_socket(17, socket.SOCK_RAW),
        "AF_BLUETOOTH": lambda: make_socket(31, socket.SOCK_RAW, 1),
        "AF_VSOCK": lambda: make_socket(40, socket.SOCK_STREAM),
        "listen on a port": lambda: socket.create_server(("127.0.0.1", 0)).close(),
        "an abstract socket": lambda: abstract_socket(abstract),
        "a signal to the starter": lambda: os.kill(os.getppid(), 0),
        **common_escapes(state, outside),
    }


def without(what: str) -> None:
    """Take one protection away, as a kernel or a mistake would, to see that the proof finds out."""
    if what == "landlock":
        landlock.version = lambda: 0
        landlock.restrict = lambda *_: False
    elif what == "namespaces":
        namespace.leave_the_network = namespace.hide_devices = lambda: False
    elif what == "mounts":
        namespace.write_only_below = lambda _: False
    elif what == "seccomp":
        syscalls.load = lambda _: None
    elif what == "dumps":
        process.harden = lambda: None
    elif what == "threads":
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def outcome(escape: Callable[[], object]) -> str:
    try:
        escape()
    except OSError as error:
        return (
            "denied"
            if error.errno in {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EROFS}
            else errno.errorcode[error.errno or 0]
        )
    return "done"


def standing() -> dict[str, object]:
    """What the kernel says of the process."""
    told = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return {
        "no_new_privs": told["NoNewPrivs"],
        "seccomp": told["Seccomp"],
        "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
        "capabilities": int(told["CapPrm"], 16) | int(told["CapBnd"], 16)
        if os.geteuid() == 0
        else int(told["CapPrm"], 16),
        "core": list(resource.getrlimit(resource.RLIMIT_CORE)),
        "interfaces": sorted(line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]),
    }


def escaped(
    state: Path,
    outside: Path,
    *,
    side: str,
    kind: str = "synthetic",
    missing: tuple[str, ...] = (),
    who: tuple[int, str] = (os.geteuid(), sys.executable),
) -> "subprocess.CompletedProcess[str]":
    """Run this program; its folders are made, with a file outside, and an abstract socket listens."""
    state.mkdir()
    outside.mkdir()
    (outside / "file").write_text("mine")
    user, python = who
    for path in (state, outside, outside / "file"):
        os.chown(path, user, -1)
    abstract = f"passant-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"\0{abstract}")
        listener.listen()
        abstract_socket(abstract)
        command = [
            *as_user(user),
            python,
            "-m",
            "tests.escapes",
            side,
            str(state),
            str(outside),
            abstract,
            kind,
            *missing,
        ]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def main() -> None:
    side, state, outside = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    abstract, kind, missing = sys.argv[4], SourceKind(sys.argv[5]), sys.argv[6:]
    for what in missing:
        without(what)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    if side == "vision":
        from edge.vision.isolation import confine as confine_vision  # noqa: PLC0415  one side, as in the processes

        proven = confine_vision(state=state, camera_kind=kind, allow_unproven=False)
        escapes = vision_escapes(state, outside, abstract)
    else:
        from edge.publisher.isolation import confine as confine_publisher  # noqa: PLC0415  see above

        proven = confine_publisher(state=state, allow_unproven=False)
        escapes = publisher_escapes(state, outside, abstract)
    (state / "mine").write_text("x")
    tried = {name: outcome(escape) for name, escape in escapes.items()}
    json.dump({"proven": proven, "tried": tried, "standing": standing()}, sys.stdout)


if __name__ == "__main__":
    main()
