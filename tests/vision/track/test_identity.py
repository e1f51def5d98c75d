"""What a track is called: votes, and how large cars are where it stands."""

import pytest

from edge.config.site import Line
from edge.contract.report import RoadUser
from edge.vision.measure.lines import LineCounter
from edge.vision.track.identity import Identity, Proof
from edge.vision.track.sizes import HEAVY, CarSizes
from edge.vision.track.tracker import Tracker
from tests.vision.track.made import SIZE
from tests.vision.track.test_tracker import Mover, instants, tracked

RATES = pytest.mark.parametrize("fps", [5.0, 25.0])


def an_identity() -> Identity:
    return Identity(id=1, born_ns=0, foot=(0.0, 0.0), picture_px=SIZE[0] * SIZE[1])


def test_a_name_needs_more_than_one_look_and_one_of_them_sure() -> None:
    once, unsure, sure = an_identity(), an_identity(), an_identity()
    once.name(RoadUser.CAR, 0.99)
    for _ in range(50):
        unsure.name(RoadUser.CAR, 0.2)
    for _ in range(5):
        sure.name(RoadUser.CAR, 0.7)
    assert [one.proof for one in (once, unsure, sure)] == [Proof.TENTATIVE, Proof.TENTATIVE, Proof.NAMED]
    assert sure.kind() is RoadUser.CAR


def test_what_is_not_named_is_a_vehicle_if_anything() -> None:
    assert an_identity().kind() is RoadUser.VEHICLE


def passing(kind: RoadUser, size: tuple[float, float], starts_s: float) -> Mover:
    """Drive in from beyond the left edge and out beyond the right one."""
    return Mover(start=(-80.0 - 100.0 * starts_s, 250.0), velocity=(100.0, 0.0), size=size, kind=kind)


def kinds_after_cars(last: Mover, fps: float) -> list[RoadUser]:
    """Let eight cars pass the middle of the picture and then another; give what each is called at its end."""
    tracker = Tracker(SIZE)
    cars = [passing(RoadUser.CAR, (80.0, 40.0), 3.0 * n) for n in range(8)]
    counter = LineCounter(index=0, line=Line(id="middle", start=(320.0, 360.0), end=(320.0, 100.0)))
    ends, passed = {}, []
    for step, scene in enumerate(tracked([*cars, last], instants(fps, 36.0), tracker=tracker)):
        passed += [crossing.track for crossing in counter.see(scene, step)]
        ends |= {track.id: track.kind for track in scene.ended}
    return [ends[number] for number in passed]


@RATES
@pytest.mark.parametrize("kind", sorted(HEAVY))
def test_a_bus_that_comes_in_from_the_side_is_one(fps: float, kind: RoadUser) -> None:
    bus = passing(kind, (200.0, 80.0), 27.0)
    assert kinds_after_cars(bus, fps) == [RoadUser.CAR] * 8 + [kind]


@RATES
@pytest.mark.parametrize("kind", sorted(HEAVY))
def test_a_lorry_no_larger_than_a_car_is_none(fps: float, kind: RoadUser) -> None:
    van = passing(kind, (85.0, 45.0), 27.0)
    assert kinds_after_cars(van, fps) == [RoadUser.CAR] * 9


def test_sizes_are_compared_at_the_same_height_only() -> None:
    sizes = CarSizes(SIZE[1])
    near, far = sizes.band(350.0), sizes.band(60.0)
    for size_px in (90.0, 100.0, 110.0) * 4:
        sizes.learn(near, size_px)
    assert near != far
    assert sizes.ratio(far, 50.0) is None
    assert sizes.ratio(near, 150.0) == pytest.approx(1.5)


def test_a_few_cars_tell_nothing() -> None:
    sizes = CarSizes(SIZE[1])
    sizes.learn(0, 50.0)
    assert sizes.ratio(0, 100.0) is None


@pytest.mark.parametrize("foot_y", [-50.0, 0.0, 359.9, 360.0, 5000.0])
def test_every_foot_has_a_band(foot_y: float) -> None:
    sizes = CarSizes(SIZE[1])
    sizes.learn(sizes.band(foot_y), 50.0)
