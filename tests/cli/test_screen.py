"""The screen on a real pseudo-terminal, and before a reader that has gone."""

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

import pytest

from edge.cli.screen import Screen, wrapped

WORDS = "processes  vision: the pixels, no network; publisher: the network, no pixels"


@contextmanager
def terminal(columns: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Screen, int]]:
    """Open a terminal of a size; gives a screen on it and what reads it."""
    for name, value in (("COLUMNS", str(columns)), ("LINES", str(rows)), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        yield Screen(stream), reader
    os.close(reader)


def _read(reader: int) -> str:
    return os.read(reader, 65_536).decode().replace("\r\n", "\n")


def test_what_is_drawn_is_cut_to_the_terminal_and_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(20, 5, monkeypatch) as (screen, reader):
        screen.draw([f"{n} {'x' * 30}" for n in range(9)])
        first = _read(reader)
        assert first.splitlines() == [f"{n} {'x' * 18}" for n in range(4)]
        screen.draw(["short"])
        assert _read(reader) == "\x1b[4F\x1b[Jshort\n"


def test_what_stays_wraps_at_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(40, 5, monkeypatch) as (screen, reader):
        screen.draw(["first window"])
        _read(reader)
        screen.keep([WORDS, ""])
        assert _read(reader) == (
            "\x1b[1F\x1b[Jprocesses  vision: the pixels, no\n"
            "           network; publisher: the\n"
            "           network, no pixels\n\n"
        )
        screen.draw(["again"])
        assert _read(reader) == "again\n"


def test_a_long_word_stays_whole() -> None:
    assert wrapped(f"pictures  /{'long' * 9}", 20)[-1].strip() == f"/{'long' * 9}"
    assert wrapped("zone a, newest window: none", 20) == ["zone a, newest", "  window: none"]


def test_elsewhere_lines_come_once_and_whole(capfd: pytest.CaptureFixture[str]) -> None:
    with os.fdopen(os.dup(1), "w") as stream:
        screen = Screen(stream)
        screen.draw(["never"])
        screen.keep([WORDS * 3])
        screen.say("said")
    assert capfd.readouterr().out == f"{WORDS * 3}\nsaid\n"


def test_a_reader_that_has_gone_is_told_where_it_can_be_acted_on() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as pipe, TextIOWrapper(pipe, write_through=True) as stream:
        screen = Screen(stream)
        screen.draw(["nothing"])
        screen.say("in any thread")
        with pytest.raises(BrokenPipeError):
            screen.draw(["nothing"])
