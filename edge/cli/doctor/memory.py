"""Whether there is memory left, and whether the kernel has had to end programs for want of it."""

from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, absent, failed, passed, warned

_MB: Final = 1e6
_TIGHT_MB: Final = 150.0
_LEAST_MB: Final = 60.0
_MEND: Final = "end what else runs here, lower detector.threads, or use a device with more memory"


def memory(proc: Path = Path("/proc")) -> Finding:
    """Look at the memory that programs can still have."""
    try:
        left_mb, all_mb = (_kilobytes(proc / "meminfo", key) * 1024 / _MB for key in ("MemAvailable", "MemTotal"))
        ended = _count(proc / "vmstat", "oom_kill")
    except (OSError, ValueError):
        return absent("memory", "this kernel does not tell")
    figures: Figures = {"availableMB": round(left_mb), "totalMB": round(all_mb), "oomKills": ended}
    said = f"{left_mb:.0f} of {all_mb:.0f} MB available"
    if left_mb < _LEAST_MB:
        return failed("memory", said, _MEND, **figures)
    if left_mb < _TIGHT_MB:
        return warned("memory", said, _MEND, **figures)
    if ended:
        return warned("memory", f"{said}; programs ended for want of it since the start: {ended}", _MEND, **figures)
    return passed("memory", said, **figures)


def _kilobytes(path: Path, key: str) -> int:
    return _count(path, f"{key}:")


def _count(path: Path, key: str) -> int:
    for line in path.read_text(encoding="ascii").splitlines():
        name, *rest = line.split()
        if name == key:
            return int(rest[0])
    raise ValueError(key)
