"""The ledger: each thing once, under the name by which it is known at the end."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract.report import RoadUser
from edge.units import ns_from_seconds
from edge.vision.measure.lines import Crossing, Direction
from edge.vision.measure.passes import Ledger, Passage
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Track
from tests.vision.track.made import Point, a_scene, a_track

CAR_PX = 60.0


def crossed(
    number: int,
    at_s: float,
    *,
    foot: Point = (300.0, 200.0),
    line: int = 0,
    way: Direction = Direction.FORWARD,
    proof: Proof = Proof.MOVING,
) -> Crossing:
    return Crossing(
        line=line, direction=way, track=number, at_ns=ns_from_seconds(at_s), foot=foot, size_px=CAR_PX, proof=proof
    )


def known(number: int, proof: Proof = Proof.NAMED, kind: RoadUser = RoadUser.CAR) -> Track:
    return a_track((300.0, 200.0), number=number, proof=proof, kind=kind)


def settled(crossings: list[Crossing], *ends: Track) -> list[Passage]:
    """Give the passes of a ledger that sees the crossings at their instants and then the tracks end, one by one."""
    ledger = Ledger()
    passages = []
    for crossing in sorted(crossings, key=lambda one: one.at_ns):
        passages += ledger.see([crossing], a_scene(), crossing.at_ns)
    for n, track in enumerate(ends):
        passages += ledger.see([], a_scene(ended=[track]), ns_from_seconds(10.0 + n))
    return passages


def kinds(passages: list[Passage]) -> list[RoadUser]:
    return [passage.kind for passage in passages]


def test_a_pass_waits_until_its_track_ends_and_takes_the_kind_known_then() -> None:
    ledger = Ledger()
    still_unnamed = known(1, Proof.MOVING, RoadUser.VEHICLE)
    assert ledger.see([crossed(1, 1.0)], a_scene(still_unnamed), ns_from_seconds(1.0)) == []
    assert ledger.see([], a_scene(still_unnamed), ns_from_seconds(2.0)) == []
    passages = ledger.see([], a_scene(ended=[known(1, Proof.NAMED, RoadUser.BUS)]), ns_from_seconds(3.0))
    assert passages == [
        Passage(line=0, direction=Direction.FORWARD, kind=RoadUser.BUS, track=1, at_ns=ns_from_seconds(1.0))
    ]
    assert ledger.see([], a_scene(ended=[known(1)]), ns_from_seconds(4.0)) == []


def test_never_confirmed_tracks_are_dropped() -> None:
    assert settled([crossed(1, 1.0, proof=Proof.TENTATIVE)], known(1, Proof.TENTATIVE)) == []


def test_confirmed_after_its_pass_it_counts() -> None:
    assert kinds(settled([crossed(1, 1.0, proof=Proof.TENTATIVE)], known(1))) == [RoadUser.CAR]


@pytest.mark.parametrize("proof", [Proof.TENTATIVE, Proof.MOVING])
@pytest.mark.parametrize("apart_s", [0.0, 0.2, 0.4])
def test_two_tracks_of_one_thing_count_once(proof: Proof, apart_s: float) -> None:
    # The bonnet passes as one track, the rest as another that the detector has named.
    pieces = [
        crossed(1, 1.0, foot=(300.0, 200.0), proof=proof),
        crossed(2, 1.0 + apart_s, foot=(315.0, 202.0), proof=Proof.NAMED),
    ]
    unnamed = known(1, max(proof, Proof.MOVING), RoadUser.VEHICLE)
    assert kinds(settled(pieces, unnamed, known(2))) == [RoadUser.CAR]
    assert kinds(settled(pieces, known(2), unnamed)) == [RoadUser.CAR]


def test_a_piece_that_passes_after_the_first_was_settled_counts_no_more() -> None:
    ledger = Ledger()
    ledger.see([crossed(1, 1.0)], a_scene(), ns_from_seconds(1.0))
    first = ledger.see([], a_scene(ended=[known(1)]), ns_from_seconds(1.2))
    ledger.see([crossed(2, 1.4)], a_scene(), ns_from_seconds(1.4))
    assert len(first) == 1
    assert ledger.see([], a_scene(ended=[known(2)]), ns_from_seconds(5.0)) == []


@pytest.mark.parametrize("confirmed", [1, 2])
@pytest.mark.parametrize("first_to_end", [1, 2])
def test_of_two_unproven_pieces_the_one_that_is_proven_later_counts(confirmed: int, first_to_end: int) -> None:
    pieces = [crossed(1, 1.0, proof=Proof.TENTATIVE), crossed(2, 1.2, proof=Proof.TENTATIVE)]
    ends = [known(n, Proof.NAMED if n == confirmed else Proof.TENTATIVE) for n in (first_to_end, 3 - first_to_end)]
    assert kinds(settled(pieces, *ends)) == [RoadUser.CAR]


@pytest.mark.parametrize("apart_s", [0.2, 3.0])
def test_of_two_pieces_proven_later_one_counts(apart_s: float) -> None:
    ledger = Ledger()
    for n in (1, 2):
        ledger.see([crossed(n, 0.9 + 0.1 * n, proof=Proof.TENTATIVE)], a_scene(), ns_from_seconds(0.9 + 0.1 * n))
    passages = ledger.see([], a_scene(ended=[known(1)]), ns_from_seconds(2.0))
    passages += ledger.see([], a_scene(ended=[known(2)]), ns_from_seconds(2.0 + apart_s))
    assert kinds(passages) == [RoadUser.CAR]


@pytest.mark.parametrize("proof", list(Proof))
def test_two_vehicles_side_by_side_in_two_lanes_count_twice(proof: Proof) -> None:
    abreast = [crossed(1, 1.0, foot=(250.0, 200.0), proof=proof), crossed(2, 1.0, foot=(330.0, 200.0), proof=proof)]
    assert len(settled(abreast, known(1), known(2))) == 2


@pytest.mark.parametrize("proof", list(Proof))
def test_a_follower_in_the_same_lane_counts(proof: Proof) -> None:
    queue = [crossed(n, 1.5 * n, proof=proof) for n in range(1, 6)]
    assert len(settled(queue, *(known(n) for n in range(1, 6)))) == 5


def test_one_track_that_comes_back_counts_each_way() -> None:
    ways = [crossed(1, 1.0), crossed(1, 1.5, way=Direction.BACKWARD), crossed(1, 2.0)]
    passages = settled(ways, known(1))
    assert Counter(passage.direction for passage in passages) == {Direction.FORWARD: 2, Direction.BACKWARD: 1}


def test_two_lines_and_two_directions_are_apart() -> None:
    crossings = [crossed(1, 1.0), crossed(2, 1.0, line=1), crossed(3, 1.0, way=Direction.BACKWARD)]
    assert len(settled(crossings, known(1), known(2), known(3))) == 3


def test_a_flush_settles_what_is_confirmed_and_leaves_the_rest() -> None:
    ledger = Ledger()
    abreast = [crossed(1, 1.0, foot=(100.0, 200.0)), crossed(2, 1.0, foot=(500.0, 200.0), proof=Proof.TENTATIVE)]
    ledger.see(abreast, a_scene(), ns_from_seconds(1.0))
    scene = a_scene(known(1, kind=RoadUser.BUS), known(2, Proof.TENTATIVE))
    assert kinds(ledger.flush(scene)) == [RoadUser.BUS]
    assert ledger.flush(scene) == []
    # The bus was counted; what is named only after the window's end belongs to the next one.
    late = ledger.see([], a_scene(ended=[known(1, kind=RoadUser.BUS), known(2)]), ns_from_seconds(2.0))
    assert kinds(late) == [RoadUser.CAR]


def test_nothing_is_kept_of_what_is_settled() -> None:
    ledger = Ledger()
    for n in range(200):
        ledger.see([crossed(n, float(n))], a_scene(ended=[known(n)]), ns_from_seconds(float(n)))
    ledger.see([], a_scene(), ns_from_seconds(1000.0))
    assert ledger._waiting == []
    assert ledger._settled == []


lanes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1, max_size=12, unique=True)


@settings(max_examples=100, deadline=None)
@given(comers=lanes, pieces=st.lists(st.integers(1, 3), min_size=12, max_size=12), order=st.randoms())
def test_each_thing_counts_once_however_many_pieces_it_has(
    comers: list[tuple[int, int]], pieces: list[int], order: object
) -> None:
    """Lanes are two cars apart, a lane's cars 1.5 s; each is seen as up to three tracks within a fifth of a second."""
    crossings, ends = [], []
    for (lane, place), number in zip(comers, pieces, strict=False):
        for piece in range(number):
            name = len(crossings) + 1
            foot = (100.0 + 2 * CAR_PX * lane + 5 * piece, 200.0)
            crossings.append(crossed(name, 1.5 * place + 0.1 * piece, foot=foot))
            ends.append(known(name, Proof.MOVING))
    getattr(order, "shuffle")(ends)  # noqa: B009  Random has no stub here
    assert len(settled(crossings, *ends)) == len(comers)
