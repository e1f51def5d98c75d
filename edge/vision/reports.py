"""Reports that the publisher has not answered yet: one small file of numbers each, in vision's state folder."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.contract import wire
from edge.contract.report import WindowReport
from edge.vision.durable import DamagedError, read_durable, sync_folder, write_durably

_log = logging.getLogger(__name__)

# A week of windows of one minute.
MOST_WAITING: Final = 10_080
_MOST_DAMAGED: Final = 16


class ReportStore:
    """The reports in one folder, by sequence number; for one thread.

    What cannot be written, on a full disk, is held in memory and tried again. Beyond `most` the oldest goes.
    """

    def __init__(self, folder: Path, most: int = MOST_WAITING) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lost = 0
        """How many reports were dropped or found damaged since the start."""
        self._folder = folder
        self._most = most
        self._unwritten: dict[int, WindowReport] = {}
        for draft in folder.glob("*.draft"):
            draft.unlink()
        self._written = sorted(int(path.stem) for path in folder.glob("*.report") if path.stem.isdecimal())

    @property
    def waiting(self) -> int:
        """How many reports have no answer."""
        return len(self._written) + len(self._unwritten)

    def sequences(self) -> tuple[int, ...]:
        """List the sequence numbers of the reports without an answer, the oldest first."""
        return tuple(sorted((*self._written, *self._unwritten)))

    def add(self, report: WindowReport) -> bool:
        """Keep a report until it is forgotten; tell whether it is on disk and synced."""
        self._unwritten[report.sequence] = report
        while self.waiting > self._most:
            self._drop_oldest()
        return self.write_held()

    def write_held(self) -> bool:
        """Try to write what could not be written before; tell whether all is on disk."""
        for sequence, report in sorted(self._unwritten.items()):
            try:
                write_durably(self._path(sequence), wire.encode(report))
            except OSError as error:
                _log.warning("report %d is in memory only: %s; free some disk space", sequence, error.strerror or error)
                return False
            del self._unwritten[sequence]
            self._written.append(sequence)
        return True

    def read(self, sequence: int) -> WindowReport | None:
        """Read a report; None where its file is damaged, which is then set aside and counted as lost."""
        if sequence in self._unwritten:
            return self._unwritten[sequence]
        try:
            return _decoded(read_durable(self._path(sequence)), sequence)
        except (OSError, DamagedError, wire.ContractError) as error:
            _log.error("report %d is damaged (%s) and set aside; look after the disk", sequence, type(error).__name__)
            self._set_aside(sequence)
            return None

    def forget(self, sequence: int) -> None:
        """Remove a report that was answered; an unknown one is none."""
        self._unwritten.pop(sequence, None)
        if sequence in self._written:
            self._written.remove(sequence)
            # One that cannot be removed is sent again after a restart, and known there by its number.
            with suppress(OSError):
                self._path(sequence).unlink()

    def _path(self, sequence: int) -> Path:
        return self._folder / f"{sequence:010d}.report"

    def _drop_oldest(self) -> None:
        oldest = self.sequences()[0]
        self.lost += 1
        _log.error("report %d is dropped: %d wait already; see why the publisher takes none", oldest, self._most)
        self.forget(oldest)

    def _set_aside(self, sequence: int) -> None:
        self.lost += 1
        self._written.remove(sequence)
        with suppress(OSError):
            self._path(sequence).rename(self._path(sequence).with_suffix(".damaged"))
            for oldest in sorted(self._folder.glob("*.damaged"))[:-_MOST_DAMAGED]:
                oldest.unlink()
            sync_folder(self._folder)


def _decoded(content: bytes, sequence: int) -> WindowReport:
    report = wire.decode(content, (WindowReport,))
    if not isinstance(report, WindowReport) or report.sequence != sequence:
        raise DamagedError("the report is another one")
    return report
