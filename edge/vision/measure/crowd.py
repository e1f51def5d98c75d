"""The people of one zone in one frame, in metres: how many, how dense, how they move."""

from dataclasses import dataclass

from edge.contract.report import CrowdEstimator


@dataclass(frozen=True, kw_only=True, slots=True)
class Headcount:
    """How many people an estimator says are in a zone; `error` is its mean error over its mean count, None: unknown."""

    people: float
    estimator: CrowdEstimator
    error: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """A zone's people in one frame.

    `people` as estimated; densities in people per m² over `area_m2` of ground that is in the picture and where people
    can stand; `density_most` is the greatest local density (Gaussian kernel, R = 1.5 m). `pressure` is crowd pressure
    in s⁻², `velocity` the mean velocity (m/s on the ground), `speed` the mean speed, `opposed` the share 0..1 of those
    who move that goes against the greater flow, `movers` how many are followed and move. All but `people` and `movers`
    are None where there are no metres. `verified` is whether the metres may raise a density alarm.
    """

    people: float
    movers: int
    verified: bool
    area_m2: float | None = None
    density_mean: float | None = None
    density_most: float | None = None
    pressure: float | None = None
    velocity: tuple[float, float] | None = None
    speed: float | None = None
    opposed: float | None = None
    estimator: CrowdEstimator = CrowdEstimator.TRACKS
    error: float | None = None
