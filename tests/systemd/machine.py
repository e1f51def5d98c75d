"""A machine with systemd as its first process: systemd-nspawn boots the root with the checkout's units and a driver."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.drawn_films import write_film
from tests.systemd.root import ROOT, RootError, made

UNITS = ROOT / "systemd"
SYSTEM = "/usr/lib/systemd/system"
# Where each file of systemd/ goes on a device; all others are units.
PLACES = {
    "passant.sysusers.conf": "/usr/lib/sysusers.d/passant.conf",
    "passant.tmpfiles.conf": "/usr/lib/tmpfiles.d/passant.conf",
    "passant.journald.conf": "/etc/systemd/journald.conf.d/passant.conf",
}
UNIT_SUFFIXES = {".service", ".socket", ".target"}
PATIENCE_S = 400.0
SITE = """version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "clip:/srv/film.avi"
size = [160, 120]
fps = 1
pace = 1000
loop = true
[[lines]]
id = "quai"
from = [80, 10]
to = [80, 115]
[[zones]]
id = "promenade"
polygon = [[0, 60], [159, 60], [159, 119], [0, 119]]
use = "pedestrian"
[windows]
seconds = 60
[broker]
url = "mqtt://127.0.0.1:1883"
"""
TRIAL = """[Unit]
After=multi-user.target mosquitto.service
Requires=multi-user.target
[Service]
Type=exec
ExecStart=/usr/bin/python3 -B -m tests.systemd.driver /trial
ExecStopPost=systemctl --no-block exit
WorkingDirectory=/src
StandardOutput=file:/trial/output
StandardError=file:/trial/output
"""


def missing() -> str:
    """Why no machine can be booted here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can boot a system by systemd-nspawn"
    for program in ("systemd-nspawn", "mmdebstrap"):
        if shutil.which(program) is None:
            return f"{program} is not installed: apt-get install systemd-container mmdebstrap"
    return ""


def placed(file: Path) -> str:
    """Where a file of systemd/ is installed."""
    return PLACES.get(file.name, f"{SYSTEM}/{file.name}")


def installed_files() -> list[Path]:
    return sorted(path for path in UNITS.iterdir() if path.name in PLACES or path.suffix in UNIT_SUFFIXES)


def boot(folder: Path) -> dict[str, Any]:
    """Boot, have the driver do its work, and give what it found; raises RootError where no root can be made."""
    root = made()
    trial = folder / "trial"
    trial.mkdir()
    (trial / "site.toml").write_text(SITE)
    (trial / "trial.service").write_text(TRIAL)
    write_film(folder / "film.avi", frames=600, fps=1.0)
    mounts = {path: placed(path) for path in installed_files()} | {
        ROOT: "/src",
        folder / "film.avi": "/srv/film.avi",
        trial / "site.toml": "/etc/passant/site.toml",
        trial / "trial.service": f"{SYSTEM}/trial.service",
    }
    command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={root}", "--boot"]
    options = [
        "--private-network",
        "--volatile=overlay",
        "--link-journal=no",
        "--console=pipe",
        f"--bind={trial}:/trial",
    ]
    # Debian 12's systemd-nspawn does not know them yet, and takes them for dangerous.
    calls = "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"
    binds = [f"--bind={trial}:/trial"] + [f"--bind-ro={source}:{target}" for source, target in mounts.items()]
    done = subprocess.run(
        [*command, *options, calls, *binds, "--", "--unit=trial.service"],
        env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    found = trial / "found.json"
    if not found.exists():
        output = trial / "output"
        said = output.read_text() if output.exists() else done.stderr[-2000:] + done.stdout[-2000:]
        if "perm" in done.stderr.lower() and not output.exists():
            raise RootError(done.stderr.strip())
        raise AssertionError(f"the driver found nothing:\n{said}")
    return dict(json.loads(found.read_text()))


__all__ = ["RootError", "boot", "installed_files", "missing"]
