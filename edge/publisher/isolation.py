"""The publisher's confinement: it has the network, so it has no camera, no picture code and no other program."""

import errno
import fcntl
import importlib
import logging
import os
import socket
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from edge.confine import IsolationError, landlock, namespace, probe, process, syscalls

_log = logging.getLogger(__name__)

_AF_NETLINK = 16  # the C library asks it which addresses the device has, to resolve names
# Whatever could decode, hold or fetch a picture.
_PICTURE_CODE = ("numpy", "cv2", "PIL", "picamera2", "libcamera", "ai_edge_litert", "tflite_runtime", "edge.vision")
# Cameras, the memory they share with others, graphics processors, screens and raw memory.
_CAMERA_NODES = (
    *("video*", "media*", "v4l*", "dma_heap/*", "udmabuf", "vchiq", "vcsm*", "vcio", "rpivid*"),
    *("dri/*", "fb*", "mem", "kmem", "gpiomem*"),
)
# The letters of their ioctl requests: V4L2, media, dma_heap, DRM, udmabuf.
_CAMERA_REQUESTS = tuple(map(ord, "V|Hdu"))
_VIDIOC_QUERYCAP = 0x8068_5600
_QUERYCAP_BYTES = 104
_HARMLESS_DEVICES = ("null", "zero", "random", "urandom")
# Every machine has it and the publisher needs it for nothing: it opens where devices are not hidden.
_WITNESS = Path("/dev/full")
# Where a process that may write would find a place to do so.
_ELSEWHERE = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/run"))  # noqa: S108  tried in order to fail
# Vision can make no other socket than these, so whatever it listens on, the stills' too, is out of reach: the
# channel's listener is open already. Streams stay, because names of the local network are asked for over one, but not
# for root, from whom systemd takes orders over one.
_FOREIGN_LINES = (socket.SOCK_SEQPACKET,)
_MEND = "run it as a user outside the groups video and render, or with --no-isolation on a developer's machine only"


class PictureCodeRefusal(MetaPathFinder):
    """A finder that comes first and refuses to import picture code."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  the protocol's
        target: ModuleType | None = None,  # noqa: ARG002  the protocol's
    ) -> ModuleSpec | None:
        """Raise ImportError for picture code; leave everything else to the finders that follow."""
        if _is_picture_code(fullname):
            raise ImportError(f"{fullname} has no place in the publisher: it never sees a pixel")
        return None


def confine(*, state: Path, allow_unproven: bool) -> bool:
    """Give up cameras, picture code, foreign files and other programs for good, and prove it; True where proven.

    `state` is the one folder that stays writable and must exist. With `allow_unproven` (`--no-isolation`)
    only memory dumps and picture code are refused, a warning is logged and the answer is False. Raises
    IsolationError where anything forbidden still works.
    """
    sys.meta_path.insert(0, PictureCodeRefusal())
    if allow_unproven:
        process.harden()
        _log.warning("NOT ISOLATED: --no-isolation is set; the publisher could open a camera")
        return False
    process.require_one_thread()
    # systemd's socket, where it hands us one, is the third; see sd_listen_fds(3).
    process.close_inherited((3,) if os.environ.get("LISTEN_PID") == str(os.getpid()) else ())
    own_files = landlock.version() > 0
    hidden = own_files or namespace.hide_devices()
    files_read_only = own_files or namespace.write_only_below(state)
    process.harden()
    landlock.restrict(landlock.CHANGE | landlock.READ, _grants(state))
    process.drop_capabilities()
    syscalls.load(_rules())
    _prove(hidden=hidden)
    written = probe.everywhere(lambda: probe.writable(_ELSEWHERE))
    if written or not files_read_only:
        where = ", ".join(sorted(written)) or "no Landlock, no mount namespace"
        raise IsolationError(f"the publisher can write outside its state folder: {where}; {_MEND}")
    _log.info(
        "isolation proven: no camera opens, no picture code loads; devices out of reach: %s; writes only to the state "
        "folder: %s",
        "yes" if hidden else "by their owner and by request only",
        "yes" if own_files else "by mounts, this kernel has no Landlock",
    )
    return True


def _grants(state: Path) -> dict[Path, landlock.Access]:
    """Grant reading of everything but devices: Landlock has no exceptions, so the root's other folders are listed."""
    grants = {entry: landlock.READ for entry in Path("/").iterdir() if entry.name != "dev"}
    grants |= {Path("/dev", name): landlock.READ for name in _HARMLESS_DEVICES}
    grants[Path("/dev/null")] |= landlock.WRITE
    grants[state] = landlock.READ | landlock.WRITE
    return grants


def _rules() -> tuple[syscalls.Denied, ...]:
    return (
        *syscalls.never(),
        # Not the setup folder's mode either, by which vision knows who may ask for a still.
        *syscalls.file_attributes(),
        *syscalls.limits_of_others(),
        *syscalls.sockets_except((socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, _AF_NETLINK)),
        *syscalls.unix_types(_FOREIGN_LINES if os.geteuid() else (*_FOREIGN_LINES, socket.SOCK_STREAM)),
        *syscalls.device_requests(_CAMERA_REQUESTS),
        *(syscalls.Denied(call) for call in ("memfd_create", "execve", "execveat")),
    )


def _prove(*, hidden: bool) -> None:
    nodes = [node for pattern in _CAMERA_NODES for node in sorted(Path("/dev").glob(pattern))]
    opened = probe.everywhere(lambda: probe.openable([*nodes, _WITNESS] if hidden else nodes))
    if opened:
        raise IsolationError(f"the publisher can open {', '.join(sorted(opened))}; {_MEND}")
    if _camera_requests_pass():
        raise IsolationError(f"the publisher can speak to cameras; {_MEND}")
    shared = probe.everywhere(probe.system_v)
    if shared:
        raise IsolationError(f"the publisher can share {' and '.join(sorted(shared))} with other processes; {_MEND}")
    picture_code = _reachable_picture_code()
    if picture_code:
        raise IsolationError(
            f"picture code is within the publisher's reach: {', '.join(picture_code)}; do not import it"
        )
    if process.dumpable():
        raise IsolationError(f"the publisher's memory could be dumped to disk; {_MEND}")


def _camera_requests_pass() -> bool:
    """Ask /dev/null what only a camera answers: the filter refuses before the device can say that it is none."""
    with Path("/dev/null").open("rb") as device:
        try:
            fcntl.ioctl(device, _VIDIOC_QUERYCAP, bytearray(_QUERYCAP_BYTES))
        except OSError as error:
            return error.errno != errno.EPERM
    return True


def _reachable_picture_code() -> tuple[str, ...]:
    loaded = {name for name in sys.modules if _is_picture_code(name)}
    return tuple(sorted(loaded | {name for name in _PICTURE_CODE if _imports(name)}))


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _is_picture_code(name: str) -> bool:
    return any(name == refused or name.startswith(f"{refused}.") for refused in _PICTURE_CODE)
