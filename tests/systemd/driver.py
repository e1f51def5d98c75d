"""What is tried inside the machine, under its systemd: `python3 -m tests.systemd.driver FOLDER` writes found.json."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

UNITS = ("passant-vision.service", "passant-publisher.service")
ALL = ("passant.target", "passant-publisher.socket", *UNITS)
TIMES = 3
PATIENCE_S = 90.0
# So that a hang need not be waited for as long as on a street.
SHORT_WATCHDOG = "[Service]\nWatchdogSec=6\n"
PROBES = "[Service]\nType=exec\nExecStart=\nExecStart=/usr/bin/python3 -B -m tests.systemd.probes {side}\nRestart=no\n"
# A site file that is not there, and less patience with it.
BROKEN = """[Unit]
StartLimitBurst=4
[Service]
ExecStart=
ExecStart=/opt/passant/bin/passant vision /etc/passant/nothing.toml
RestartSec=100ms
RestartSteps=0
"""
PLACE = "WorkingDirectory=/src\nStandardOutput=truncate:/trial/{side}.json\n"


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def checked(*command: str) -> str:
    done = run(*command)
    if done.returncode or done.stderr:
        raise AssertionError(f"{command}: {done.returncode} {done.stderr}")
    return done.stdout


def shown(unit: str, name: str) -> str:
    return checked("systemctl", "show", "--value", f"--property={name}", unit).strip()


def wait(until: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > end_s:
            log = run("journalctl", "--no-pager", "--lines=60", "--output=cat").stdout
            raise AssertionError(f"{what}\n{log}")
        time.sleep(0.1)


class Events:
    """What comes to the broker."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        command = ["mosquitto_sub", "-t", "passant/#", "-F", "%t"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if "/status" not in line and "/health" not in line and "/about" not in line:
                self._lines.put(line.strip())

    def forget(self) -> None:
        while not self._lines.empty():
            self._lines.get()

    def next(self) -> str:
        try:
            return self._lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            log = run("journalctl", "--no-pager", "--lines=60", "--output=cat").stdout
            raise AssertionError(f"no event came\n{log}") from None


def verified() -> dict[str, Any]:
    done = run("systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", *ALL)
    return {"code": done.returncode, "said": done.stdout + done.stderr}


def struck(events: Events, number: signal.Signals) -> dict[str, int]:
    """Send a signal to both processes, three times, each time wait until both work again; how often each came back."""
    back = dict.fromkeys(UNITS, 0)
    for _ in range(TIMES):
        before = {unit: (shown(unit, "MainPID"), int(shown(unit, "NRestarts"))) for unit in UNITS}
        for pid, _restarts in before.values():
            os.kill(int(pid), number)
        for unit, (pid, restarts) in before.items():
            wait(lambda unit=unit, n=restarts: int(shown(unit, "NRestarts")) > n, f"{unit} is not started again")
            wait(lambda unit=unit: shown(unit, "ActiveState") == "active", f"{unit} does not work again")
            back[unit] += shown(unit, "MainPID") != pid
        events.forget()
        events.next()
    return back


def settings(unit: str, text: str) -> Path:
    path = Path(f"/run/systemd/system/{unit}.d/trial.conf")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    checked("systemctl", "daemon-reload")
    return path


def hung(events: Events) -> dict[str, Any]:
    for unit in UNITS:
        settings(unit, SHORT_WATCHDOG)
    checked("systemctl", "restart", *UNITS)
    events.forget()
    events.next()
    back = struck(events, signal.SIGSTOP)
    timeouts = {
        unit: run("journalctl", "--no-pager", "--unit", unit, "--output=cat").stdout.count("Watchdog timeout")
        for unit in UNITS
    }
    return {"back": back, "timeouts": timeouts, "status": {unit: shown(unit, "StatusText") for unit in UNITS}}


def channel_lost(events: Events) -> str:
    """Take the channel away, with the publisher that needs it, and give both back; vision goes on all the while."""
    pid = shown(UNITS[0], "MainPID")
    checked("systemctl", "stop", "passant-publisher.socket", UNITS[1])
    time.sleep(2)
    events.forget()
    checked("systemctl", "start", "passant-publisher.socket", UNITS[1])
    events.next()
    return "same vision" if shown(UNITS[0], "MainPID") == pid else "another vision"


def given_up(events: Events) -> dict[str, Any]:
    """Have vision fail until systemd gives it up, and see what goes on; then mend it and start it by hand."""
    path = settings(UNITS[0], BROKEN)
    run("systemctl", "restart", UNITS[0])
    wait(lambda: shown(UNITS[0], "ActiveState") == "failed", "vision is not given up")
    found = {unit: shown(unit, "ActiveState") for unit in ALL}
    said = run("systemctl", "status", "--no-pager", UNITS[0]).stdout
    path.unlink()
    checked("systemctl", "daemon-reload")
    checked("systemctl", "reset-failed", UNITS[0])
    checked("systemctl", "start", "passant.target")
    events.forget()
    return {"states": found, "said": said, "after": events.next()}


def probed(side: str) -> dict[str, str]:
    """Run the probes in a unit's place."""
    unit = f"passant-{side}.service"
    settings(unit, PROBES.format(side=side) + PLACE.format(side=side))
    run("systemctl", "start", unit)
    wait(lambda: shown(unit, "ActiveState") in {"inactive", "failed"}, f"the probes in {unit} do not end")
    return dict(json.loads(Path(f"/trial/{side}.json").read_text()))


def tried() -> dict[str, Any]:
    # At a device's boot both come before any unit.
    told = run("systemd-sysusers").stderr + run("systemd-tmpfiles", "--create").stderr
    checked("systemctl", "restart", "systemd-journald.service")
    found: dict[str, Any] = {"verify": verified(), "told": told}
    events = Events()
    checked("systemctl", "start", "passant.target")
    found["first"] = events.next()
    found["isolation"] = run("journalctl", "--no-pager", "--output=cat", "--grep=isolation proven").stdout
    still = run("/opt/passant/bin/passant", "still", "--out", "/trial/still.jpg")
    found["still"] = {"code": still.returncode, "said": still.stdout + still.stderr}
    found["kills"] = struck(events, signal.SIGKILL)
    found["hangs"] = hung(events)
    found["channel"] = channel_lost(events)
    found["given up"] = given_up(events)
    checked("systemctl", "stop", "passant.target")
    found["stopped"] = {unit: shown(unit, "Result") for unit in UNITS}
    found["probes"] = {side: probed(side) for side in ("vision", "publisher")}
    found["unconfined"] = {
        side: json.loads(run(sys.executable, "-B", "-m", "tests.systemd.probes", side).stdout)
        for side in ("vision", "publisher")
    }
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "found.json.new").write_text(json.dumps(tried()))
    (folder / "found.json.new").rename(folder / "found.json")


if __name__ == "__main__":
    main()
