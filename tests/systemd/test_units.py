"""The units as files: what systemd thinks of their exposure, and that every line of their confinement is explained."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.systemd.machine import UNITS, installed_files

README = UNITS / "README.md"
# Ten times the exposure that systemd-analyze may find at the most.
MOST_EXPOSED = {"passant-vision.service": 10, "passant-publisher.service": 15}
# What says how the unit runs, not what it may do.
EXPLAINED_BY_ITSELF = {"Type", "ExecStart", "User", "Group"}
SECTION = re.compile(r"^\[(\w+)\]$")


def _lines(unit: Path, section: str) -> dict[str, list[str]]:
    """The keys of one section, each with its values."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in unit.read_text().splitlines():
        if match := SECTION.match(line):
            here = match[1]
        elif here == section and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_systemd_finds_little_exposed(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    threshold = f"--threshold={MOST_EXPOSED[name]}"
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", threshold, str(UNITS / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if "✓" not in line)


@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_the_readme_gives_the_reason_of_every_directive(name: str) -> None:
    told = set(re.findall(r"`(\w+)=", README.read_text()))
    assert set(_lines(UNITS / name, "Service")) - told - EXPLAINED_BY_ITSELF == set()


@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_a_process_that_hangs_is_noticed_within_a_minute(name: str) -> None:
    settings = _lines(UNITS / name, "Service")
    assert settings["Type"] == ["notify"]
    assert 0 < int(settings["WatchdogSec"][0]) <= 60


def test_neither_process_is_given_the_others_rights() -> None:
    vision = _lines(UNITS / "passant-vision.service", "Service")
    publisher = _lines(UNITS / "passant-publisher.service", "Service")
    assert vision["PrivateNetwork"] == ["yes"]
    assert publisher["PrivateDevices"] == ["yes"]
    assert vision["User"] != publisher["User"]
    assert set(vision["ReadWritePaths"]).isdisjoint(publisher["ReadWritePaths"])
    assert "DeviceAllow" not in publisher


def test_no_unit_starts_as_root_or_without_isolation() -> None:
    for unit in installed_files():
        if unit.suffix == ".service":
            settings = _lines(unit, "Service")
            assert settings["User"][0] not in {"root", "0"}
            assert "--no-isolation" not in settings["ExecStart"][0]
