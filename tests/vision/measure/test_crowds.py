"""Crowds: densities that add up, borders, estimators, counter-flow and pressure."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from edge.config.site import Site, Zone, ZoneUse
from edge.contract.report import CrowdEstimator
from edge.units import ns_from_seconds
from edge.vision.measure.crowd import Crowd, Headcount
from edge.vision.measure.crowds import CrowdMeter, opposed
from edge.vision.measure.plot import RADIUS_M, Plot
from edge.vision.measure.speedometer import Speedometer
from edge.vision.measure.zones import occupancy
from tests.vision.measure.made import Metres, a_ground, a_site, at, px
from tests.vision.track.made import a_scene

X0, Y0, X1, Y1 = 4.0, 4.0, 28.0, 14.0
ZONE = Zone(id="square", polygon=(px((X0, Y0)), px((X1, Y0)), px((X1, Y1)), px((X0, Y1))), use=ZoneUse.PEDESTRIAN)
BED = (px((10.0, 6.0)), px((16.0, 6.0)), px((16.0, 12.0)), px((10.0, 12.0)))
SITE = a_site(zones=[ZONE])


def a_plot(zone: Zone = ZONE) -> Plot:
    plot = Plot.of(zone, a_ground(SITE))
    assert plot is not None
    return plot


def crowd_of(
    places: Sequence[Metres],
    velocities: Sequence[Metres] | None = None,
    count: Headcount | None = None,
    site: Site = SITE,
) -> Crowd:
    """Measure people who are at these places now, and have walked for 1.5 s at these velocities."""
    ground = a_ground(site) if site.ground else None
    meter, speeds = CrowdMeter(site, ground), Speedometer(ground)
    velocities = velocities or [(0.0, 0.0)] * len(places)
    for n in range(-15, 1):
        t = n / 10
        tracks = [
            at((x + vx * t, y + vy * t), number)
            for number, ((x, y), (vx, vy)) in enumerate(zip(places, velocities, strict=True))
        ]
        scene = a_scene(*tracks)
        speeds.see(scene, ns_from_seconds(2 + t))
    ((crowd, _),) = meter.see(scene, [occupancy(0, site.zones[0], scene)], speeds, (count,))
    return crowd


def grid(step: float) -> list[Metres]:
    """People at the corners of squares of this side, all over the zone."""
    xs, ys = np.arange(X0 + step / 2, X1, step), np.arange(Y0 + step / 2, Y1, step)
    return [(float(x), float(y)) for x in xs for y in ys]


def test_the_ground_is_the_zones_less_its_obstacles() -> None:
    assert a_plot().area_m2 == pytest.approx(240.0)
    plot = a_plot(replace(ZONE, obstacles=(BED,)))
    assert plot.area_m2 == pytest.approx(240.0 - 36.0)
    assert plot.inside.sum() * plot.cell_m2 == pytest.approx(204.0, rel=0.05)


@pytest.mark.parametrize("step", [0.4, 0.5, 1.0])
def test_an_even_crowd_is_as_dense_everywhere_borders_and_corners_included(step: float) -> None:
    density = 1 / step**2
    plot = a_plot()
    map_ = plot.map(np.array(grid(step)))[plot.inside]
    # In corners, where less than half of the bell is inside, it reads low.
    edges = plot.share[plot.inside] >= 0.5
    assert map_[edges] == pytest.approx(density, rel=0.12)
    assert map_.mean() == pytest.approx(density, rel=0.03)
    assert map_.max() <= 1.12 * density


def test_an_even_crowd_round_an_obstacle_is_not_thin_beside_it() -> None:
    plot = a_plot(replace(ZONE, obstacles=(BED,)))
    people = [(x, y) for x, y in grid(0.5) if not (10 < x < 16 and 6 < y < 12)]
    beside = plot.at(np.array([(9.8, 9.0), (16.2, 9.0), (13.0, 5.8)]), np.array(people))
    assert beside == pytest.approx(4.0, rel=0.15)
    assert plot.map(np.array(people))[plot.inside].mean() == pytest.approx(4.0, rel=0.05)


def test_one_person_is_the_bell_and_a_corner_makes_no_crowd() -> None:
    peak = 1 / (math.pi * RADIUS_M**2)
    assert crowd_of([(16.0, 9.0)]).density_most == pytest.approx(peak, rel=0.01)
    corner = crowd_of([(X0 + 0.1, Y0 + 0.1)]).density_most
    assert corner is not None
    assert corner <= 2.01 * peak


def test_the_densest_place_is_found_and_the_mean_is_over_all() -> None:
    knot = [(10.0 + 0.4 * x, 9.0 + 0.4 * y) for x in range(-4, 5) for y in range(-4, 5)]
    crowd = crowd_of([*knot, (25.0, 6.0)])
    assert crowd.people == 82
    assert crowd.density_mean == pytest.approx(82 / 240)
    assert crowd.density_most is not None
    assert 4.0 < crowd.density_most < 1 / 0.4**2


def test_those_an_estimate_adds_are_spread_over_the_ground() -> None:
    places = grid(2.0)
    plain = crowd_of(places)
    count = Headcount(people=3.0 * len(places), estimator=CrowdEstimator.SITE_FIT, error=0.2)
    raised = crowd_of(places, count=count)
    assert (raised.people, raised.estimator, raised.error) == (180.0, CrowdEstimator.SITE_FIT, 0.2)
    assert raised.density_mean == pytest.approx(180 / 240)
    assert plain.density_most is not None
    assert raised.density_most == pytest.approx(plain.density_most + 120 / 240, rel=0.05)


def test_a_few_of_a_crowd_who_are_followed_are_not_the_crowd() -> None:
    two = [grid(2.0)[0], grid(2.0)[1]]
    crowd = crowd_of(two, count=Headcount(people=960.0, estimator=CrowdEstimator.SITE_FIT, error=0.2))
    assert crowd.density_mean == pytest.approx(4.0)
    assert crowd.density_most is not None
    assert 4.0 <= crowd.density_most <= 4.4


def test_an_estimate_of_fewer_than_are_followed_is_not_believed() -> None:
    crowd = crowd_of(grid(4.0), count=Headcount(people=2.0, estimator=CrowdEstimator.DENSITY_NET, error=None))
    assert (crowd.people, crowd.estimator) == (len(grid(4.0)), CrowdEstimator.TRACKS)


def test_an_estimate_of_people_none_of_whom_is_followed_has_a_mean() -> None:
    crowd = crowd_of([], count=Headcount(people=480.0, estimator=CrowdEstimator.DENSITY_NET, error=None))
    assert crowd.density_mean == pytest.approx(2.0)
    assert crowd.density_most == pytest.approx(2.0)


def test_nobody_is_a_density_of_zero_not_none() -> None:
    crowd = crowd_of([])
    assert (crowd.people, crowd.density_mean, crowd.density_most, crowd.movers) == (0.0, 0.0, 0.0, 0)
    assert (crowd.speed, crowd.velocity, crowd.opposed, crowd.pressure) == (None, None, None, None)


def test_without_metres_only_people_and_movers_are_told() -> None:
    site = a_site(zones=[ZONE], points=0)
    crowd = crowd_of([(10.0, 9.0), (12.0, 9.0)], site=site)
    assert crowd == Crowd(people=2.0, movers=0, verified=False)


def test_how_those_move_who_do() -> None:
    places = [(10.0, 6.0), (12.0, 8.0), (14.0, 10.0), (16.0, 12.0)]
    crowd = crowd_of(places, [(1.2, 0.0), (1.6, 0.0), (-1.0, 0.0), (0.0, 0.0)])
    assert crowd.movers == 3
    assert crowd.velocity == pytest.approx((0.6, 0.0), abs=1e-3)
    assert crowd.speed == pytest.approx(3.8 / 3, abs=1e-3)
    assert crowd.opposed == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("headings", "against"),
    [
        ([0, 0, 0], 0),
        ([0, 10, -10, 180], 1),
        ([0, 180, 0, 180], 2),
        # Who goes across goes neither with nor against.
        ([0, 0, 0, 0, 90], 0),
        ([90, 90, 95, 270], 1),
    ],
)
def test_counter_flow(headings: list[float], against: int) -> None:
    angles = np.radians(headings)
    assert opposed(np.stack((np.cos(angles), np.sin(angles)), axis=1)) == against


def test_pressure_is_density_times_the_variance_of_velocity() -> None:
    places = [(x, y) for x, y in grid(0.7) if 12 < x < 20]
    # Half of them go left, half right, like a chessboard: the variance is that of ±1.
    velocities = [(1.0 if (round(x / 0.7) + round(y / 0.7)) % 2 else -1.0, 0.0) for x, y in places]
    crowd = crowd_of(places, velocities)
    assert crowd.pressure is not None
    assert crowd.density_most is not None
    assert crowd.pressure == pytest.approx(crowd.density_most, rel=0.1)
    together = crowd_of(places, [(1.0, 0.3)] * len(places))
    assert together.pressure == pytest.approx(0.0, abs=1e-3)


def test_a_crowd_that_stands_and_trembles_has_no_pressure() -> None:
    random = np.random.default_rng(5)
    ground = a_ground(SITE)
    meter, speeds = CrowdMeter(SITE, ground), Speedometer(ground)
    for n in range(16):
        tracks = [
            at((x + float(random.normal(0, 0.1)), y + float(random.normal(0, 0.1))), number)
            for number, (x, y) in enumerate(grid(1.0))
        ]
        scene = a_scene(*tracks)
        speeds.see(scene, ns_from_seconds(n / 10))
    ((crowd, _),) = meter.see(scene, [occupancy(0, ZONE, scene)], speeds)
    assert crowd.pressure is not None
    assert crowd.pressure < 0.015


def test_pressure_needs_neighbours() -> None:
    assert crowd_of([(6.0, 6.0), (14.0, 9.0), (24.0, 12.0)], [(1.0, 0.0), (-1.0, 0.0), (1.0, 0.0)]).pressure is None


def test_metres_that_nothing_confirms_are_not_verified() -> None:
    assert crowd_of([(10.0, 9.0)]).verified
    assert not crowd_of([(10.0, 9.0)], site=a_site(zones=[ZONE], points=4)).verified
