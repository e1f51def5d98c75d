"""What is told of vehicles: occupancy, turns, headways, free flow, who stands, queues."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.site import Line, Zone, ZoneUse
from edge.contract.report import RoadUser
from edge.units import NS_PER_S, ns_from_seconds
from edge.vision.measure.band import Band, meets
from edge.vision.measure.freeflow import FreeFlow
from edge.vision.measure.headway import Headway
from edge.vision.measure.lines import Direction
from edge.vision.measure.passes import Passage
from edge.vision.measure.queues import Waiting, axis_of, longest
from edge.vision.measure.standing import Standing
from edge.vision.measure.turns import MOST_NS, Turn, Turns
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Track
from tests.vision.measure.made import a_ground, a_site, at, px
from tests.vision.track.made import Point, a_scene, box_on

ACROSS = Line(id="line", start=(100.0, 200.0), end=(300.0, 200.0))
FORWARD, BACKWARD = Direction.FORWARD, Direction.BACKWARD


def car(foot: Point, velocity: Point, *, proof: Proof = Proof.NAMED, kind: RoadUser = RoadUser.CAR) -> Track:
    return Track(
        id=1,
        box=box_on(foot, (60.0, 40.0)),
        foot=foot,
        velocity=velocity,
        kind=kind,
        proof=proof,
        seen=True,
        unseen_s=0.0,
        entered=True,
    )


# -- occupancy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 10, 10), True),
        ((12, 0, 20, 10), False),
        ((-5, 4, -1, 6), False),
        ((4, -9, 6, 9), True),
        ((0, 6, 4, 10), False),
    ],
)
def test_a_segment_meets_a_box_or_not(box: tuple[float, float, float, float], *, expected: bool) -> None:
    assert meets((0.0, 0.0), (10.0, 10.0), box) is expected
    assert meets((10.0, 10.0), (0.0, 0.0), box) is expected


@given(st.lists(st.floats(-20, 20), min_size=8, max_size=8))
def test_meeting_is_that_of_many_points_of_the_segment(numbers: list[float]) -> None:
    (ax, ay, bx, by), sides = numbers[:4], numbers[4:]
    box = (min(sides[0], sides[2]), min(sides[1], sides[3]), max(sides[0], sides[2]) + 1, max(sides[1], sides[3]) + 1)
    shares = np.linspace(0, 1, 501)
    x, y = ax + shares * (bx - ax), ay + shares * (by - ay)
    if ((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])).any():
        assert meets((ax, ay), (bx, by), box)


def test_a_vehicle_is_over_the_line_from_its_front_to_its_middle() -> None:
    band = Band(line=ACROSS)
    over = {y for y in range(150, 280, 2) if band.see(a_scene(car((200.0, float(y)), (0.0, 50.0))))}
    assert (min(over), max(over)) == (200, 220)


def test_one_that_stops_on_the_line_keeps_its_direction() -> None:
    band = Band(line=ACROSS)
    assert band.see(a_scene(car((200.0, 205.0), (0.0, -60.0)))) == {BACKWARD}
    assert band.see(a_scene(car((200.0, 205.0), (0.0, 1.0)))) == {BACKWARD}
    assert band.see(a_scene(ended=[car((200.0, 205.0), (0.0, 0.0))])) == frozenset()
    assert band.see(a_scene(car((200.0, 205.0), (0.0, 1.0)))) == frozenset()


def test_people_and_what_is_unproven_do_not_occupy() -> None:
    band = Band(line=ACROSS)
    assert band.see(a_scene(car((200.0, 205.0), (0.0, 60.0), kind=RoadUser.PERSON))) == frozenset()
    assert band.see(a_scene(car((200.0, 205.0), (0.0, 60.0), proof=Proof.TENTATIVE))) == frozenset()


# -- turns and headways ----------------------------------------------------------------------------------------------


def passed(line: int, at_s: float, track: int = 1, kind: RoadUser = RoadUser.CAR) -> Passage:
    return Passage(line=line, direction=FORWARD, kind=kind, track=track, at_ns=ns_from_seconds(at_s))


def a_turn(entry: int, exit_: int) -> Turn:
    return Turn(entry=entry, entry_direction=FORWARD, exit=exit_, exit_direction=FORWARD)


def test_a_turn_is_from_one_line_to_the_next_by_the_same_vehicle() -> None:
    turns = Turns()
    assert turns.see([passed(0, 1), passed(1, 2, track=2)], a_scene()) == []
    assert turns.see([passed(2, 5), passed(1, 3)], a_scene()) == [a_turn(0, 1), a_turn(1, 2)]
    assert turns.see([passed(2, 9)], a_scene()) == []


def test_people_do_not_turn_and_neither_does_what_took_too_long() -> None:
    turns = Turns()
    assert turns.see([passed(n, n, kind=RoadUser.PERSON) for n in range(3)], a_scene()) == []
    late_s = MOST_NS / NS_PER_S + 2
    assert turns.see([passed(0, 1), passed(1, late_s)], a_scene()) == []


def test_a_vehicle_that_has_gone_is_forgotten() -> None:
    turns = Turns()
    turns.see([passed(0, 1)], a_scene(ended=[at((1.0, 1.0))]))
    assert turns.see([passed(1, 2)], a_scene()) == []


@given(st.permutations(range(8)))
def test_gaps_add_up_in_whatever_order_passes_become_certain(order: list[int]) -> None:
    instants = [3, 5, 11, 12, 20, 33, 34, 50]
    headway = Headway()
    grown = [headway.add(instants[n]) for n in order]
    assert grown[0] is None
    assert None not in grown[1:]
    assert sum(one for one in grown if one is not None) == 50 - 3


def test_a_break_is_no_gap() -> None:
    headway = Headway()
    assert [headway.add(3), headway.add(9)] == [None, 6]
    headway.interrupt(100)
    assert [headway.add(10), headway.add(103), headway.add(110)] == [None, None, 7]


# -- free flow -------------------------------------------------------------------------------------------------------


def test_free_flow_is_the_85th_percentile_of_recent_quarters() -> None:
    flow = FreeFlow()
    for quarter in range(40):
        # One quarter in five is jammed.
        speed = 3.0 if quarter % 5 == 0 else 14.0
        for n in range(20):
            flow.see(speed, (900 * quarter + n) * NS_PER_S)
    assert flow.mps == pytest.approx(14.0)


def test_free_flow_is_not_known_at_once_nor_from_a_few() -> None:
    flow = FreeFlow()
    for quarter in range(4):
        for n in range(20):
            flow.see(10.0, (900 * quarter + n) * NS_PER_S)
    assert flow.mps is None
    few = FreeFlow()
    for quarter in range(100):
        for n in range(4):
            few.see(10.0, (900 * quarter + n) * NS_PER_S)
    assert few.mps is None


# -- standing and queues ---------------------------------------------------------------------------------------------


def test_who_trembles_stands_and_who_creeps_does_not() -> None:
    standing = Standing()
    random = np.random.default_rng(1)
    for n in range(200):
        trembling = (10 + float(random.normal(0, 0.05)), 5.0)
        creeping = (10 + 0.3 * n / 10, 8.0)
        tracks = [at(trembling, 1, RoadUser.CAR), at(creeping, 2, RoadUser.CAR)]
        standing.see(a_scene(*tracks), {1: trembling, 2: creeping}, ns_from_seconds(n / 10))
    assert standing.seconds(1) == pytest.approx(19.9)
    assert standing.seconds(2) < 3
    standing.see(a_scene(ended=[at((10.0, 5.0), 1)]), {}, ns_from_seconds(20))
    assert standing.seconds(1) == 0


def test_without_metres_a_share_of_its_size_tells() -> None:
    standing = Standing()
    for n in range(100):
        tracks = [at((10 + 0.02 * n, 5.0), 1, RoadUser.CAR), at((10.0, 8.0), 2, RoadUser.CAR)]
        standing.see(a_scene(*tracks), {}, ns_from_seconds(n / 10))
    assert standing.seconds(1) < 3
    assert standing.seconds(2) == pytest.approx(9.9)


def waiting(*places: float, kind: RoadUser = RoadUser.CAR) -> list[Waiting]:
    return [Waiting(track=n, kind=kind, place=(x, 0.0)) for n, x in enumerate(places)]


ALONG = np.array((1.0, 0.0))


@pytest.mark.parametrize(
    ("places", "metres"),
    [
        ((), 0.0),
        ((5.0,), 0.0),
        ((5.0, 13.0, 21.0), 16.0 + 4.5),
        ((21.0, 5.0, 13.0), 16.0 + 4.5),
        # Bumper to bumper 10 m is one queue; 10.5 m is two, and the longer counts.
        ((0.0, 14.5), 14.5 + 4.5),
        ((0.0, 15.0, 22.0), 7.0 + 4.5),
        # Two lanes side by side.
        ((5.0, 5.5, 12.0, 12.5), 7.5 + 4.5),
    ],
)
def test_a_queue_is_a_chain_without_long_gaps(places: tuple[float, ...], metres: float) -> None:
    assert longest(waiting(*places), ALONG).metres == pytest.approx(metres)


def test_a_queue_names_those_in_it_and_runs_along_the_carriageway() -> None:
    chain = [Waiting(track=n, kind=RoadUser.LORRY, place=(0.0, 12.0 * n)) for n in range(3)]
    queue = longest([*chain, Waiting(track=9, kind=RoadUser.CAR, place=(0.0, 90.0))], np.array((0.0, 1.0)))
    assert queue.tracks == {0, 1, 2}
    assert queue.metres == pytest.approx(24.0 + 9.0)


def test_a_carriageway_runs_along_its_arrow_or_else_where_it_is_longest() -> None:
    polygon = (px((2.0, 2.0)), px((26.0, 4.0)), px((26.0, 7.0)), px((2.0, 5.0)))
    zone = Zone(id="road", polygon=polygon, use=ZoneUse.CARRIAGEWAY)
    arrow = Zone(id="road", polygon=polygon, use=ZoneUse.CARRIAGEWAY, direction=(px((10.0, 5.0)), px((10.0, 2.0))))
    ground = a_ground(a_site(zones=[zone]))
    longest_way = axis_of(zone, ground)
    assert longest_way is not None
    assert abs(longest_way[0]) > 0.99
    assert axis_of(arrow, ground) == pytest.approx((0.0, -1.0))
