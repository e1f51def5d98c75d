"""What a thing is, for alarms: a vehicle, a heavy one. Sooner than the count knows, and harder to fool.

Detectors trained on COCO call vans and cars trucks now and then, and lorries cars; so votes alone decide only where
they are many and nearly all of one mind, and a size decides where there is one. A size measured on the ground is worth
more than one likened to the cars that passed before: those came another way, or two of them as one.
"""

from typing import Final

from edge.contract.report import RoadUser
from edge.vision.judge.view import Thing
from edge.vision.track.identity import Proof

# -- named as a vehicle, of a size measured on the ground, in cars
# Below this it is a car, whatever it is called; a 7 m lorry seen from in front is 1.5 cars, a long van 1.3.
LEAST_HEAVY: Final = 1.3
LEAST_SHARE: Final = 0.3
# From this on it is heavy whatever it is called, if it keeps its size.
HUGE: Final = 1.75
# Once heavy it stays so until its size or its votes say otherwise.
LOST_HEAVY: Final = 1.15
LOST_SHARE: Final = 0.15
# -- named as a vehicle, of a size likened to other cars
USUAL_SHARE: Final = 0.5
USUAL_VOTES: Final = 1.0
# -- named as a vehicle, of no known size: so many votes, nearly all for heavy
SURE_SHARE: Final = 0.7
SURE_VOTES: Final = 1.8
# ... so many where it never left its place; and no lorry is as small as so many people.
PARKED_SURE: Final = 0.9
LEAST_IN_PEOPLE: Final = 2.6
# -- never named: movement alone, at night with the lights off. In cars by the ground, or in people on foot: a car is
# some 3 people, a lorry 5 and more, a knot of ten people 4.
UNNAMED_HEAVY: Final = 1.6
UNNAMED_HEAVY_IN_PEOPLE: Final = 5.0
UNNAMED_AGE_S: Final = 0.8
# Somebody who runs is slower, in m/s, and in own sizes a second a lorry of 6 m at the same speed.
UNNAMED_SPEED: Final = 2.5
UNNAMED_PACE: Final = 0.5
# -- any vehicle
LEAST_VEHICLE_SHARE: Final = 0.6
LEAST_VOTES: Final = 1.2
# What never left its place is believed after so many votes: a kiosk is called a bus now and then.
PARKED_VOTES: Final = 4.0
LEAST_TRAVELLED: Final = 0.5
# A motorcycle is 0.6 cars; what is smaller is none. A knot of four people is two people's size, somebody on a
# bicycle 1.8, a car three.
LEAST_IN_CARS: Final = 0.35
UNNAMED_IN_CARS: Final = 0.75
UNNAMED_IN_PEOPLE: Final = 2.4
# Where nothing tells how large it is: for so long, and only where nobody on foot is about.
UNKNOWN_AGE_S: Final = 2.0


def is_vehicle(thing: Thing, now_ns: int, *, settled: bool) -> bool:
    """Tell whether it is a motor vehicle; `settled` is whether movement alone is believed."""
    if thing.track.proof is not Proof.NAMED:
        return settled and _moves_as_vehicle(thing, now_ns)
    ballot = thing.track.ballot
    motor, rest = ballot.light + ballot.heavy, ballot.person + ballot.bicycle
    least = LEAST_VOTES if thing.trail.travelled >= LEAST_TRAVELLED else PARKED_VOTES
    too_small = thing.in_cars is not None and thing.in_cars < LEAST_IN_CARS
    return motor >= least and motor >= LEAST_VEHICLE_SHARE * (motor + rest) and not too_small


def is_heavy(thing: Thing, now_ns: int, *, settled: bool) -> bool:
    """Tell whether it is a bus or a lorry; one that was stays one until its size or its votes speak against it."""
    if thing.track.kind is RoadUser.PERSON:
        return False
    trail = thing.trail
    if trail.heavy:
        trail.heavy = not _no_longer(thing)
    elif thing.track.proof is Proof.NAMED:
        trail.heavy = is_vehicle(thing, now_ns, settled=settled) and _named_heavy(thing)
    else:
        trail.heavy = settled and _moves_as_heavy(thing, now_ns)
    return trail.heavy


def _named_heavy(thing: Thing) -> bool:
    votes, share = thing.track.ballot.heavy, _share(thing)
    if (size := thing.in_cars) is not None:
        return (size >= HUGE and thing.trail.consistent) or (size >= LEAST_HEAVY and share >= LEAST_SHARE)
    if (size := thing.in_usual_cars) is not None:
        return size >= LEAST_HEAVY and share >= USUAL_SHARE and votes >= USUAL_VOTES
    if thing.in_people is not None and thing.in_people < LEAST_IN_PEOPLE:
        return False
    parked = thing.trail.travelled < LEAST_TRAVELLED
    return share >= (PARKED_SURE if parked else SURE_SHARE) and votes >= (PARKED_VOTES if parked else SURE_VOTES)


def _no_longer(thing: Thing) -> bool:
    size = thing.in_usual_cars if thing.in_cars is None else thing.in_cars
    if size is not None and size < LOST_HEAVY:
        return True
    huge = thing.in_cars is not None and thing.in_cars >= HUGE
    return thing.track.proof is Proof.NAMED and _share(thing) < LOST_SHARE and not huge


def _share(thing: Thing) -> float:
    ballot = thing.track.ballot
    return ballot.heavy / max(ballot.heavy + ballot.light, 1e-9)


def _moves_as_heavy(thing: Thing, now_ns: int) -> bool:
    if thing.in_cars is not None:
        large = thing.in_cars >= UNNAMED_HEAVY
    else:
        large = thing.in_people is not None and thing.in_people >= UNNAMED_HEAVY_IN_PEOPLE
    quick = thing.pace >= UNNAMED_PACE if thing.speed is None else thing.speed >= UNNAMED_SPEED
    return large and quick and thing.trail.consistent and thing.trail.age_s(now_ns) >= UNNAMED_AGE_S


def _moves_as_vehicle(thing: Thing, now_ns: int) -> bool:
    if not thing.trail.consistent:
        return False
    if thing.in_cars is not None:
        return thing.in_cars >= UNNAMED_IN_CARS
    if thing.in_people is not None:
        return thing.in_people >= UNNAMED_IN_PEOPLE
    return thing.alone and thing.trail.age_s(now_ns) >= UNKNOWN_AGE_S
