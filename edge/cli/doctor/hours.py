"""Whether the clock is right, by the kernel's own word (adjtimex), and who keeps it, by systemd's."""

import subprocess
from typing import Final

from edge.cli.doctor.finding import Finding, failed, passed, warned
from edge.publisher.clock import Clock, ClockState

_LIMIT_S: Final = 5.0
_MEND: Final = (
    "let the device reach a time server: sudo timedatectl set-ntp true; where it has no internet, name one in "
    "timesyncd.conf"
)


def clock() -> Finding:
    """Look at the clock; without one that is set no window begins."""
    own = Clock()
    state, kept = own.state, _kept()
    figures = {"state": state.value, "ntp": kept, "time": own.stamp()}
    if state is ClockState.UNSET:
        return failed("clock", "the clock is not set, so nothing is counted", _MEND, **figures)
    if state is ClockState.SYNCHRONISED:
        return passed("clock", f"synchronised, {own.stamp()}", **figures)
    service = {True: ", a time service is on", False: ", no time service is on", None: ""}[kept]
    said = "set, but nobody tells whether it is right" if state is ClockState.UNKNOWN else "set, not synchronised"
    return warned("clock", f"{said}{service}, {own.stamp()}", _MEND, **figures)


def _kept() -> bool | None:
    """Ask systemd whether a time service is on; None where it does not say."""
    try:
        run = subprocess.run(
            ["timedatectl", "show", "--property=NTP", "--value"],
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(run.stdout.strip())
