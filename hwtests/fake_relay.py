"""A relay without plugs: `python -m hwtests.fake_relay [--port N] [--plugs N] [--run COMMAND]`.

It remembers which plugs are on and can be asked. COMMAND is run at each switch with `on` or `off` and the number behind
it: that is how an emulated device loses its power. It listens on loopback only.
"""

import argparse
import shlex
import socketserver
import subprocess
import threading
from collections.abc import Sequence
from typing import Final, Self

_MOST_BYTES: Final = 256


class FakeRelay(socketserver.ThreadingTCPServer):
    """Plugs that are all on at first; `with` serves them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0, *, plugs: int = 1, command: Sequence[str] = ()) -> None:
        super().__init__(("127.0.0.1", port), _Line)
        self.states = dict.fromkeys(range(1, plugs + 1), True)
        self.switched: list[str] = []
        self._command = list(command)
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, name="relay", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, line: str) -> str:
        """Do what a line says, and give the answer."""
        word, _, number = line.strip().partition(" ")
        if not number.isdecimal() or int(number) not in self.states:
            return f"ERR there is no plug {number[:8]}"
        with self._lock:
            if word in {"ON", "OFF"}:
                return self._switch(int(number), on=word == "ON")
            if word == "STATE":
                return f"OK {'on' if self.states[int(number)] else 'off'}"
        return "ERR say ON, OFF or STATE"

    def _switch(self, number: int, *, on: bool) -> str:
        state = "on" if on else "off"
        if self._command and subprocess.run([*self._command, state, str(number)], check=False).returncode != 0:
            return "ERR the command failed"
        self.states[number] = on
        self.switched.append(f"{state} {number}")
        return f"OK {state}"


class _Line(socketserver.StreamRequestHandler):
    server: FakeRelay

    def handle(self) -> None:
        line = self.rfile.readline(_MOST_BYTES).decode("ascii", errors="replace")
        self.wfile.write(f"{self.server.answer(line)}\n".encode("ascii", errors="replace"))


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plugs", type=int, default=1)
    parser.add_argument("--run", default="", metavar="COMMAND")
    words = parser.parse_args()
    with FakeRelay(words.port, plugs=words.plugs, command=shlex.split(words.run)) as relay:
        print(f"PASSANT_RELAY=127.0.0.1:{relay.port}/1", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
