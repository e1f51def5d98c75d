"""Temperature and throttling, by the kernel's files and the Raspberry Pi's firmware.

The bits of `get_throttled` are those of the firmware's documentation: 0 too little voltage, 1 frequency capped, 2
throttled, 3 soft limit; the same from 16 on: since the start.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, Verdict, absent, passed

# A Pi slows down at 80 °C, and more at 85.
_WARM_C: Final = 75.0
_HOT_C: Final = 84.0
_THROTTLED: Final = "devices/platform/soc/soc:firmware/get_throttled"
_VOLTAGE, _CAPPED, _SLOWED, _SOFT = 0x1, 0x2, 0x4, 0x8
_SINCE_START: Final = 16
_SHADE: Final = "give it shade, air or a heat sink"
_POWER: Final = "use the power supply and a short cable that are made for it"


def temperature(sysfs: Path = Path("/sys")) -> Finding:
    """Look at the hottest zone, and at whether the device has slowed down."""
    degrees, bits = hottest_c(sysfs), throttled(sysfs)
    if degrees is None:
        return absent("temperature", "this machine tells no temperature")
    figures: Figures = {"celsius": degrees, "throttled": bits}
    said = f"{degrees:.0f} °C"
    now, before = (bits or 0) & 0xF, (bits or 0) >> _SINCE_START & 0xF
    judged = (
        (now & _VOLTAGE, Verdict.FAIL, ", and too little voltage now", _POWER),
        (degrees >= _HOT_C or now & (_CAPPED | _SLOWED), Verdict.FAIL, ", so hot that it slows down", _SHADE),
        (degrees >= _WARM_C or now & _SOFT, Verdict.WARN, ", near where it slows down", _SHADE),
        (before & _VOLTAGE, Verdict.WARN, "; too little voltage since the start", _POWER),
        (before, Verdict.WARN, "; it has slowed down since the start", _SHADE),
    )
    for holds, verdict, why, mend in judged:
        if holds:
            return Finding(name="temperature", verdict=verdict, said=f"{said}{why}", mend=mend, figures=figures)
    return passed("temperature", said if bits is None else f"{said}, never slowed down", **figures)


def hottest_c(sysfs: Path) -> float | None:
    """Give the temperature of the hottest zone in °C; None where there is none that tells."""
    found = []
    for zone in sorted(sysfs.glob("class/thermal/thermal_zone*/temp")):
        with suppress(OSError, ValueError):
            found.append(int(zone.read_text(encoding="ascii")) / 1000)
    return max(found, default=None)


def throttled(sysfs: Path) -> int | None:
    """Give the firmware's bits; None where there is no such firmware."""
    try:
        return int((sysfs / _THROTTLED).read_text(encoding="ascii").strip(), 16)
    except (OSError, ValueError):
        return None
