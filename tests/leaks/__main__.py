"""`passant`, with a leak: see the package."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.__main__ import main
from tests.leaks.kinds import IN_PUBLISHER, IN_VISION
from tests.leaks.secret import Secret


def leak_in_children(kind: str, key: Path) -> None:
    """Have the supervisor start this package instead of the product."""
    from edge.cli import supervisor  # noqa: PLC0415  only in the process that supervises

    start = supervisor._Child.start

    def leaking(self: Any) -> None:  # noqa: ANN401  the supervisor's own
        self.command = [
            word for one in self.command for word in (["tests.leaks", kind, str(key)] if one == "edge" else [one])
        ]
        start(self)

    supervisor._Child.start = leaking  # type: ignore[method-assign]


def after_confinement(module: Any, install: Callable[[], None]) -> None:  # noqa: ANN401  one side's process module
    """Install a leak once the process is confined: before, no numpy may be there."""
    confine = module.confine

    def leaking(**named: Any) -> bool:  # noqa: ANN401  the confinement's own
        proven = bool(confine(**named))
        install()
        return proven

    module.confine = leaking


def run(kind: str, key: Path, words: list[str]) -> int:
    state = Path(words[words.index("--state") + 1])
    if words[0] == "run":
        leak_in_children(kind, key)
    elif words[0] == "vision":
        from edge.vision import process  # noqa: PLC0415  one side each

        after_confinement(process, lambda: IN_VISION[kind](Secret.read(key), state))
    elif kind in IN_PUBLISHER:
        from edge.publisher import process as publisher  # noqa: PLC0415  one side each

        after_confinement(publisher, lambda: IN_PUBLISHER[kind](Secret.read(key), state))
    return main(words)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
