"""`passant capacity`: the bound in bits, for the largest site and for one's own."""

from pathlib import Path

import pytest

from edge.__main__ import main
from edge.contract.capacity import PUBLISHED_BITS_PER_HOUR, PUBLISHED_BITS_PER_MESSAGE
from edge.contract.report import WindowReport
from edge.contract.stills import LEAST_GAP_S, MOST_BYTES
from tests.sites import write_site


def _total(printed: str) -> int:
    (last,) = (line.split() for line in printed.splitlines() if line.startswith("all"))
    assert last[-3:] == ["bits", "an", "hour"]
    return int(last[1].replace(",", ""))


def test_without_a_site_it_prints_the_published_bound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capacity"]) == 0
    printed = capsys.readouterr().out
    assert _total(printed) <= PUBLISHED_BITS_PER_HOUR
    assert f"{PUBLISHED_BITS_PER_MESSAGE[WindowReport]:,} bits each" in printed


def test_a_site_of_ones_own_lets_less_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = []
    for lines, said in ((1, "1 line"), (5, "5 lines")):
        assert main(["capacity", str(write_site(tmp_path, port=1, lines=lines))]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"{said}, 1 zone, windows of 60 s, no alarms: at most")
        totals.append(_total(printed))
    assert totals[0] < totals[1] < PUBLISHED_BITS_PER_HOUR


def test_the_stills_are_told_and_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capacity"]) == 0
    told = " ".join(capsys.readouterr().out.splitlines()[-3:])
    assert f"at most {1 / LEAST_GAP_S:g} a second of at most {MOST_BYTES // 1024:,} kB" in told
    assert "never cross to the publisher" in told


def test_a_broken_site_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = write_site(tmp_path, port=1)
    site.write_text("version = 2")
    assert main(["capacity", str(site)]) == 1
    assert "site.toml:1: version" in capsys.readouterr().err
