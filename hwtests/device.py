"""The device that is tested: one small protocol, behind which every backend stands."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Protocol

UNITS: Final = ("vision", "publisher")


class DeviceError(Exception):
    """The device cannot be used as it should; the text says what to mend."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """How a command on the device ended; codes below 0 are signals."""

    code: int
    out: str
    err: str


class Device(Protocol):
    """A device with Passant on it. What it cannot do it says in `lacks`, before it is asked for it."""

    name: str
    """What it is called in the report and in the lock."""
    site: PurePath
    """Its site file, on the device."""
    broker: str | None
    """Its broker's URL as the tester reaches it; None where nobody told."""

    def lacks(self, what: str) -> str | None:
        """Tell why it cannot do this; None where it can. `what` is one of hwtests.wiring.ABILITIES."""
        ...

    def run(self, *command: str, timeout_s: float = 60.0, given: str = "") -> Answer:
        """Run a command on the device, with this on its standard input; raises DeviceError where it does not end."""
        ...

    def passant(self, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run `passant …` on the device."""
        ...

    def python(self, program: str, *words: str, timeout_s: float = 120.0) -> Answer:
        """Run a program of ours under the product's own Python, outside of its processes."""
        ...

    def read(self, path: str) -> str:
        """Read a text file of the device; raises DeviceError."""
        ...

    def start(self) -> None:
        """Start the product, and come back at once."""
        ...

    def stop(self) -> None:
        """Stop it, and come back when it has ended."""
        ...

    def pid(self, unit: str) -> int | None:
        """Tell the process of a unit, `vision` or `publisher`; None while it does not run."""
        ...

    def signal(self, unit: str, number: int) -> None:
        """Send a signal to a unit's process; raises DeviceError where it does not run."""
        ...

    def cut_network(self) -> None:
        """Take the way to the broker away."""
        ...

    def join_network(self) -> None:
        """Give it back."""
        ...

    def cut_power(self) -> None:
        """Take the power away, without a word."""
        ...

    def give_power(self) -> None:
        """Give it back."""
        ...

    def close(self) -> None:
        """Leave it as it was found."""
        ...
