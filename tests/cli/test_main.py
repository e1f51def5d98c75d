import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edge import __version__
from edge.__main__ import COMMANDS, main
from edge.cli import capacity


def test_help_lists_every_command_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = " ".join(capsys.readouterr().out.split())
    for name, (_, purpose) in COMMANDS.items():
        assert f"{name} {purpose}" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"usage: passant {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "options"),
    [(["bench", "accuracy"], ["--data DIR", "--fps N", "--json"]), (["bench", "speed"], ["--clip FILE"])],
)
def test_what_is_benched_is_said_with_each_option(
    words: list[str], options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    out = capsys.readouterr().out
    assert f"`passant {' '.join(words)}`: " in out
    for option in options:
        assert re.search(rf"^  {option} +\w+|^  {option}\n +\w+", out, re.MULTILINE)


def test_no_command_and_an_unknown_one_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["chekc"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 2
        assert "usage: passant" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["models"], ["capacity"], ["--help"], ["check", "--help"], ["check", "away.toml"]])
@pytest.mark.parametrize("is_buffered", [True, False])
def test_a_reader_that_has_left_is_no_crash(words: list[str], is_buffered: bool) -> None:  # noqa: FBT001  pytest's
    near, far = os.pipe()
    os.close(near)
    told_near, told = os.pipe()
    env = {**os.environ, "PYTHONUNBUFFERED": "" if is_buffered else "1"}
    # What check says of a missing file goes to stderr: there the reader is gone, too.
    stderr = far if "away.toml" in words else told
    command = [sys.executable, "-m", "edge", *words]
    result = subprocess.run(command, stdout=far, stderr=stderr, check=False, cwd=Path(__file__).parents[2], env=env)
    os.close(far)
    os.close(told)
    with os.fdopen(told_near, "rb") as stream:
        assert stream.read() == b""
    # argparse itself swallows what goes wrong while it writes.
    assert result.returncode == (0 if "--help" in words and not is_buffered else 141)


def test_a_connection_that_broke_is_not_mistaken_for_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(capacity, "run", broken)
    with pytest.raises(BrokenPipeError):
        main(["capacity"])


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"passant {__version__}\n"


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("check", {"numpy", "cv2", "paho", "ssl", "http", "sqlite3"}),
        ("publisher", {"numpy", "cv2", "edge.vision", "ai_edge_litert"}),
        ("vision", {"paho", "ssl", "http", "sqlite3", "edge.publisher"}),
    ],
)
def test_a_command_loads_nothing_of_the_other_side(name: str, never: set[str]) -> None:
    program = (
        "import sys\nfrom edge.__main__ import main\n"
        f"try:\n    main([{name!r}, '--help'])\nexcept SystemExit:\n    print('loaded', *sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    loaded = set(result.stdout.split("loaded ")[1].split())
    assert "edge.config" in loaded or name != "check"
    assert not loaded & never
