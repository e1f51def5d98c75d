"""The site's own time, on the two nights on which it is not what it seems, and on a system that knows no time."""

import os
import subprocess
import sys
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.clock import Clock, instant
from edge.config.fault import Notes
from edge.config.table import Table

Faults = Callable[[str], list[str]]

PARIS = Clock(zone=zoneinfo.ZoneInfo("Europe/Paris"), stated=True)
HOUR_S = 3600


def _read(value: datetime, own: Clock = PARIS) -> tuple[int | None, str]:
    notes = Notes(file=Path("site.toml"), lines={})
    table = Table(values={"at": value}, where=(), known=("at",), notes=notes)
    return instant(table, "at", own), "\n".join(map(str, notes.faults))


_LOCAL = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 - local times are meant


@given(local=_LOCAL)
def test_a_local_time_is_read_or_a_fault_that_can_be_mended(local: datetime) -> None:
    found, fault = _read(local.replace(microsecond=0))
    if found is not None:
        assert fault == ""
        assert datetime.fromtimestamp(found, PARIS.zone).replace(tzinfo=None) == local.replace(microsecond=0)
        return
    mended = datetime.fromisoformat(fault.partition(" — write ")[2].split()[0])
    assert _read(mended) == (int(mended.timestamp()), "")


@given(minutes=st.integers(-180, 180))
def test_no_instant_around_a_change_of_clocks_is_read_as_another(minutes: int) -> None:
    for change in (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)):
        at = change + timedelta(minutes=minutes)
        found, fault = _read(at.astimezone(PARIS.zone).replace(tzinfo=None))
        assert found in {None, int(at.timestamp())}
        # In autumn the hour before the change and the hour after it have the same name.
        twice = change.month == 10 and -60 <= minutes < 60
        assert (found is None) is twice is ("comes twice" in fault)


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_the_hour_that_spring_skips_never_comes(minute: int) -> None:
    found, fault = _read(datetime(2026, 3, 29, 2, minute))  # noqa: DTZ001 - same
    assert found is None
    assert f"never comes: the clocks are put forward then — write 2026-03-29T03:{minute:02}:00+02:00" in fault


def test_an_offset_is_believed_whatever_the_place() -> None:
    at = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert _read(at) == _read(at, Clock()) == (int(at.timestamp()), "")


def test_a_system_without_time_zones_says_so_and_reads_what_needs_none(whole: str, full: str, folder: Path) -> None:
    for name, text in (("plain", whole), ("placed", full)):
        (folder / f"{name}.toml").write_text(text)
    code = "import sys\nfrom pathlib import Path\nfrom edge.config import load\nload(Path(sys.argv[1]))"
    # -S: the tzdata package of a virtual environment counts as well.
    command = [sys.executable, "-S", "-c", code]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONTZPATH": "", "PATH": os.environ["PATH"]}
    plain, placed = (
        subprocess.run(
            [*command, str(folder / f"{name}.toml")], env=environment, capture_output=True, text=True, check=False
        )
        for name in ("plain", "placed")
    )
    assert (plain.returncode, plain.stderr) == (0, "")
    words = "place.time_zone: cannot be looked up: this system knows no time zones — apt-get install tzdata"
    assert placed.stderr.rstrip().splitlines()[-1].endswith(f"placed.toml:6: {words}")
