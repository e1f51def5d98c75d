"""The newest picture of a driver that may block: nobody hangs, and nobody gets an old picture."""

import queue
import threading

import numpy as np

from edge.vision.camera.latest import Latest, Shot


class Driver:
    """A driver whose pictures come when the test says so."""

    def __init__(self) -> None:
        self._shots: queue.Queue[Shot | None] = queue.Queue()
        self.asked = threading.Semaphore(0)

    def shoot(self) -> Shot | None:
        self.asked.release()
        return self._shots.get()

    def give(self, taken_ns: int) -> None:
        self._shots.put((np.zeros((2, 2, 3), np.uint8), taken_ns))

    def fail(self) -> None:
        self._shots.put(None)


def wait_until_asked(driver: Driver, times: int) -> None:
    for _ in range(times):
        assert driver.asked.acquire(timeout=30.0)


def test_a_picture_is_given_once() -> None:
    driver = Driver()
    latest = Latest(driver.shoot)
    driver.give(1)
    shot = latest.take(30.0)
    assert shot is not None
    assert shot[1] == 1
    assert latest.take(0.01) is None
    driver.fail()


def test_only_the_newest_is_kept() -> None:
    driver = Driver()
    latest = Latest(driver.shoot)
    for taken_ns in (1, 2, 3):
        driver.give(taken_ns)
    wait_until_asked(driver, 4)
    shot = latest.take(30.0)
    assert shot is not None
    assert shot[1] == 3
    driver.fail()


def test_a_driver_that_blocks_holds_nobody_up() -> None:
    driver = Driver()
    latest = Latest(driver.shoot)
    assert latest.take(0.01) is None
    assert not latest.failed
    assert not latest.stop()
    driver.fail()


def test_a_driver_that_fails_has_failed_once_its_last_picture_is_taken() -> None:
    driver = Driver()
    latest = Latest(driver.shoot)
    driver.give(1)
    wait_until_asked(driver, 2)
    driver.fail()
    assert latest.stop()
    assert not latest.failed
    assert latest.take(30.0) is not None
    assert latest.take(30.0) is None
    assert latest.failed


def test_stopping_ends_the_thread_after_its_picture() -> None:
    driver = Driver()
    latest = Latest(driver.shoot)
    wait_until_asked(driver, 1)
    stopping = threading.Thread(target=latest.stop)
    stopping.start()
    driver.give(1)
    stopping.join(30.0)
    assert not stopping.is_alive()
    assert latest.stop()
