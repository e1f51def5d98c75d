"""Prints every way out that is tried, by side, user and kernel: `python -m tests.probes [--all]`.

Without `--all` only the numbers, and what was not refused.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from edge.confine import landlock
from tests import escapes
from tests.somebody import NOBODY, as_user, give, interpreter
from tests.test_intruder import REFUSALS as NO_WAY
from tests.test_intruder import seeing

# Nobody of that name listens in a network namespace of one's own.
REFUSALS = NO_WAY | {"ECONNREFUSED"}

Row = tuple[str, str, str]


def confined(folder: Path, side: str, user: int, missing: tuple[str, ...]) -> dict[str, str]:
    """What became of each escape from a process confined as one side is."""
    folder.mkdir()
    give(folder, user)
    who = (user, interpreter(folder, user))
    done = escapes.escaped(folder / "state", folder / "outside", side=side, missing=missing, who=who)
    return dict(json.loads(done.stdout)["tried"])


def intruding(folder: Path, user: int, missing: tuple[str, ...]) -> dict[str, str]:
    """What became of each attempt of a publisher at a vision that runs."""
    for path in (folder, folder / "state", folder / "state" / "setup", folder / "state" / "publisher"):
        path.mkdir()
        give(path, user)
    python = interpreter(folder, user)
    with seeing(folder, python, user, missing) as (vision, decoder):
        command = [python, "-m", "tests.intruder", str(folder / "state"), str(vision), str(decoder), *missing]
        done = subprocess.run([*as_user(user), *command], cwd=escapes.ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout)["tried"])


def rows(folder: Path, user: int, missing: tuple[str, ...]) -> list[Row]:
    return [
        *(("vision", name, became) for name, became in confined(folder / "v", "vision", user, missing).items()),
        *(("publisher", name, became) for name, became in confined(folder / "p", "publisher", user, missing).items()),
        *(("publisher at vision", name, became) for name, became in intruding(folder / "i", user, missing).items()),
    ]


def main() -> None:
    kernels = [("Landlock", ()), ("no Landlock", ("landlock",))][0 if landlock.version() else 1 :]
    users = {os.geteuid(): "root" if os.geteuid() == 0 else "ordinary user", NOBODY: "ordinary user"}
    with tempfile.TemporaryDirectory(prefix="pytest-") as top:
        Path(top).chmod(0o755)
        for user, who in users.items():
            for kernel, missing in kernels:
                folder = Path(top, f"{user}-{len(missing)}")
                folder.mkdir()
                try:
                    found = rows(folder, user, missing)
                except pytest.skip.Exception as reason:
                    print(f"{who}, {kernel}: {reason}")  # noqa: T201  a program's output
                    continue
                tell(found, f"{who}, {kernel}")


def tell(found: list[Row], title: str) -> None:
    tried, refused = Counter(side for side, *_ in found), Counter(side for side, _, why in found if why in REFUSALS)
    for side, number in tried.items():
        print(f"{title}: {side}: {number} tried, {refused[side]} refused")  # noqa: T201  see above
    for side, name, became in found:
        if "--all" in sys.argv or became not in REFUSALS:
            print(f"    {side:<20} {became:<13} {name}")  # noqa: T201  see above


if __name__ == "__main__":
    main()
