"""The people of zones, frame by frame: how many, how dense, how they move.

Crowd pressure is local density times the local variance of velocity (Helbing, Johansson, Al-Abideen 2007, Phys. Rev. E
75, 046109), both weighted by the same bell; what the speeds' own errors add to the variance is taken off it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.site import Site
from edge.contract.report import CrowdEstimator
from edge.vision.measure.crowd import Crowd, Headcount
from edge.vision.measure.ground import GroundView
from edge.vision.measure.plot import Plot, weights
from edge.vision.measure.speedometer import Speedometer
from edge.vision.measure.zones import Occupancy
from edge.vision.track.tracker import STANDING, Scene, Track

Floats = NDArray[np.float64]

# Who goes slower than this over the ground stands: swaying, and the fit's own error.
LEAST_WALK_MPS: Final = 0.3
# Someone whose way is more than 60° off the axis of the greater flow goes neither with nor against it.
_LEAST_ALONG: Final = 0.5
# A variance of fewer than so many people nearby, each weighted by the bell, is none.
_LEAST_NEIGHBOURS: Final = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """Those of one zone who walk in one frame: their tracks, the sum of their speeds in m/s, how many go against."""

    walkers: frozenset[int] = frozenset()
    speeds_mps: float = 0.0
    against: int = 0


class CrowdMeter:
    """Measures the people of each zone of a site; in metres where there is a ground."""

    def __init__(self, site: Site, ground: GroundView | None) -> None:
        self._verified = ground is not None and ground.verified
        self._plots = [None if ground is None else Plot.of(zone, ground) for zone in site.zones]

    def see(
        self,
        scene: Scene,
        present: Sequence[Occupancy],
        speeds: Speedometer,
        counts: Sequence[Headcount | None] = (),
    ) -> tuple[tuple[Crowd, Walk], ...]:
        """Measure one frame: who is present in each zone, how fast all go, and what an estimator says of each zone."""
        tracks = {track.id: track for track in scene.tracks}
        measured = []
        for one in present:
            people = [tracks[number] for number in sorted(one.people)]
            count = counts[one.zone] if one.zone < len(counts) else None
            crowd = _counted(len(people), count, verified=self._verified)
            plot = self._plots[one.zone]
            if plot is None:
                measured.append((replace(crowd, movers=sum(_goes(track) for track in people)), Walk()))
            else:
                measured.append(_walked(_dense(crowd, plot, people, speeds), people, speeds))
        return tuple(measured)


def opposed(velocities: Floats) -> int:
    """Count those of velocities (n, 2) that go against the greater flow.

    The axis of the flow is the mean of the headings' doubled angles, for which there and back are one (Mardia and Jupp
    2000, "Directional statistics", 1.3.2).
    """
    angles = np.arctan2(velocities[:, 1], velocities[:, 0])
    axis = math.atan2(float(np.sin(2 * angles).sum()), float(np.cos(2 * angles).sum())) / 2
    along = np.cos(angles - axis)
    return int(min((along >= _LEAST_ALONG).sum(), (along <= -_LEAST_ALONG).sum()))


def _counted(tracked: int, count: Headcount | None, *, verified: bool) -> Crowd:
    """Give how many there are: who is followed is there, so an estimate of fewer is not believed."""
    if count is None or count.people <= tracked:
        return Crowd(people=float(tracked), movers=0, verified=verified)
    return Crowd(people=count.people, movers=0, verified=verified, estimator=count.estimator, error=count.error)


def _dense(crowd: Crowd, plot: Plot, people: Sequence[Track], speeds: Speedometer) -> Crowd:
    """Add densities and pressure.

    Where an estimator says more than are followed, the rest is spread evenly over the ground: nobody knows where they
    stand, and to heap them onto the few who are followed would make a crush of any two of them.
    """
    places = np.array([speeds.places[one.id] for one in people if one.id in speeds.places]).reshape(-1, 2)
    mean = crowd.people / plot.area_m2
    if not len(places):
        return replace(crowd, area_m2=plot.area_m2, density_mean=mean, density_most=mean)
    density = plot.map(places)
    counted = crowd.estimator is not CrowdEstimator.TRACKS
    rest = max(0.0, mean - float(density.sum()) * plot.cell_m2 / plot.area_m2) if counted else 0.0
    most = max(float(density.max()), float(plot.at(places, places).max()))
    pressure = _pressure(plot, places, [one.id for one in people], speeds, rest)
    return replace(
        crowd,
        area_m2=plot.area_m2,
        density_mean=mean,
        density_most=max(mean, rest + most),
        pressure=pressure,
    )


def _pressure(plot: Plot, places: Floats, people: Sequence[int], speeds: Speedometer, rest: float) -> float | None:
    """Find the greatest crowd pressure at those whose speed is known; None where nobody has enough neighbours.

    `rest` is the density of those who are not followed, per m².
    """
    known = [
        (speeds.places[one], speed) for one in people if (speed := speeds.of(one)) is not None and one in speeds.places
    ]
    if len(known) < _LEAST_NEIGHBOURS:
        return None
    where = np.array([place for place, _ in known])
    near = weights(where, where)
    neighbours = near.sum(axis=1)
    enough = neighbours >= _LEAST_NEIGHBOURS
    if not enough.any():
        return None
    velocities = np.array([speed.velocity for _, speed in known])
    noise = np.array([sum(speed.variances) for _, speed in known])
    share = near / neighbours[:, None]
    variance = share @ ((velocities**2).sum(axis=1) - noise) - ((share @ velocities) ** 2).sum(axis=1)
    return max(0.0, float(((rest + plot.at(where, places)) * variance)[enough].max()))


def _walked(crowd: Crowd, people: Sequence[Track], speeds: Speedometer) -> tuple[Crowd, Walk]:
    """Add how those move who do."""
    walking = {
        one.id: speed for one in people if (speed := speeds.of(one.id)) is not None and speed.mps >= LEAST_WALK_MPS
    }
    if not walking:
        return crowd, Walk()
    velocities = np.array([speed.velocity for speed in walking.values()])
    against = opposed(velocities)
    in_all = sum(speed.mps for speed in walking.values())
    crowd = replace(
        crowd,
        movers=len(walking),
        velocity=(float(velocities[:, 0].mean()), float(velocities[:, 1].mean())),
        speed=in_all / len(walking),
        opposed=against / len(walking),
    )
    return crowd, Walk(walkers=frozenset(walking), speeds_mps=in_all, against=against)


def _goes(track: Track) -> bool:
    x0, y0, x1, y1 = track.box
    return math.hypot(*track.velocity) >= STANDING * math.sqrt(max(0.0, (x1 - x0) * (y1 - y0)))
