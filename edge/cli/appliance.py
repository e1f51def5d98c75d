"""The whole appliance as a child: `passant run`, its log in a file, ended when the block is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import edge

# Vision hands in its last window, the publisher sends what is left: each may take 30 s.
_STOP_S = 75.0
# What vision logs.
_LOOKS = "replay: its clock starts at"
_BREAKS = " breaks off: "


class Appliance:
    """`passant run` with a site file, from entering the block to leaving it."""

    def __init__(self, site: Path, folder: Path, *, isolation: bool) -> None:
        """Prepare; `folder` takes its state and its log."""
        self._log = folder / "log"
        options = ["--state", str(folder), "--supervised", *([] if isolation else ["--no-isolation"])]
        self._command = [sys.executable, "-P", "-m", "edge", "run", str(site), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # The package that runs now is the one to start, wherever it was found.
        paths = [str(Path(edge.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        with self._log.open("wb") as log:
            # A session of its own: Ctrl-C is for us, and we ask it to end in its own time.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True
            )
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def ended(self) -> int | None:
        """Tell the exit code; None while it runs."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> None:
        """Ask it to end and wait; kill it where it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except BaseException:
            # Too slow, or asked a second time. Its children end with it.
            self._process.kill()
            self._process.wait()
            raise

    def complaints(self) -> list[str]:
        """Read the warnings and errors of its log, or where there is none its last lines."""
        lines = self._lines()
        found = [line for line in lines if any(level in line for level in (" WARNING ", " ERROR ", " CRITICAL "))]
        return found or lines[-5:]

    def looks(self) -> bool:
        """Tell whether vision has its model and looks at a recording."""
        return any(_LOOKS in line for line in self._lines())

    def broken_off(self) -> str | None:
        """Tell where a recording breaks off, in its reader's words; None where it doesn't, or not yet."""
        return next((line.partition(_BREAKS)[2] for line in self._lines() if _BREAKS in line), None)

    def _lines(self) -> list[str]:
        return self._log.read_text(encoding="utf-8", errors="replace").splitlines()
