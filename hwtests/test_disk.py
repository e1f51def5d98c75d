"""Whether there is room and health left where the outbox is kept, and memory for the processes."""

from collections.abc import Callable
from typing import Any

Fit = Callable[..., dict[str, Any]]


def test_the_disk_is_healthy_and_has_room(fit: Fit) -> None:
    fit("disk")


def test_there_is_memory(fit: Fit) -> None:
    fit("memory")
