"""A device on which Passant is installed as services: this very machine, or one that is reached by ssh.

Commands run as root: log in as root, or as a user who may `sudo -n`. The product is `passant.target` with its two
services, its site file /etc/passant/site.toml, its state /var/lib/passant.
"""

import os
import shlex
import signal
import subprocess
import time
from pathlib import PurePath, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from hwtests.device import Answer, DeviceError
from hwtests.wiring import ABILITIES, relay

_PASSANT: Final = "/opt/passant/bin/passant"
_PYTHON: Final = "/opt/passant/bin/python"
_TARGET: Final = "passant.target"
_TABLE: Final = "passant_hwtests"
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
# However a tester's machine dies, the device has its network back after this.
_GIVE_BACK_S: Final = 300
_BOOT_S: Final = 300.0
_SSH: Final = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15")


class Installed:
    """Services under systemd; `target` is `user@host`, or empty for this machine."""

    def __init__(self, target: str = "") -> None:
        self.name = target or "local"
        self.site: PurePath = PurePosixPath("/etc/passant/site.toml")
        self.broker = os.environ.get("PASSANT_BROKER") or None
        self._target = target
        self._power = relay("PASSANT_RELAY")
        self._root = self._run(("id", "-u")).out.strip() == "0"
        if not self._root and self._run(("sudo", "-n", "true")).code != 0:
            raise DeviceError(f"{self.name}: this user is not root and may not sudo -n — let it, or log in as root")
        if self.run("test", "-x", _PASSANT).code != 0:
            raise DeviceError(f"{self.name}: there is no {_PASSANT} — install Passant on the device first")

    def lacks(self, what: str) -> str | None:
        """Tell by the wiring, and by what the device has."""
        if what == "power":
            return None if self._power else ABILITIES[what]
        if what == "camera":
            return None if relay("PASSANT_CAMERA_RELAY") else ABILITIES[what]
        if what in {"broker", "network"} and self.broker is None:
            return ABILITIES["broker"]
        if what == "network" and self.run("nft", "--version").code != 0:
            return "nft is not installed on the device"
        # What is left - watchdog, memory, speed - an installed device has.
        return ABILITIES[what] if what == "injection" else None

    def run(self, *command: str, timeout_s: float = 60.0, given: str = "") -> Answer:
        """Run a command as root."""
        return self._run(command if self._root else ("sudo", "-n", *command), timeout_s, given)

    def _run(self, command: tuple[str, ...], timeout_s: float = 60.0, given: str = "") -> Answer:
        words = [*_SSH, self._target, "--", shlex.join(command)] if self._target else list(command)
        try:
            ended = subprocess.run(words, input=given, capture_output=True, text=True, timeout=timeout_s, check=False)
        except subprocess.TimeoutExpired:
            raise DeviceError(f"{self.name}: {command[0]} did not end within {timeout_s:.0f} s") from None
        except OSError as error:
            raise DeviceError(f"{self.name}: {words[0]}: {error.strerror}") from None
        if self._target and ended.returncode == 255:  # noqa: PLR2004  ssh's own failure
            raise DeviceError(f"{self.name} is not reached: {ended.stderr.strip()} — try ssh {self._target} true")
        return Answer(code=ended.returncode, out=ended.stdout, err=ended.stderr)

    def passant(self, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run the installed `passant`."""
        return self.run(_PASSANT, *words, timeout_s=timeout_s)

    def python(self, program: str, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run a program under the installed Python."""
        return self.run(_PYTHON, "-P", "-", *words, timeout_s=timeout_s, given=program)

    def read(self, path: str) -> str:
        """Read a file of the device."""
        answer = self.run("cat", path)
        if answer.code != 0:
            raise DeviceError(f"{self.name}: {answer.err.strip()}")
        return answer.out

    def start(self) -> None:
        """Start the target."""
        self._systemctl("start", _TARGET)

    def stop(self) -> None:
        """Stop both services; the socket goes with the target."""
        self._systemctl("stop", _TARGET, "passant-vision.service", "passant-publisher.service")

    def _systemctl(self, *words: str) -> None:
        answer = self.run("systemctl", *words, timeout_s=120.0)
        if answer.code != 0:
            raise DeviceError(f"{self.name}: systemctl {words[0]}: {answer.err.strip()}")

    def pid(self, unit: str) -> int | None:
        """Ask systemd."""
        told = self.run("systemctl", "show", "--property=MainPID", "--value", f"passant-{unit}.service").out.strip()
        return int(told) if told.isdecimal() and int(told) else None

    def signal(self, unit: str, number: int) -> None:
        """Send a signal to the main process."""
        pid = self.pid(unit)
        if pid is None:
            raise DeviceError(f"{self.name}: {unit} does not run")
        self.run("kill", f"-{signal.Signals(number).name.removeprefix('SIG')}", str(pid))

    def cut_network(self) -> None:
        """Drop what goes to the broker's port, and have systemd give it back should we not."""
        parts = urlsplit(self.broker or "")
        port = parts.port or _PORTS.get(parts.scheme, _PORTS["mqtts"])
        rules = (
            f"table inet {_TABLE} {{ chain out {{ type filter hook output priority 0; tcp dport {port} drop; }} "
            f"chain in {{ type filter hook input priority 0; tcp sport {port} drop; }} }}"
        )
        undo = ("nft", "delete", "table", "inet", _TABLE)
        self.run("systemd-run", "--collect", f"--on-active={_GIVE_BACK_S}", *undo)
        if self.run("nft", "-f", "-", given=rules).code != 0:
            raise DeviceError(f"{self.name}: nft refuses the rules — look whether the kernel has nf_tables")

    def join_network(self) -> None:
        """Take the rules away."""
        self.run("nft", "delete", "table", "inet", _TABLE)

    def cut_power(self) -> None:
        """Switch the plug off."""
        if self._power is None:
            raise DeviceError(ABILITIES["power"])
        self._power.off()

    def give_power(self) -> None:
        """Switch it on, and wait until the device answers."""
        if self._power is None:
            raise DeviceError(ABILITIES["power"])
        self._power.on()
        end_s = time.monotonic() + _BOOT_S
        while time.monotonic() < end_s:
            try:
                if self._run(("true",)).code == 0:
                    return
            except DeviceError:
                time.sleep(2.0)
        raise DeviceError(f"{self.name} does not come back within {_BOOT_S:.0f} s — look at it")

    def close(self) -> None:
        """Let it run again."""
        self.join_network()
        self.start()
