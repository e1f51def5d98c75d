"""What a thing is, for alarms: a vehicle, a heavy one. Sooner than the count knows, and harder to fool.

For heavy ones evidence is weighed: each witness adds how much likelier a bus or a lorry makes what it says than a car
or a van does, as a logarithm (I. J. Good 1950, "Probability and the weighing of evidence"), and the sum decides, as in
Wald's sequential test. Detectors trained on COCO call cars and vans trucks in about one look of fifteen, and lorries
cars in one of four (`passant bench noise`); a size in cars speaks louder, and louder where the ground is measured.
"""

from bisect import bisect_right
from typing import Final

from edge.contract.report import RoadUser
from edge.vision.judge.view import Thing
from edge.vision.track.identity import Proof

# What a vote for heavy weighs, and one against; votes are sums of scores, some 0.5 a look. A van that is called a
# lorry is called so again: votes alone never weigh more than the most.
VOTE_FOR: Final = 2.2
VOTE_AGAINST: Final = -1.7
MOST_VOTES_FOR: Final = 3.0
MOST_VOTES_AGAINST: Final = -3.5
# What a size in cars weighs. Measured in the world without pixels, by day: the middle of many looks is 1.0 ± 0.1 for a
# car, 1.25 ± 0.15 for a van, 1.75 ± 0.2 for lorries and buses of 7 to 12 m; two vehicles that move as one are 1.5.
SIZES: Final = ((0.8, -4.0), (1.2, -2.5), (1.3, -1.5), (1.4, 0.2), (1.5, 1.4), (1.65, 2.4), (1.9, 3.8), (2.3, 5.0))
# A size likened to what passed before weighs half, where it speaks for a lorry: that came another way, or this is two
# things in one.
LIKENED: Final = 0.5
# Most vehicles are cars: what is known when the size is not.
UNKNOWN: Final = -1.5
# Somebody on foot is a third of a car.
PEOPLE_IN_CAR: Final = 2.9
# It is heavy from the first on, and is no longer below the second.
HEAVY_FROM: Final = 1.0
# One look at a size trembles by a quarter: so many are half as good as all that it is remembered by.
ONE_LOOK: Final = 1.0
# What no look ever called heavy must be large: two vehicles that move as one are 1.5 cars, too.
UNNAMED_FROM: Final = 2.2
HEAVY_LOOKS: Final = 0.6
HEAVY_UNTIL: Final = -1.0
# -- any vehicle. Named: so many votes, so many of them for motor vehicles.
LEAST_VOTES: Final = 1.0
LEAST_VEHICLE_SHARE: Final = 0.6
# What never left its place is believed after so many: a kiosk is called a bus now and then.
PARKED_VOTES: Final = 4.0
LEAST_TRAVELLED: Final = 0.5
# A motorcycle is 0.6 cars, somebody on foot 0.4: one that is called a car is none.
LEAST_IN_CARS: Final = 0.5
# Not named: movement alone. On the ground, so large in cars, so far and so fast in m and m/s: somebody on a bicycle is
# 0.6 cars, a knot of people walks.
UNNAMED_IN_CARS: Final = 0.85
UNNAMED_WAY_M: Final = 1.2
UNNAMED_SPEED: Final = 2.2
UNNAMED_FASTEST: Final = 30.0
# ... and with one look that named it so, it may be slower.
HINT: Final = 0.3
HINTED_SPEED: Final = 1.0
# Without metres only what has proven itself a vehicle by its way: a knot of four people is two people's size, a car
# three. Where nothing tells a size: after so long, and only where nobody on foot is about.
UNNAMED_IN_PEOPLE: Final = 2.4
UNKNOWN_AGE_S: Final = 2.0
# More votes than this for somebody on foot or on a bicycle, and it is one.
MOST_OTHER: Final = 0.35


def is_vehicle(thing: Thing, now_ns: int, *, settled: bool) -> bool:
    """Tell whether it is a motor vehicle; `settled` is whether movement alone is believed."""
    if _named_vehicle(thing):
        return True
    ballot = thing.ballot
    if (
        not settled
        or thing.track.kind is RoadUser.PERSON
        or ballot.person + ballot.bicycle >= MOST_OTHER
        or not thing.trail.body.consistent
    ):
        return False
    if thing.in_cars is not None or thing.trail.body.least_in_cars > 0.0:
        return max(thing.in_cars or 0.0, thing.trail.body.least_in_cars) >= UNNAMED_IN_CARS and _drives(thing)
    if thing.track.proof is Proof.TENTATIVE:
        return False
    if thing.in_people is not None:
        return thing.in_people >= UNNAMED_IN_PEOPLE
    return thing.alone and thing.trail.age_s(now_ns) >= UNKNOWN_AGE_S


def is_heavy(thing: Thing, now_ns: int, *, settled: bool) -> bool:
    """Tell whether it is a bus or a lorry; one that was stays one until its size or its votes speak against it."""
    if thing.track.kind is RoadUser.PERSON:
        return False
    body = thing.trail.body
    weight = heavy_weight(thing)
    if body.heavy:
        body.heavy = weight >= HEAVY_UNTIL
    else:
        named = thing.ballot.heavy > 0.0
        # Several looks that call it heavy are as good as a proof of its way.
        is_one = thing.ballot.heavy >= HEAVY_LOOKS or is_vehicle(thing, now_ns, settled=settled)
        body.heavy = is_one and weight >= (HEAVY_FROM if named else UNNAMED_FROM)
    return body.heavy


def heavy_weight(thing: Thing) -> float:
    """Weigh the evidence that a thing is a bus or a lorry."""
    ballot = thing.ballot
    votes = VOTE_FOR * ballot.heavy + VOTE_AGAINST * ballot.light
    return min(MOST_VOTES_FOR, max(MOST_VOTES_AGAINST, votes)) + _size_weight(thing)


def _size_weight(thing: Thing) -> float:
    least = thing.trail.body.least_in_cars
    if thing.in_cars is not None:
        weight, looks = _interpolated(max(thing.in_cars, least)), len(thing.trail.body.in_cars)
        # What speaks against a lorry is believed at once: rather a frame later than in vain.
        return UNKNOWN + max(0.0, weight - UNKNOWN) * looks / (looks + ONE_LOOK) + min(0.0, weight - UNKNOWN)
    if least > 0.0:
        # It may be larger than what is seen of it.
        return max(UNKNOWN, _interpolated(least))
    if thing.in_usual_cars is not None:
        return _likened(thing.in_usual_cars)
    if thing.in_people is not None:
        return _likened(thing.in_people / PEOPLE_IN_CAR)
    return UNKNOWN


def _likened(size: float) -> float:
    weight = _interpolated(size)
    return LIKENED * weight if weight > 0.0 else weight


def _interpolated(size: float) -> float:
    sizes = [at for at, _ in SIZES]
    n = bisect_right(sizes, size)
    if n in {0, len(SIZES)}:
        return SIZES[min(n, len(SIZES) - 1)][1]
    (low, low_weight), (high, high_weight) = SIZES[n - 1], SIZES[n]
    return low_weight + (high_weight - low_weight) * (size - low) / (high - low)


def _named_vehicle(thing: Thing) -> bool:
    if thing.track.kind is RoadUser.PERSON:
        return False
    ballot = thing.ballot
    motor, rest = ballot.light + ballot.heavy, ballot.person + ballot.bicycle
    least = LEAST_VOTES if thing.trail.travelled >= LEAST_TRAVELLED else PARKED_VOTES
    too_small = thing.in_cars is not None and thing.in_cars < LEAST_IN_CARS
    return motor >= least and motor >= LEAST_VEHICLE_SHARE * (motor + rest) and not too_small


def _drives(thing: Thing) -> bool:
    speed = thing.trail.speed
    hinted = thing.ballot.light + thing.ballot.heavy >= HINT
    least = HINTED_SPEED if hinted else UNNAMED_SPEED
    return speed is not None and least <= speed <= UNNAMED_FASTEST and thing.trail.way_m >= UNNAMED_WAY_M
