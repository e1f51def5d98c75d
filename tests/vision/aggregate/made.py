"""Made by chance for the tests of windows: tallies of all kinds, with small numbers where the rules are."""

from random import Random

from edge.contract import bounds
from edge.contract.report import CameraState, CrowdEstimator, Metres, RoadUser
from edge.units import NS_PER_S
from edge.vision.aggregate.sums import SpeedSum
from edge.vision.aggregate.tally import (
    Counts,
    Crowding,
    Flow,
    LineTally,
    Presence,
    Speeds,
    Tally,
    TurnTally,
    ZoneTally,
    turned,
)
from edge.vision.measure.speed import Speed

START_NS = 1_800_000_000 * NS_PER_S
LENGTH_NS = 900 * NS_PER_S


def speeds_of(speeds: list[float], distinct: int | None = None, off_by: float = 0.0) -> Speeds:
    """Sum up speeds in m/s, of so many different ones: as many as there are, or fewer."""
    total = SpeedSum()
    for n, mps in enumerate(speeds):
        track = n if distinct is None else n % max(1, distinct)
        total.add(track, Speed(velocity=(mps, 0.0), mps=mps, calibration=off_by * mps))
    return total.tally()


def some_tally(random: Random, lines: int | None = None, zones: int | None = None) -> Tally:
    """Give any tally, of so many lines and zones where that is said."""
    lines = random.choice((0, 1, 3, bounds.MOST_LINES)) if lines is None else lines
    zones = random.choice((0, 1, 3, bounds.MOST_ZONES)) if zones is None else zones
    return Tally(
        start_ns=START_NS,
        length_ns=LENGTH_NS,
        observed_ns=random.choice((0, LENGTH_NS, random.randrange(LENGTH_NS))),
        lines=tuple(_line(random) for _ in range(lines)),
        zones=tuple(_zone(random) for _ in range(zones)),
        turns=_turns(random),
        metres=random.choice(list(Metres)),
        lost_ns=tuple(random.choice((0, 0, random.randrange(10**12))) for _ in CameraState),
    )


def _count(random: Random) -> int:
    return random.choice((0, 0, random.randrange(10), random.randrange(10), random.randrange(200), 10**6))


def _line(random: Random) -> LineTally:
    forward, backward = _counts(random), _counts(random)
    return LineTally(
        forward=forward,
        backward=backward,
        forward_flow=_flow(random, forward),
        backward_flow=_flow(random, backward),
    )


def _counts(random: Random) -> Counts:
    return tuple(_count(random) for _ in RoadUser)


def _flow(random: Random, counts: Counts) -> Flow:
    people, vehicles = min(9, counts[0]), min(9, sum(counts[1:]))
    speeds = _speeds(random, vehicles)
    distinct = random.randint(speeds.distinct, vehicles)
    return Flow(
        vehicles=speeds,
        people=_speeds(random, people),
        distinct=distinct,
        gaps=random.randint(0, distinct),
        gaps_ns=random.randrange(10**13),
        occupied_ns=random.choice((0, random.randrange(LENGTH_NS))),
        free=random.choice((0, random.randrange(40_000))),
    )


def _speeds(random: Random, most: int) -> Speeds:
    speeds = [random.choice((0.0, 1000.0, random.uniform(0, 40))) for _ in range(random.randint(0, most))]
    return speeds_of(speeds, random.choice((None, random.randint(1, 9))), random.uniform(0, 0.1))


def _zone(random: Random) -> ZoneTally:
    people, vehicles = _presence(random), _presence(random)
    return ZoneTally(
        people=people,
        vehicles=vehicles,
        crowding=random.choice((Crowding(), _crowding(random))),
        walkers=_some_of(random, people),
        walked=random.randrange(10**17),
        against_ns=random.randrange(10**13),
        stopped=_some_of(random, vehicles),
        queued=_some_of(random, vehicles),
        queue_most_dm=random.randrange(10**5),
        queue_ns=random.choice((0, random.randrange(10**13))),
    )


def _presence(random: Random) -> Presence:
    distinct = _count(random)
    most = random.randint(min(1, distinct), distinct)
    return Presence(object_ns=random.randrange(10**13) if distinct else 0, most=most, distinct=distinct)


def _some_of(random: Random, presence: Presence) -> Presence:
    distinct = random.choice((0, presence.distinct, random.randint(0, min(9, presence.distinct))))
    return Presence(
        object_ns=random.randint(1, 1 + presence.object_ns) if distinct else 0,
        most=min(distinct, presence.most),
        distinct=distinct,
    )


def _crowding(random: Random) -> Crowding:
    return Crowding(
        measured_ns=random.randint(1, 10**13),
        density=random.randrange(10**17),
        density_most=random.randrange(10**5),
        pressure_most=random.randrange(10**5),
        area_m2=random.randint(1, 10**5),
        counted_ns=tuple(random.randrange(10**13) for _ in CrowdEstimator),
        error=tuple(random.randint(-1, 2000) for _ in CrowdEstimator),
    )


def _turns(random: Random) -> tuple[TurnTally, ...]:
    return turned(
        tuple(
            TurnTally(
                entry=random.randrange(3),
                entry_forward=random.random() < 0.7,
                exit=random.randrange(3),
                exit_forward=random.random() < 0.7,
                count=random.choice((random.randint(1, 9), random.randint(5, 9), 10**6)),
            )
            for _ in range(random.randrange(10))
        )
    )
