"""All measures of a frame together, and what they add up to over a window."""

import pytest

from edge.config.site import Line, Zone, ZoneUse
from edge.contract.report import CrowdEstimator, Metres, RoadUser
from edge.units import NS_PER_S
from edge.vision.aggregate.tally import Tally
from edge.vision.aggregate.window import Window
from edge.vision.measure.crowd import Headcount
from edge.vision.measure.lines import Direction
from edge.vision.measure.measures import Measured, Measures, Settled
from edge.vision.track.tracker import Scene, Track
from tests.vision.measure.made import a_ground, a_site, at, px
from tests.vision.track.made import a_scene

# A road from left to right through the whole picture, with two lines across it: forward is to the right.
FIRST, SECOND = (Line(id=f"at-{x}", start=px((x, 15.0)), end=px((x, 2.0))) for x in (10.0, 20.0))
ROAD = Zone(
    id="road", polygon=(px((1.0, 2.0)), px((31.0, 2.0)), px((31.0, 15.0)), px((1.0, 15.0))), use=ZoneUse.CARRIAGEWAY
)
SITE = a_site(lines=[FIRST, SECOND], zones=[ROAD])
STEP_NS = NS_PER_S // 10


class Street:
    """Drives the measures over scenes at 10 a second into one window."""

    def __init__(self, *, points: int = 6) -> None:
        site = a_site(lines=[FIRST, SECOND], zones=[ROAD], points=points)
        self.measures = Measures(site, a_ground(site) if points else None)
        self.window = Window(start_ns=0, length_ns=900 * NS_PER_S, lines=2, zones=1, metres=self.measures.metres)
        self.now_ns = 0
        self.scene = a_scene()

    def see(self, *tracks: Track, ended: tuple[Track, ...] = (), count: Headcount | None = None) -> Measured:
        self.now_ns += STEP_NS
        self.scene = Scene(tracks=tracks, ended=ended)
        measured = self.measures.see(self.scene, self.now_ns, STEP_NS, (count,))
        self.window.take(measured, STEP_NS)
        return measured

    def drive(self, number: int, mps: float, *, kind: RoadUser = RoadUser.CAR, from_m: float = 5.0) -> None:
        """Let one pass both lines and go."""
        x = from_m
        while 1.0 <= x <= 30.0:
            self.see(at((x, 8.0), number, kind))
            x += mps / 10
        self.see(ended=(at((x, 8.0), number, kind),))

    def tally(self) -> Tally:
        self.window.settle(self.measures.flush(self.scene))
        return self.window.tally()


def test_speeds_turns_and_headways_of_a_street() -> None:
    street = Street()
    for number, mps in enumerate((6.0, 8.0, 10.0), start=1):
        street.drive(number, mps)
    street.drive(9, -5.0, from_m=27.0)
    tally = street.tally()
    forward, backward = tally.lines[0].forward_flow, tally.lines[0].backward_flow
    assert (forward.vehicles.count, forward.vehicles.distinct, forward.distinct) == (3, 3, 3)
    assert forward.vehicles.total == pytest.approx(24_000, rel=0.01)
    assert forward.vehicles.squares == pytest.approx(200_000_000, rel=0.01)
    assert forward.vehicles.slowness == pytest.approx(1e6 * (1 / 6 + 1 / 8 + 1 / 10), rel=0.01)
    assert (backward.vehicles.count, backward.vehicles.total) == (1, pytest.approx(5000, rel=0.01))
    assert forward.people.count == 0
    assert forward.gaps == 2
    # From the first's pass at 10 m to the third's: the frames of what came between.
    assert forward.gaps_ns == pytest.approx((42 + 33) * STEP_NS, abs=3 * STEP_NS)
    assert backward.gaps == 0
    assert {turn.way: turn.count for turn in tally.turns} == {(0, True, 1, True): 3, (1, False, 0, False): 1}


def test_what_is_still_there_when_the_window_ends_is_settled_with_its_speed() -> None:
    street = Street()
    for n in range(10):
        street.see(at((5.0 + n, 8.0), 1, RoadUser.CAR))
    flow = street.tally().lines[0].forward_flow
    assert flow.vehicles.total == pytest.approx(10_000, rel=0.01)


def test_a_line_is_occupied_while_a_vehicle_is_over_it() -> None:
    street = Street(points=0)
    for n in range(40):
        # Boxes are 3 m long, and the tracks made here have no velocity of their own.
        track = at((5.0 + n / 4, 8.0), 1, RoadUser.CAR)
        street.see(Track(**{**{name: getattr(track, name) for name in Track.__slots__}, "velocity": (50.0, 0.0)}))
    tally = street.tally()
    assert tally.lines[0].forward_flow.occupied_ns == pytest.approx(3.0 / 2.5 * NS_PER_S, abs=2 * STEP_NS)
    assert tally.lines[0].backward_flow.occupied_ns == 0


def test_people_walk_over_lines() -> None:
    street = Street()
    for number in (1, 2):
        street.drive(number, 1.4, kind=RoadUser.PERSON)
    tally = street.tally()
    assert tally.lines[0].forward_flow.people.total == pytest.approx(2800, rel=0.01)
    assert tally.lines[0].forward_flow.vehicles.count == 0
    assert tally.turns == ()
    walkers = tally.zones[0].walkers
    assert tally.zones[0].walked / walkers.object_ns == pytest.approx(1400, rel=0.01)
    assert (walkers.most, walkers.distinct) == (1, 2)


def test_stopped_vehicles_and_queues() -> None:
    street = Street()
    queue = [at((5.0 + 7 * n, 8.0), n, RoadUser.CAR) for n in range(3)]
    free = at((3.0, 5.0), 9, RoadUser.CAR)
    for n in range(150):
        moving = at((1.0 + n / 2, 12.0), 8, RoadUser.CAR)
        street.see(*queue, *(() if n < 100 else (free,)), *((moving,) if n < 55 else ()))
    zone = street.tally().zones[0]
    # The one that came late has stood for 5 s only; it lengthens the queue all the same.
    assert (zone.stopped.most, zone.stopped.distinct) == (3, 3)
    assert zone.queued.distinct == 4
    assert zone.queue_most_dm == pytest.approx(10 * (16.0 + 4.5), abs=1)
    assert zone.queue_ns == 150 * STEP_NS


def test_densities_over_the_window() -> None:
    street = Street()
    people = [at((5.0 + n, 8.0), n) for n in range(6)]
    for n in range(20):
        street.see(*(people if n < 10 else people[:3]))
    crowding = street.tally().zones[0].crowding
    assert crowding.area_m2 == 390
    assert crowding.measured_ns == 20 * STEP_NS
    assert crowding.density / crowding.measured_ns == pytest.approx(1000 * 4.5 / 390, rel=0.01)
    # 0.141 per m² for each, less by the distance: 1, 2 and 3 m on either side.
    assert crowding.density_most == pytest.approx(141.5 * (1 + 2 * 0.641 + 2 * 0.169 + 0.018), abs=2)
    assert crowding.counted_ns == (20 * STEP_NS, 0, 0)


def test_an_estimators_people_are_those_of_the_zone() -> None:
    street = Street()
    count = Headcount(people=40.0, estimator=CrowdEstimator.DENSITY_NET, error=0.25)
    for n in range(20):
        street.see(at((5.0 + n / 10, 8.0)), count=count if n >= 10 else None)
    zone = street.tally().zones[0]
    assert zone.people.mean(20 * STEP_NS) == pytest.approx(20.5)
    assert zone.people.most == 40
    # Of 40 that may be off by a quarter, twice that is left out: 20 are surely different.
    assert zone.people.distinct == 20
    assert zone.crowding.error == (-1, -1, 250)
    assert zone.crowding.density / zone.crowding.measured_ns == pytest.approx(1000 * 20.5 / 390, rel=0.01)


def test_an_estimator_of_unknown_error_proves_nobody() -> None:
    street = Street()
    street.see(count=Headcount(people=40.0, estimator=CrowdEstimator.DENSITY_NET, error=None))
    assert street.tally().zones[0].people.distinct == 0


@pytest.mark.parametrize(
    ("points", "metres"), [(0, Metres.NONE), (3, Metres.REFUSED), (4, Metres.UNVERIFIED), (6, Metres.VERIFIED)]
)
def test_what_metres_are_worth_is_told(points: int, metres: Metres) -> None:
    site = a_site(points=points)
    measures = Measures(site, a_ground(site) if points >= 4 else None)
    assert measures.metres is metres


def test_without_metres_there_are_no_speeds_queues_or_densities() -> None:
    street = Street(points=0)
    for number in range(1, 4):
        street.drive(number, 8.0)
    zone = street.tally().zones[0]
    flow = street.tally().lines[0].forward_flow
    assert (flow.distinct, flow.gaps, flow.vehicles.count) == (3, 2, 0)
    assert (zone.crowding.measured_ns, zone.walkers.object_ns, zone.queue_ns) == (0, 0, 0)
    assert zone.people.object_ns == 0
    assert zone.vehicles.object_ns > 0


def test_what_happened_in_a_gap_is_no_headway() -> None:
    street = Street()
    street.drive(1, 8.0)
    street.now_ns += 60 * NS_PER_S
    street.measures.see(a_scene(), street.now_ns, 0)
    street.drive(2, 8.0)
    street.drive(3, 8.0)
    flow = street.tally().lines[0].forward_flow
    assert flow.distinct == 3
    assert flow.gaps == 1
    assert flow.gaps_ns < 10 * NS_PER_S


def test_free_flow_comes_from_the_line_itself() -> None:
    street = Street()
    number = 0
    for _ in range(6):
        for _ in range(6):
            number += 1
            street.drive(number, 10.0)
        street.now_ns += 900 * NS_PER_S
    measured = street.see()
    assert measured.free_mps[0] == {Direction.FORWARD: pytest.approx(10.0, rel=0.01)}
    assert street.tally().lines[0].forward_flow.free == pytest.approx(10_000, rel=0.01)
    assert street.tally().lines[0].backward_flow.free == 0


def test_nothing_is_settled_twice() -> None:
    street = Street()
    for n in range(10):
        street.see(at((5.0 + n, 8.0), 1, RoadUser.CAR))
    assert len(street.measures.flush(street.scene).passages) == 1
    assert street.measures.flush(street.scene) == Settled(passages=[], turns=[])
    later = street.see(ended=(at((15.0, 8.0), 1, RoadUser.CAR),))
    assert later.settled.passages == []
