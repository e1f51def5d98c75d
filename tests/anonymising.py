"""How the tests of `passant anonymise` run it, and what they look for afterwards."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.__main__ import main
from edge.cli.anonymise import workshop

ROOT = Path(__file__).parents[1]
# At this level a single picture has nothing proven: all of it is filled.
ALL = ("--level", "all-but-background")


def anonymised(*words: object) -> int:
    return main(["anonymise", *map(str, words)])


def reported(folder: Path, *words: object, code: int = 0) -> dict[str, Any]:
    report = folder / "report.json"
    assert anonymised(*words, "--report", report) == code
    document = json.loads(report.read_text())
    assert isinstance(document, dict)
    return document


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if "partial" in path.name]


def stumbling(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Let the worker be one whose detectors fail."""

    def spawn(folder: Path) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.stumbling", how, str(folder)]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(workshop, "_spawn", spawn)
