"""A broker, and somebody who subscribes to everything on it."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.cli.arrivals import Collection
from edge.cli.watch import Watcher, broker_at, watching
from tests.publisher.mosquitto import Mosquitto, installed

PATIENCE_S = 20.0


@pytest.fixture
def mosquitto_needed() -> None:
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")


@pytest.fixture
def broker(tmp_path: Path, mosquitto_needed: None) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def watched() -> Iterator[Callable[[int], Collection]]:
    """Subscribe to a port, and collect what arrives until the test ends."""
    with ExitStack() as stack:

        def subscribe(port: int) -> Collection:
            collection = Collection()
            terms = watching(broker_at(f"mqtt://127.0.0.1:{port}"))
            watcher = stack.enter_context(Watcher(terms, collection.add, say=lambda _: None))
            assert watcher.ready(PATIENCE_S)
            return collection

        yield subscribe


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder = tmp_path / "disk"
    folder.mkdir()
    if libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=8m") != 0:
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        libc.umount2(os.fsencode(folder), 2)
