"""Reports without an answer: on disk before they count, in order, bounded, and known when damaged."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract import bounds
from edge.contract.report import WindowReport
from edge.vision.durable import DamagedError, read_durable, write_durably
from edge.vision.reports import ReportStore


def report(sequence: int) -> WindowReport:
    return WindowReport(
        sequence=sequence,
        site=1,
        model=2,
        window_start_s=bounds.WINDOW_START_S.least + 60 * sequence,
        window_s=60,
        revision=0,
        observed_permille=1000,
        replay=False,
        isolated=True,
        lines=(),
        zones=(),
    )


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow: what a full disk does, without root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_report_is_there_after_a_restart_until_it_is_forgotten(tmp_path: Path) -> None:
    assert ReportStore(tmp_path).add(report(7))
    assert ReportStore(tmp_path).read(7) == report(7)
    ReportStore(tmp_path).forget(7)
    assert ReportStore(tmp_path).sequences() == ()
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["add", "forget", "restart"]), max_size=30), st.randoms(use_true_random=False))
def test_the_store_holds_what_was_added_and_not_forgotten(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], random: object
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store, expected, sequence = ReportStore(folder), list[int](), 0
    for step in steps:
        if step == "add":
            sequence += 1
            store.add(report(sequence))
            expected.append(sequence)
        elif step == "forget" and expected:
            store.forget(expected.pop(getattr(random, "randrange")(len(expected))))  # noqa: B009  Random has no stub here
        else:
            store = ReportStore(folder)
        assert store.sequences() == tuple(expected)
        assert store.waiting == len(expected)
    assert [store.read(one) for one in expected] == [report(one) for one in expected]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "longer", "another"])
def test_a_damaged_report_is_set_aside_and_counted_and_the_others_stay(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = ReportStore(tmp_path)
    store.add(report(1))
    store.add(report(2))
    path = tmp_path / "0000000001.report"
    content = path.read_bytes()
    path.write_bytes(
        {
            "flip": content[:9] + bytes((content[9] ^ 1,)) + content[10:],
            "cut": content[:-1],
            "empty": b"",
            "longer": content + b"\0",
            "another": (tmp_path / "0000000002.report").read_bytes(),
        }[damage]
    )
    store = ReportStore(tmp_path)
    assert store.read(1) is None
    assert store.lost == 1
    assert store.sequences() == (2,)
    assert store.read(2) == report(2)
    assert (tmp_path / "0000000001.damaged").exists()
    assert "damaged" in caplog.text


def test_damaged_reports_are_not_gathered_for_ever(tmp_path: Path) -> None:
    store = ReportStore(tmp_path)
    for sequence in range(1, 41):
        store.add(report(sequence))
        (tmp_path / f"{sequence:010d}.report").write_bytes(b"damage")
        store.read(sequence)
    assert store.lost == 40
    assert len(list(tmp_path.glob("*.damaged"))) == 16


def test_the_oldest_goes_when_too_many_wait(tmp_path: Path) -> None:
    store = ReportStore(tmp_path, most=3)
    for sequence in range(1, 6):
        store.add(report(sequence))
    assert store.sequences() == (3, 4, 5)
    assert store.lost == 2
    assert ReportStore(tmp_path).sequences() == (3, 4, 5)


def test_on_a_full_disk_a_report_is_held_in_memory_and_written_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ReportStore(tmp_path)
    store.add(report(1))
    with full_disk():
        assert not store.add(report(2))
        assert not store.write_held()
    assert "free some disk space" in caplog.text
    assert store.sequences() == (1, 2)
    assert store.read(2) == report(2)
    assert ReportStore(tmp_path).sequences() == (1,)
    assert store.write_held()
    assert ReportStore(tmp_path).sequences() == (1, 2)


def test_a_draft_left_by_a_crash_is_removed(tmp_path: Path) -> None:
    (tmp_path / "0000000009.report.draft").write_bytes(b"half")
    assert ReportStore(tmp_path).sequences() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_synced_then_named_then_its_folder_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(number: int) -> None:
        steps.append(f"sync {Path(f'/proc/self/fd/{number}').resolve().name}")
        fsync(number)

    def note_replace(path: Path, target: Path) -> Path:
        steps.append(f"name {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_durably(tmp_path / "file", b"content")
    assert steps == ["sync file.draft", "name file", f"sync {tmp_path.name}"]


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"old")
    with full_disk(), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        write_durably(tmp_path / "file", b"new")
    assert read_durable(tmp_path / "file") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@given(st.binary(max_size=64), st.data())
def test_any_flipped_bit_is_known(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped"
    write_durably(path, content)
    assert read_durable(path) == content
    written = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(written) - 1))
    written[bit // 8] ^= 1 << bit % 8
    path.write_bytes(written)
    with pytest.raises(DamagedError):
        read_durable(path)
