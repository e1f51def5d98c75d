"""Vision's confinement: it sees pixels, so it has no network and writes nowhere but into its state folder.

Run before numpy is imported: OpenBLAS starts threads, and namespaces and Landlock bind one thread only.
"""

import logging
import socket
from pathlib import Path

from edge.config.site import SourceKind
from edge.confine import IsolationError, landlock, memory, namespace, probe, process, syscalls

_log = logging.getLogger(__name__)

_AF_NETLINK, _KOBJECT_UEVENT = 16, 15
# Each would lead out of the device or past the filter: (name, family, type, protocol).
_FORBIDDEN = (
    ("AF_INET", 2, socket.SOCK_STREAM, 0),
    ("AF_INET (UDP)", 2, socket.SOCK_DGRAM, 0),
    ("AF_INET6", 10, socket.SOCK_STREAM, 0),
    ("AF_INET6 (UDP)", 10, socket.SOCK_DGRAM, 0),
    ("AF_NETLINK", _AF_NETLINK, socket.SOCK_RAW, 0),
    ("AF_PACKET", 17, socket.SOCK_RAW, 0),
    ("AF_BLUETOOTH", 31, socket.SOCK_RAW, 1),
    ("AF_ALG", 38, socket.SOCK_SEQPACKET, 0),
    ("AF_VSOCK", 40, socket.SOCK_STREAM, 0),
    ("AF_UNIX (stream)", 1, socket.SOCK_STREAM, 0),
    ("AF_UNIX (datagram)", 1, socket.SOCK_DGRAM, 0),
)
_DEVICE_NEWS = ("AF_NETLINK (device news)", _AF_NETLINK, socket.SOCK_RAW, _KOBJECT_UEVENT)
# Where a process that may write would find a place to do so.
_ELSEWHERE = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108  tried in order to fail
_WITH_NODES = frozenset({SourceKind.PI, SourceKind.V4L2})
_CAMERA_NODES = ("video*", "media*", "v4l-subdev*", "dma_heap/*", "vchiq", "vcsm*", "dri/*")
_MEND = "run it on a Linux kernel with seccomp, or with --no-isolation on a developer's machine only"


def confine(*, state: Path, camera_kind: SourceKind, allow_unproven: bool, device: str = "") -> bool:
    """Give up network, foreign files and foreign processes for good, and prove it; True where it is proven.

    `state` is the one folder that stays writable and must exist;
    `device` is the camera's node, where it has one. With `allow_unproven` (`--no-isolation`)
    only memory dumps are forbidden, a warning is logged and the answer is False. Raises IsolationError
    where anything forbidden still works.
    """
    if allow_unproven:
        process.harden()
        _log.warning("NOT ISOLATED: --no-isolation is set; vision could reach a network. Never count people so")
        return False
    process.require_one_thread()
    inherited = process.inherited_network_sockets()
    if inherited:
        raise IsolationError(f"vision was handed a network socket (descriptor {inherited[0]}); start it without")
    process.close_inherited()
    own_network = namespace.leave_the_network()
    own_files = landlock.version() > 0
    if not own_files and camera_kind not in _WITH_NODES:
        namespace.hide_devices()
    files_read_only = own_files or namespace.write_only_below(state)
    process.harden()
    # Before the capability for it is dropped.
    if not memory.stays_off_the_disk():
        _log.warning(
            "this machine swaps and memory cannot be locked: pixels could reach its disk; "
            "turn swap off (sudo swapoff -a), or start as root or with LimitMEMLOCK=infinity"
        )
    landlock.restrict(landlock.CHANGE, _grants(state, camera_kind, device))
    # The kernel lets nobody look into a process that holds a capability they lack: as root the publisher lacks this
    # one, and so cannot look into the decoder either, which is dumpable for its first moment.
    process.drop_capabilities({process.CAP_FSETID})
    syscalls.load(_rules(camera_kind))
    _prove(camera_kind, _folders_beside(state))
    if not files_read_only:
        raise IsolationError(f"vision's writing is not confined: no Landlock, no mount namespace; {_MEND}")
    _log.info(
        "isolation proven: no network socket can be made; a network namespace of its own: %s; writes only to the state "
        "folder%s%s",
        "yes" if own_network else "not allowed here",
        " and the camera's nodes" if camera_kind in _WITH_NODES else "",
        "" if own_files else ", by mounts: this kernel has no Landlock",
    )
    return True


def nodes(camera_kind: SourceKind, device: str) -> tuple[Path, ...]:
    """List the device nodes that vision may write to, as they are now: those of cameras, no others."""
    if camera_kind not in _WITH_NODES:
        return ()
    named = [Path(device)] if camera_kind is SourceKind.V4L2 else []
    return (*named, *(node for pattern in _CAMERA_NODES for node in sorted(Path("/dev").glob(pattern))))


def _grants(state: Path, camera_kind: SourceKind, device: str) -> dict[Path, landlock.Access]:
    grants = dict.fromkeys(nodes(camera_kind, device), landlock.Access.WRITE_FILE)
    return {**grants, Path("/dev/null"): landlock.WRITE, state: landlock.WRITE}


def _folders_beside(state: Path) -> tuple[Path, ...]:
    candidates = (Path.cwd(), state.parent, *map(Path, _ELSEWHERE))
    return tuple(folder for folder in candidates if not folder.resolve().is_relative_to(state.resolve()))


def _rules(camera_kind: SourceKind) -> tuple[syscalls.Denied, ...]:
    rules = (
        *syscalls.never(),
        *syscalls.file_attributes(),
        *syscalls.limits_of_others(),
        *syscalls.unix_only_as_seqpacket(),
    )
    if camera_kind is SourceKind.PI:
        allowed = (socket.AF_UNIX, _AF_NETLINK)
        return rules + syscalls.sockets_except(allowed) + syscalls.netlink_only_for_devices()
    return rules + syscalls.sockets_except((socket.AF_UNIX,))


def _prove(camera_kind: SourceKind, unwritable: tuple[Path, ...]) -> None:
    forbidden = _FORBIDDEN if camera_kind is SourceKind.PI else (*_FORBIDDEN, _DEVICE_NEWS)
    made = probe.everywhere(lambda: probe.sockets(forbidden))
    if made:
        raise IsolationError(f"vision can make sockets: {', '.join(sorted(made))}; {_MEND}")
    shared = probe.everywhere(probe.system_v)
    if shared:
        raise IsolationError(f"vision can share {' and '.join(sorted(shared))} with other processes; {_MEND}")
    if process.dumpable():
        raise IsolationError(f"vision's memory could be dumped to disk; {_MEND}")
    written = probe.everywhere(lambda: probe.writable(unwritable))
    if written:
        raise IsolationError(f"vision can write outside its state folder: {', '.join(sorted(written))}; {_MEND}")
