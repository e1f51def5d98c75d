"""Options, the device, and the report. `pytest hwtests --device here --report report.html`."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from edge.cli.watch import Watcher, broker_at, watching
from hwtests.device import Device, DeviceError
from hwtests.here import Here
from hwtests.installed import Installed
from hwtests.lock import locked
from hwtests.page import page
from hwtests.post import Post
from hwtests.record import Record, Result
from hwtests.relay import RelayError

_RECORD = pytest.StashKey[Record]()
_READY_S = 30.0
_SSH = "ssh://"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("passant hwtests")
    group.addoption("--device", metavar="DEVICE", help="here, local or ssh://user@host")
    group.addoption("--report", type=Path, metavar="FILE", help="a page with plots for the tester to sign")
    heat = "work the model so long and watch the heat; 30 is usual, default: not at all"
    group.addoption("--heat-minutes", type=float, default=0.0, metavar="N", help=heat)
    soak = "watch it work so long; 1440 is a day, default: half a minute"
    group.addoption("--soak-minutes", type=float, default=0.5, metavar="N", help=soak)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RECORD] = Record(began=time.strftime("%Y-%m-%d %H:%M"))


@pytest.fixture(scope="session")
def record(pytestconfig: pytest.Config) -> Record:
    return pytestconfig.stash[_RECORD]


def _opened(name: str) -> Device:
    if name == "here":
        return Here()
    if name == "local":
        return Installed()
    if name.startswith(_SSH):
        return Installed(name.removeprefix(_SSH))
    raise DeviceError(f"{name} is no device — --device here, local or ssh://user@host")


@pytest.fixture(scope="session")
def device(pytestconfig: pytest.Config, record: Record) -> Iterator[Device]:
    """Give the device, for us alone, its product stopped."""
    name = pytestconfig.getoption("--device")
    if not name:
        pytest.exit("which device? --device here, local or ssh://user@host", returncode=4)
    record.device = name
    try:
        found = _opened(name)
        try:
            # An emulated one is everybody's own.
            with nullcontext() if name == "here" else locked(found):
                found.stop()
                yield found
        finally:
            found.close()
    except (DeviceError, RelayError) as error:
        pytest.exit(str(error), returncode=4)


@pytest.fixture(scope="session")
def examination(device: Device, record: Record) -> dict[str, dict[str, Any]]:
    """Ask `passant doctor` on the device while the product does not run; findings by the checks' names."""
    answer = device.passant("doctor", str(device.site), "--json")
    try:
        document = json.loads(answer.out)
    except ValueError:
        raise AssertionError(f"passant doctor gave no document: {answer.err.strip()[-500:]}") from None
    record.software = str(document["software"])
    return {finding["name"]: finding for finding in document["findings"]}


@pytest.fixture
def fit(examination: dict[str, dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Hold a check of the doctor's: fails where it failed, skips where it was not here; gives its figures."""

    def held(name: str, *, warned: bool = True) -> dict[str, Any]:
        finding = examination[name]
        told = f"{name}: {finding['said']} — {finding['mend']}".removesuffix(" — ")
        if finding["verdict"] == "not here":
            pytest.skip(told)
        assert finding["verdict"] in ({"pass", "warn"} if warned else {"pass"}), told
        figures = finding["figures"]
        assert isinstance(figures, dict)
        return figures

    return held


@pytest.fixture
def able(device: Device) -> Callable[[str], None]:
    """Skip where the device cannot do something."""

    def asked(what: str) -> None:
        why = device.lacks(what)
        if why is not None:
            pytest.skip(why)

    return asked


@pytest.fixture(scope="session")
def working(device: Device, examination: dict[str, dict[str, Any]]) -> Device:
    """Give the device with its product at work, once it has been looked at without."""
    assert examination
    device.start()
    return device


@pytest.fixture(scope="session")
def post(device: Device) -> Iterator[Post]:
    """Subscribe at the device's broker."""
    if device.broker is None:
        pytest.skip(str(device.lacks("broker")))
    collected = Post()
    with Watcher(watching(broker_at(device.broker)), collected.add, say=lambda _: None) as watcher:
        assert watcher.ready(_READY_S), f"no subscription at {device.broker}"
        yield collected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:  # noqa: ANN401  pytest's own
    report = yield
    # A test that passes does so in its own time; one that fails or is skipped may do so before.
    if report.when == "call" or report.outcome != "passed":
        item.config.stash[_RECORD].results.append(
            Result(test=_title(item), outcome=report.outcome, seconds=report.duration, why=_why(report, call))
        )
    return report


def _title(item: pytest.Item) -> str:
    part = Path(item.location[0]).stem.removeprefix("test_").replace("_", " ")
    return f"{part}: {item.name.removeprefix('test_').replace('_', ' ')}"


def _why(report: pytest.TestReport, call: pytest.CallInfo[None]) -> str:
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    if report.outcome == "failed" and call.excinfo is not None:
        return str(call.excinfo.value).partition("\n")[0] or call.excinfo.typename
    return ""


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401  pytest's own
    record = config.stash[_RECORD]
    terminalreporter.write_line(
        f"{record.device}: {record.verdict}; {record.count('failed')} failed, {record.count('skipped')} not tested, "
        f"{record.count('passed')} passed"
    )
    path = config.getoption("--report")
    if path is not None:
        path.write_text(page(record), encoding="utf-8")
        terminalreporter.write_line(f"report     {path}")
