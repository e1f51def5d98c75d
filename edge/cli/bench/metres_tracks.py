"""Real people's tracks in metres, for `passant bench metres`: who stood where when."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Between two places farther apart in time than this nobody knows where somebody was.
_MOST_GAP_S: Final = 1.0


class TracksError(ValueError):
    """A file of tracks cannot be used; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Walker:
    """One person: rising instants (n,) in s and places (n, 2) in m; between them at constant velocity."""

    instants_s: Floats
    places: Floats

    def at(self, instants_s: Floats) -> Floats:
        """Give the places (k, 2) at instants (k,); nan where it was not there."""
        x, y = (np.interp(instants_s, self.instants_s, axis, left=np.nan, right=np.nan) for axis in self.places.T)
        return np.stack((x, y), axis=1)


def read_columns(path: Path, columns: Sequence[int], fps: float, metres: float) -> tuple[Walker, ...]:
    """Read rows of numbers: `columns` say where frame, person, x and y are, `metres` how long their unit is.

    Raises TracksError.
    """
    try:
        rows = np.loadtxt(path, usecols=columns, ndmin=2)
    except (OSError, ValueError) as error:
        raise TracksError(f"{path}: {error}") from error
    walkers: list[Walker] = []
    for person in np.unique(rows[:, 1]):
        own = rows[rows[:, 1] == person]
        own = own[np.argsort(own[:, 0])]
        instants_s, places = own[:, 0] / fps, own[:, 2:] * metres
        pieces = np.split(np.arange(len(own)), np.flatnonzero(np.diff(instants_s) > _MOST_GAP_S) + 1)
        walkers += [Walker(instants_s=instants_s[piece], places=places[piece]) for piece in pieces if len(piece) > 1]
    return tuple(walkers)


def eth(data: Path) -> tuple[Walker, ...]:
    """Read the ETH sequence `eth`: columns frame, id, x, z, y at 15 frames a second, in metres."""
    return read_columns(data / "trajectories" / "ETH" / "seq_eth" / "obsmat.txt", (0, 1, 2, 4), 15.0, 1.0)


def zara(data: Path) -> tuple[Walker, ...]:
    """Read the UCY sequence `zara01`: the same columns at 25 frames a second."""
    return read_columns(data / "trajectories" / "UCY" / "zara01" / "obsmat.txt", (0, 1, 2, 4), 25.0, 1.0)


def hermes(data: Path) -> tuple[Walker, ...]:
    """Read a HERMES corridor: columns id, frame, x, y at 16 frames a second, in centimetres."""
    path = data / "trajectories" / "HERMES" / "Corridor-1D" / "uo-100-180-180.txt"
    return read_columns(path, (1, 0, 2, 3), 16.0, 0.01)


def moved(walkers: Sequence[Walker], by: tuple[float, float]) -> tuple[Walker, ...]:
    """Give the same people moved by (x, y) m."""
    return tuple(Walker(instants_s=one.instants_s, places=one.places + np.array(by)) for one in walkers)


def turned(walkers: Sequence[Walker]) -> tuple[Walker, ...]:
    """Give the same people as seen from another side: x is y, and y is x."""
    return tuple(Walker(instants_s=one.instants_s, places=one.places[:, ::-1]) for one in walkers)
