"""The publisher's confinement, tried in a process of its own, and that of a vision at work, by the kernel's word."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, absent, failed, passed
from edge.cli.doctor.patient import Patient, environment

_LIMIT_S: Final = 25.0
_FILTERED: Final = "2"
_START: Final = "start it without --no-isolation, and look into its log"


def publisher_isolated() -> Finding:
    """Confine a process as the publisher is, and have it try what it must not be able to do."""
    name = "publisher isolated"
    with tempfile.TemporaryDirectory(prefix="passant-doctor-") as folder:
        run = subprocess.run(
            [sys.executable, "-P", "-m", "edge.publisher.captive", folder],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            timeout=_LIMIT_S,
            check=False,
            text=True,
        )
    if run.returncode == 0:
        return passed(name, "every try to get at a picture failed: no camera, no picture code", proven=True)
    said, _, mend = (run.stdout.strip() or "it could not be tried").partition("; ")
    return failed(name, said, mend or "report this, with passant --version", proven=False)


def vision_at_work(patient: Patient, proc: Path = Path("/proc")) -> Finding:
    """Ask the kernel how the vision that works now is confined."""
    name = "vision at work"
    if patient.vision is None:
        return absent(name, "no vision works here now", "start passant to have the running one looked at")
    try:
        told = _status(proc / str(patient.vision) / "status")
    except OSError:
        return absent(name, "the kernel does not tell of it here", "ask again as root, on the device itself")
    figures: Figures = {
        "pid": patient.vision,
        "seccomp": told.get("Seccomp", "?"),
        "noNewPrivs": told.get("NoNewPrivs", "?"),
        "capabilities": told.get("CapEff", "?"),
    }
    if told.get("Seccomp") != _FILTERED or told.get("NoNewPrivs") != "1":
        return failed(name, f"process {patient.vision} works without confinement", _START, **figures)
    return passed(name, f"process {patient.vision} is confined: filter on, no new privileges", **figures)


def _status(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
