"""Bounds of the fields that may cross the boundary, and how much information they let through.

Every field of a message is declared with one of these; checking, encoding and the capacity bound all
read the same declaration, so none of the three can drift from the others.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The integers from `least` to `most`, both included, in steps of `step`."""

    least: int
    most: int
    step: int = 1

    def __contains__(self, value: object) -> bool:
        """Tell whether `value` is an integer of this range (a bool is not)."""
        return type(value) is int and self.least <= value <= self.most and (value - self.least) % self.step == 0

    @property
    def size(self) -> int:
        """How many different values there are."""
        return (self.most - self.least) // self.step + 1

    @property
    def bits(self) -> float:
        """The most information one value can carry, in bits."""
        return math.log2(self.size)


@dataclass(frozen=True, slots=True)
class UpTo:
    """A tuple of at most `most` items."""

    most: int


MOST_LINES = 16
MOST_ZONES = 16
# Disclosure: a class is listed, and an average released, for at least so many distinct objects.
LEAST_OBJECTS = 5
# No window is shorter than this, so that no report speaks of one passer-by's minute.
LEAST_WINDOW_S = 60
MOST_WINDOW_S = 3600
DEFAULT_WINDOW_S = 900
# A window is reported again only when vision was stopped and started again inside it.
MOST_REVISION = 3
# Vision states its health no more often than this; what comes sooner is refused.
HEALTH_PERIOD_S = 10
# A connection is opened at most so often; each opens with one Hello.
LEAST_RECONNECT_S = 1

COUNT = Range(0, 65_535)
LISTED_COUNT = Range(LEAST_OBJECTS, 65_535)
PRESENT = Range(0, 4_095)
PRESENT_HUNDREDTHS = Range(0, 409_500)
PERMILLE = Range(0, 1_000)
HASH64 = Range(0, 2**64 - 1)
SEQUENCE = Range(1, 2**32 - 1)
REVISION = Range(0, MOST_REVISION)
# 2020-01-01 to 2100-01-01, whole minutes: a clock outside it is not set.
WINDOW_START_S = Range(1_577_836_800, 4_102_444_800, step=60)
WINDOW_S = Range(LEAST_WINDOW_S, MOST_WINDOW_S, step=60)

# Speeds of vehicles and of people on foot over ground, and how far they may be off.
SPEED_CM_S = Range(0, 10_000)
WALKING_CM_S = Range(0, 500)
HEADWAY_TENTHS = Range(0, 36_000)
# People per m² in thousandths: 20 per m² is more than can stand.
DENSITY_THOUSANDTHS = Range(0, 20_000)
# s⁻² in ten thousandths.
PRESSURE_TEN_THOUSANDTHS = Range(0, 10_000)
QUEUE_DM = Range(0, 20_000)
# Pairs of passes from line to line that one report may tell of.
MOST_TURNS = 32

MOST_BOLLARDS = 8
# An alarm's own number; and messages about one alarm.
SERIAL = Range(1, 2**32 - 1)
ALARM_REVISION = Range(0, 4_095)
# Tenths of a second of Unix time, 2020 to 2100.
INSTANT_TENTHS = Range(15_778_368_000, 41_024_448_000)
# What raises an alarm was first seen so long before a message at most: the longest that a site file lets it be held for
# and then stay open, and an hour.
MOST_ALARM_AGE_S = 26 * 3600
VALID_TENTHS = Range(1, 6_000)
# Who stands in a bollard's footprint is known for a moment: advice is worth nothing after 2 s.
ADVICE_TENTHS = Range(1, 20)
ARRIVAL_TENTHS = Range(0, 600)
DENSITY_LEVEL = Range(2, 5)
# More messages about alarms than this in an hour have to wait: a real street does not need them.
MOST_ALARM_MESSAGES_AN_HOUR = 1_200
# So many of them may come at once; the others of an hour come one by one.
ALARM_BURST = 600
# How many were never taken, counted so far and no further.
ALARMS_LOST = Range(0, 255)
