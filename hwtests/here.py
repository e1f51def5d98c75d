"""An emulated device: the product in a folder of its own, a drawn film as its camera, a real mosquitto, on loopback.

For the suite's own tests it can be made bad, by environment: PASSANT_HERE_TREE is another tree with edge/ and models/,
PASSANT_HERE_FILM "stuck" holds the picture still, PASSANT_HERE_STATE is another state folder, PASSANT_HERE_RUN are more
options of `passant run`.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Final

from hwtests import film
from hwtests.device import Answer, DeviceError
from hwtests.wiring import ABILITIES

FILM_S: Final = 60
_TREE: Final = Path(__file__).resolve().parents[1]
_STOP_S: Final = 75.0
_LISTEN_S: Final = 10.0
_OWN: Final = frozenset({"broker", "network", "injection"})
_SITE: Final = """\
version = 1
[device]
org = "hwtests"
id = "here"
[camera]
source = "clip:street.avi"
loop = true
pace = 2
{lines}[windows]
seconds = 60
[broker]
url = "mqtt://127.0.0.1:{port}"
"""


class Here:
    """The product on this machine; nothing of it is outside of one temporary folder."""

    name = "here"

    def __init__(self) -> None:
        if not shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin"):
            raise DeviceError("here: mosquitto is not installed — sudo apt install mosquitto")
        self._folder = Path(tempfile.mkdtemp(prefix="passant-here-"))
        self._tree = Path(os.environ.get("PASSANT_HERE_TREE", _TREE))
        self._state = Path(os.environ.get("PASSANT_HERE_STATE", self._folder / "state"))
        self._port = _free_port()
        self._mosquitto: subprocess.Popen[bytes] | None = None
        self._product: subprocess.Popen[bytes] | None = None
        self._written = self._folder / "site.toml"
        self.site: PurePath = self._written
        self.broker: str | None = f"mqtt://127.0.0.1:{self._port}"
        self._draw()
        self.join_network()

    def _draw(self) -> None:
        stuck = os.environ.get("PASSANT_HERE_FILM", "")
        script = Path(film.__file__).read_text(encoding="utf-8")
        drawn = self.python(script, str(self._folder / "street.avi"), str(FILM_S), *filter(None, [stuck]))
        if drawn.code != 0:
            raise DeviceError(f"here: the film cannot be drawn: {drawn.err}")
        self._written.write_text(_SITE.format(lines=film.LINES, port=self._port), encoding="utf-8")
        settings = f"listener {self._port} 127.0.0.1\nallow_anonymous true\nuser root\n"
        (self._folder / "mosquitto.conf").write_text(settings, encoding="utf-8")

    def lacks(self, what: str) -> str | None:
        """Tell why: a drawn camera has no plug, and `passant run` is no service manager."""
        if what == "camera":
            return "the camera is a drawn film: it has no plug"
        if what == "power":
            return "the device is a process: it has no power of its own"
        return None if what in _OWN else ABILITIES[what]

    def run(self, *command: str, timeout_s: float = 60.0, given: str = "") -> Answer:
        """Run a command on this machine."""
        env = {**os.environ, "PYTHONPATH": str(self._tree), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = subprocess.run(
                command, input=given, capture_output=True, text=True, timeout=timeout_s, env=env, check=False
            )
        except subprocess.TimeoutExpired:
            raise DeviceError(f"here: {command[0]} did not end within {timeout_s:.0f} s") from None
        return Answer(code=ended.returncode, out=ended.stdout, err=ended.stderr)

    def passant(self, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run `passant …` from the tree; `doctor` is told the state folder."""
        state = ("--state", str(self._state)) if words[0] == "doctor" else ()
        return self.run(sys.executable, "-P", "-m", "edge", *words, *state, timeout_s=timeout_s)

    def python(self, program: str, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run a program under this Python."""
        return self.run(sys.executable, "-P", "-", *words, timeout_s=timeout_s, given=program)

    def read(self, path: str) -> str:
        """Read a file of this machine."""
        try:
            return Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise DeviceError(f"here: {path}: {error.strerror}") from None

    def start(self) -> None:
        """Start `passant run`."""
        self._state.mkdir(exist_ok=True)
        more = shlex.split(os.environ.get("PASSANT_HERE_RUN", ""))
        command = [
            sys.executable,
            "-P",
            "-m",
            "edge",
            "run",
            str(self.site),
            "--state",
            str(self._state),
            "--supervised",
        ]
        env = {**os.environ, "PYTHONPATH": str(self._tree), "PYTHONDONTWRITEBYTECODE": "1"}
        with (self._folder / "log").open("ab") as log:
            self._product = subprocess.Popen(
                [*command, *more], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )

    def stop(self) -> None:
        """Ask it to end, and wait."""
        product, self._product = self._product, None
        if product is None:
            return
        product.terminate()
        try:
            product.wait(_STOP_S)
        finally:
            product.kill()
            product.wait()

    def pid(self, unit: str) -> int | None:
        """Look among the product's children."""
        if self._product is None:
            return None
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError, ValueError):
                # The name is in brackets and may hold anything; the parent is the second word behind it.
                parent = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
                words = stat.with_name("cmdline").read_bytes().split(b"\0")
                if parent == self._product.pid and unit.encode() in words:
                    return int(stat.parent.name)
        return None

    def signal(self, unit: str, number: int) -> None:
        """Send a signal."""
        pid = self.pid(unit)
        if pid is None:
            raise DeviceError(f"here: {unit} does not run")
        os.kill(pid, number)

    def cut_network(self) -> None:
        """Stop the broker: on loopback there is no other way to it."""
        if self._mosquitto is not None:
            self._mosquitto.send_signal(signal.SIGKILL)
            self._mosquitto.wait()
            self._mosquitto = None

    def join_network(self) -> None:
        """Start it again, on the same port."""
        path = f"{os.environ['PATH']}:/usr/sbin"
        program = shutil.which("mosquitto", path=path) or "mosquitto"
        with (self._folder / "mosquitto.log").open("ab") as log:
            command = [program, "-c", str(self._folder / "mosquitto.conf")]
            self._mosquitto = subprocess.Popen(command, stdout=log, stderr=log)
        end_s = time.monotonic() + _LISTEN_S
        while time.monotonic() < end_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        raise DeviceError("here: mosquitto does not listen")

    def cut_power(self) -> None:
        """There is none."""
        raise DeviceError(str(self.lacks("power")))

    def give_power(self) -> None:
        """There is none."""
        raise DeviceError(str(self.lacks("power")))

    def close(self) -> None:
        """End all that was started, and remove the folder."""
        self.stop()
        self.cut_network()
        shutil.rmtree(self._folder)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
