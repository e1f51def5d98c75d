"""Directions in the picture, in words."""

import math

# Eighths of a turn, clockwise from rightwards as y points down; the right hand is a quarter further.
_COMPASS = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")
_QUARTER = 2
_HALF = 4


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Tell which way an arrow points; (x, y) in px, y down."""
    return _COMPASS[_eighth(start, end)]


def forward(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Tell which way somebody goes who passes a line forwards, from the left hand to the right of its arrow."""
    return _COMPASS[(_eighth(start, end) + _QUARTER) % len(_COMPASS)]


def backward(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Tell which way somebody goes who passes a line backwards."""
    return _COMPASS[(_eighth(start, end) + _QUARTER + _HALF) % len(_COMPASS)]


def _eighth(start: tuple[float, float], end: tuple[float, float]) -> int:
    """Find the eighth of a turn that a direction is nearest to, clockwise from rightwards."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    return round(math.atan2(dy, dx) / (math.tau / len(_COMPASS))) % len(_COMPASS)
