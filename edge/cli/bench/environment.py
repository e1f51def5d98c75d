"""Throw-away environments for programs of others: peers and attackers, never in the product's own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Say = Callable[[str], None]

_LOCKS = Path(__file__).resolve().parents[3] / "firmware_config"
_INSTALL_S = 1800
_WHOLE = "whole"


class UnobtainableError(Exception):
    """An environment cannot be made here; the text says why."""


def environment(name: str, locks: tuple[str, ...], say: Say) -> Path:
    """Give the Python of an environment that holds what `locks` name, made once and kept in the user's cache.

    `locks` are files of firmware_config, installed one after another by hash; of those called `*.source.lock` source
    packages are built with what the ones before brought. Raises UnobtainableError.
    """
    paths = [_LOCKS / lock for lock in locks]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise UnobtainableError(f"{missing} is not here: start it from a checkout")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute()
    folder = cache / "passant" / f"{name}-{digest[:12]}-{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / _WHOLE).is_file():
        say(f"Installing {name} into {folder}, once.")
        try:
            _make(folder, paths)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnobtainableError(f"{folder}: {error}") from error
    return folder / "bin" / "python"


def _make(folder: Path, locks: list[Path]) -> None:
    # What an interrupted run left is not to be trusted.
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Of the interpreter that lies under ours: an environment made from an environment would see neither's packages.
    _run([str(Path(sys.base_prefix) / "bin" / "python3"), "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-deps"]
    for lock in locks:
        how = ["--no-build-isolation"] if lock.name.endswith(".source.lock") else ["--only-binary", ":all:"]
        _run([*pip, "--require-hashes", *how, "-r", str(lock)])
    (folder / _WHOLE).touch()


def _run(command: list[str]) -> None:
    """Run a client quietly; raises UnobtainableError with its last words."""
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, timeout=_INSTALL_S, cwd="/"
    )
    if done.returncode:
        words = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise UnobtainableError(words[-1] if words else f"{command[0]} ended with status {done.returncode}")
