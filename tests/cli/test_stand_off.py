"""`passant stand-off`: the sum by hand, and each bollard of a site with what its camera sees."""

import re
from pathlib import Path

import pytest

from edge.__main__ import main
from tests.cli.drawn_site import write_drawn


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["stand-off", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_sum_is_told_with_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--speed", "50", "--rise", "4", "--detect", "2", "--broker", "0.3", "--margin", "1")
    assert code == 0
    assert out.splitlines()[-1] == "in all      7.3 s: at 50 km/h the camera must see 101 m upstream"


def test_each_bollard_is_held_against_what_is_seen_of_its_street(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = write_drawn(tmp_path)
    code, out, _ = told(capsys, "--site", str(site), "--speed", "5")
    assert code == 0
    head, *sides = out.splitlines()
    # 5 km/h for 2 s, 0.3 s, 3.5 s and 1 s.
    assert head == "bollard north, up in 3.5 s: at 5 km/h it needs 9 m upstream"
    assert len(sides) == 2
    # The zone reaches from x = -5 to 5 and 7 m; the bollard's line lies at x = -5.
    assert any("heavy-vehicle 12 m; enough" in side for side in sides)
    code, out, _ = told(capsys, "--site", str(site), "--speed", "50")
    assert any("too near, enough up to 6 km/h" in side for side in out.splitlines())


def test_a_rise_that_is_given_overrules_the_sites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "--site", str(write_drawn(tmp_path)), "--rise", "10")
    assert "bollard north, up in 10 s" in out


@pytest.mark.parametrize(
    ("without", "mend"),
    [("bollards", "write one"), ("ground", r"write \[ground\]"), ("size", "write it"), ("points", "measure")],
)
def test_a_site_that_cannot_tell_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], without: str, mend: str
) -> None:
    code, out, err = told(capsys, "--site", str(write_drawn(tmp_path, without=without)), "--speed", "30")
    assert (code, out) == (1, "")
    assert re.search(f"— .*{mend}", err)
    assert err.startswith(str(tmp_path))


def test_without_a_rise_there_is_nothing_to_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(capsys, "--speed", "30")
    assert code == 1
    assert "give --rise S, or --site SITE" in err


@pytest.mark.parametrize("words", [["--speed", "fast"], ["--rise", "-1"], ["--detect", "nan"], ["--broker", "1e9"]])
def test_what_is_no_number_of_a_street_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["stand-off", *words])
    assert "is no number from 0 to" in capsys.readouterr().err
