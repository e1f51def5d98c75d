"""Vision's watchdog is fed by frames that are dealt with, not by time."""

from edge.contract.report import CameraState
from edge.notify import Notifier
from edge.vision.heartbeat import Heartbeat
from edge.vision.pulse import Pulse


class Heard(Notifier):
    """A notifier that only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def alive(self, status: "object") -> None:
        assert callable(status)
        self.said.append(status())


def beating(state: CameraState) -> tuple[Pulse, Heartbeat, Heard]:
    pulse = Pulse(isolated=True, replay=False, invoked=lambda: (0, 0.0), camera=state)
    heard = Heard()
    return pulse, Heartbeat(pulse, heard), heard


def test_each_frame_feeds_it_and_the_time_between_does_not() -> None:
    pulse, heartbeat, heard = beating(CameraState.STREAMING)
    for _ in range(3):
        pulse.taken += 1
        heartbeat.beat()
        heartbeat.beat()
    assert len(heard.said) == 3
    assert heard.said[0] == "camera streaming, 0 frames counted in; isolation proven"


def test_a_camera_that_is_known_to_be_away_feeds_it() -> None:
    _, heartbeat, heard = beating(CameraState.ABSENT)
    heartbeat.beat()
    assert len(heard.said) == 1


def test_a_black_picture_feeds_it_and_a_frozen_one_does_not() -> None:
    for state, fed in ((CameraState.BLACK, 1), (CameraState.FROZEN, 0), (CameraState.STARTING, 1)):
        pulse, heartbeat, heard = beating(state)
        pulse.taken += 1
        heartbeat.beat()
        assert len(heard.said) == fed, state


def test_the_loop_feeds_it_by_asking_whether_to_stop() -> None:
    pulse, heartbeat, heard = beating(CameraState.STREAMING)
    asked = heartbeat.at_each(lambda: True)
    pulse.taken += 1
    assert asked()
    assert len(heard.said) == 1
