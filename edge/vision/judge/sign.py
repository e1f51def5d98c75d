"""What a trigger says of its place in one frame."""

from dataclasses import dataclass
from typing import Final, Protocol

from edge.contract.report import Severity
from edge.vision.judge.view import Thing, View


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """Whether what an alarm is about is there now.

    `on` is enough to raise one, `kept` enough to keep one up. `held_s` is for how long it has held already where the
    trigger knows better than who counts the frames. `things` are what it is about, where it is about things; `certain`
    is whether it cannot be a bush or a reflection.
    """

    on: bool = False
    kept: bool = False
    severity: Severity = Severity.MEDIUM
    held_s: float = 0.0
    level: int | None = None
    things: tuple[Thing, ...] = ()
    certain: bool = False


NOTHING: Final = Sign()


class Trigger(Protocol):
    """One kind of alarm at one place."""

    def see(self, view: View, things: tuple[Thing, ...]) -> Sign:
        """Take in a frame; `things` are those of the view that are to be heard."""
        ...
