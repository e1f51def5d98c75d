"""One run of the command, from the look at INPUT to the name of OUTPUT. It sees no pixel: the worker does."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from edge.cli.anonymise.bar import Bar
from edge.cli.anonymise.inventory import Fault, Inventory, Item, of_file, of_folder
from edge.cli.anonymise.report import Report
from edge.cli.anonymise.stage import RefusedError, Stage, check_places
from edge.cli.anonymise.workshop import UnableError, Workshop
from edge.vision.files.orders import Order, Setup, Written

_STDOUT = "-"
_STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


class _StoppedError(Exception):
    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number


class Errand:
    """What was asked: INPUT, OUTPUT, where a report is to go, and how to mask."""

    def __init__(self, source: Path, output: Path, report: str | None, setup: Setup) -> None:
        self._given = source
        self._output = output.absolute()
        self._to = report
        self._setup = setup

    def run(self) -> int:
        """Do it; gives the exit code. Raises RefusedError where it cannot be begun."""
        is_folder = check_places(self._given, self._output)
        source = self._given.resolve()
        self._check_report(source)
        inventory = of_folder(source) if is_folder else of_file(source, self._output)
        report = Report(source=self._given, output=self._output, setup=self._setup)
        report.faults += inventory.faults
        report.skipped += inventory.skipped
        try:
            with _signals(), _stage(self._output, folder=is_folder) as stage:
                self._make(inventory, stage, report)
                if report.written or (is_folder and not report.faults):
                    _publish(stage, self._output)
        except _StoppedError as stopped:
            print(f"stopped by {stopped}; nothing was written", file=sys.stderr)
            return _STOPPED[stopped.number]
        except UnableError as error:
            print(error, file=sys.stderr)
            report.written.clear()
            report.faults += [Fault(name=one.name, cause="was not masked", mend=str(error)) for one in inventory.items]
            self._file(report)
            return 1
        self._say(report)
        return report.exit_code

    def _make(self, inventory: Inventory, stage: Stage, report: Report) -> None:
        workshop = Workshop(self._setup, stage.work)
        bar = Bar(sys.stderr, len(inventory.items))
        try:
            for number, item in enumerate(inventory.items):
                bar.begin(item.name)
                target = stage.work / f"{number}{item.write_as.ending}"
                made = workshop.make(_order(item, target), bar.show)
                report.ready = workshop.ready or report.ready
                if isinstance(made, Written):
                    self._take(stage, target, item, made, report)
                else:
                    target.unlink(missing_ok=True)
                    report.faults.append(Fault(name=item.name, cause=made.cause, mend=made.mend))
        finally:
            workshop.close()
            bar.clear()

    def _take(self, stage: Stage, target: Path, item: Item, made: Written, report: Report) -> None:
        try:
            stage.take(target, item.name)
        except OSError as error:
            cause = f"cannot be moved to its place ({error.strerror})"
            report.faults.append(Fault(name=item.name, cause=cause, mend="check the output's disk"))
        else:
            report.written.append((item, made))

    def _check_report(self, source: Path) -> None:
        if self._to is None or self._to == _STDOUT:
            return
        path = Path(self._to)
        # Where it would really be written: a link may lead into the input, or to what becomes the output.
        place, output = path.resolve(), self._output.parent.resolve() / self._output.name
        has_other_names = place.is_file() and place.stat().st_nlink > 1
        if place.is_relative_to(output) or place.is_relative_to(source) or has_other_names:
            raise RefusedError(path, "is the input or the output, or may be", "choose another file for the report")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise RefusedError(path, "cannot be written", "choose another file for the report")

    def _say(self, report: Report) -> None:
        base = self._given if self._given.is_dir() else self._given.parent
        for fault in report.faults:
            print(f"{base / fault.name}: {fault.cause} — {fault.mend}", file=sys.stderr)
        self._file(report)
        if self._to != _STDOUT:
            print("\n".join(report.summary()))

    def _file(self, report: Report) -> None:
        """Write the report in JSON, where one is asked for."""
        if self._to == _STDOUT:
            print(report.text(), end="")
        elif self._to is not None:
            _write_report(Path(self._to), report)


def _order(item: Item, target: Path) -> Order:
    return Order(
        source=str(item.source),
        kind=item.found.kind.value,
        read_as=item.found.name,
        write_as=item.write_as.name,
        target=str(target),
    )


def _publish(stage: Stage, output: Path) -> None:
    # What is whole gets its name, all of it.
    _hear_nothing()
    try:
        stage.publish()
    except OSError as error:
        raise RefusedError(output, f"cannot be made ({error.strerror})", "choose another output") from None


def _write_report(path: Path, report: Report) -> None:
    try:
        path.write_text(report.text(), encoding="utf-8")
    except OSError as error:
        raise RefusedError(path, f"cannot be written ({error.strerror})", "use --report - and a pipe") from None


@contextmanager
def _stage(output: Path, *, folder: bool) -> Iterator[Stage]:
    stage = Stage(output, folder=folder)
    try:
        yield stage
    finally:
        # A second Ctrl-C must not leave half of it behind.
        _hear_nothing()
        stage.discard()


@contextmanager
def _signals() -> Iterator[None]:
    # What whoever started us ignores stays ignored, as under nohup.
    heard = [number for number in _STOPPED if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _stop) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hear_nothing() -> None:
    for number in _STOPPED:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _StoppedError(signal.Signals(number))
