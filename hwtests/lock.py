"""One tester at a time: a folder on the device itself, since testers may come from more than one machine."""

import getpass
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hwtests.device import Device, DeviceError

PLACE = "/tmp/passant-hwtests.lock"  # noqa: S108  the same for everybody on purpose; made with mkdir, so nobody's is followed


@contextmanager
def locked(device: Device, place: str = PLACE) -> Iterator[None]:
    """Hold a device; raises DeviceError, which says who has it, where somebody does."""
    owner = f"{getpass.getuser()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M')}"
    # To make a folder is the one step that only one of two can do.
    if device.run("mkdir", place).code != 0:
        who = device.run("cat", f"{place}/owner").out.strip() or "nobody knows who"
        raise DeviceError(f"{device.name} is in use: {who} — wait, or where nobody is there: rm -r {place}")
    try:
        device.run("tee", f"{place}/owner", given=f"{owner}\n")
        yield
    finally:
        device.run("rm", "-r", place)
