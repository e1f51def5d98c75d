"""Programs as another user than the tests': root's may lie where nobody else may go."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOBODY = 65_534


def as_user(user: int) -> list[str]:
    """The words before a command that have it run as this user."""
    if user == os.geteuid():
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def interpreter(folder: Path, user: int) -> str:
    """Find a Python with our packages that this user may start; skips the test where there is none."""
    if user == os.geteuid():
        return sys.executable
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become somebody else, by setpriv")
    bare = shutil.which(f"python{sys.version_info.major}.{sys.version_info.minor}", path=os.defpath)
    base = Path(bare or sys.executable)
    python, packages = folder / "venv" / "bin" / "python", Path(sysconfig.get_path("purelib"))
    python.parent.mkdir(parents=True)
    python.symlink_to(base)
    (folder / "venv" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    its_packages = folder / "venv" / packages.relative_to(sys.prefix)
    its_packages.parent.mkdir(parents=True)
    its_packages.symlink_to(packages)
    command = [*as_user(user), str(python), "-c", "import sys, cv2, edge; open(sys.executable).close()"]
    if subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("another user may start no Python with our packages here")
    return str(python)


def give(path: Path, user: int) -> None:
    """Let another user have a folder, and pass through the test's own folders above it."""
    os.chown(path, user, -1)
    for parent in path.parents:
        if parent.stat().st_uid == os.geteuid() and parent.name.startswith("pytest-"):
            parent.chmod(0o755)
