"""A Debian trixie with what Passant runs on, in the user's cache: made once, and anew after changes."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "firmware_config" / "wheels.lock"
PACKAGES = ("systemd", "systemd-sysv", "python3", "libseccomp2", "mosquitto", "mosquitto-clients")
# trixie's.
PYTHON = "3.13"
HERE = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0"}
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
WHEELS = "opt/passant/wheels"
# Where Passant would be installed; here it is the checkout's, which is mounted at /src.
PROGRAM = "opt/passant/bin/passant"
SCRIPT = """#!/usr/bin/python3 -P
import sys
from edge.__main__ import main
sys.exit(main())
"""
# Debian's Python reads it at its start.
PATHS = "usr/local/lib/python3.13/dist-packages/passant.pth"
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")


class RootError(Exception):
    """There can be no root here; the text says why."""


def locked(text: str) -> list[str]:
    """What a lock holds for trixie's Python, each with its hashes, one to a line."""
    lines = text.replace("\\\n", " ").splitlines()
    named = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    found = []
    for line in named:
        package, *hashes = line.split(" --hash=")
        requirement = Requirement(package)
        if requirement.marker is None or requirement.marker.evaluate(HERE):
            # Without the marker, which pip would read for the Python that it runs on itself.
            found.append(" --hash=".join([f"{requirement.name}{requirement.specifier}", *map(str.strip, hashes)]))
    return found


def made() -> Path:
    """Make the root where it is not there; raises RootError where that cannot be done."""
    recipe = (Path(__file__).read_bytes(), LOCK.read_bytes())
    name = f"systemd-root-{hashlib.sha256(b''.join(recipe)).hexdigest()[:12]}"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "passant")
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / name
    with (cache / "systemd-root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            for old in filter(Path.is_dir, cache.glob("systemd-root-*")):
                shutil.rmtree(old)
            unfinished = cache / "systemd-root-unfinished"
            _build(unfinished)
            unfinished.rename(root)
    return root


def _build(root: Path) -> None:
    options = [f"--include={','.join(PACKAGES)}", *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT)]
    _done(["mmdebstrap", "--quiet", "--variant=minbase", *options, "trixie", str(root)])
    wanted = root / "wheels.lock"
    wanted.write_text("\n".join(locked(LOCK.read_text())) + "\n")
    machine = platform.machine()
    where = [word for name in PLATFORMS for word in ("--platform", f"{name}_{machine}")]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    # pip would ask whether its own Python is the one that the packages are for.
    for_trixie = ["--implementation=cp", f"--python-version={PYTHON}", "--ignore-requires-python", *where]
    chosen = ["--only-binary=:all:", "--no-deps", "--require-hashes", "--requirement", str(wanted)]
    pip = [sys.executable, "-m", "pip", "install", *quiet, *for_trixie, *chosen]
    _done([*pip, "--target", str(root / WHEELS)])
    _done(["chroot", str(root), "python3", "-m", "compileall", "-q", f"/{WHEELS}"])
    program, paths = root / PROGRAM, root / PATHS
    for path in (program, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SCRIPT)
    program.chmod(0o755)
    paths.write_text(f"/src\n/{WHEELS}\n")


def _done(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RootError(f"{command[0]} is not installed") from None
    if done.returncode:
        raise RootError(f"{command[0]}: {' '.join(done.stderr.strip().splitlines()[-2:])}")
