"""Counting lines: through the segment, once a pass, by the bottom centre, whatever happens on the way."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.config.site import Line
from edge.vision.measure.lines import Crossing, Direction, LineCounter, signed_distance
from edge.vision.track.identity import Proof
from tests.vision.track.made import Point, a_scene, a_track

RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
LINE = Line(id="quai", start=(100.0, 200.0), end=(500.0, 200.0))
FORWARD, BACKWARD = Direction.FORWARD, Direction.BACKWARD


def a_counter(line: Line = LINE) -> LineCounter:
    return LineCounter(index=0, line=line)


def passes(
    counter: LineCounter, feet: list[Point], *, number: int = 1, unseen: frozenset[int] = frozenset()
) -> list[Crossing]:
    """Walk one track over these feet; at the steps in `unseen` it is only predicted."""
    crossings = []
    for step, foot in enumerate(feet):
        hidden_s = 0.2 if step in unseen else 0.0
        crossings += counter.see(a_scene(a_track(foot, number=number, unseen_s=hidden_s)), step)
    return crossings


def ways(crossings: list[Crossing]) -> list[Direction]:
    return [crossing.direction for crossing in crossings]


def walked(waypoints: list[Point], fps: float, speed_px_s: float = 60.0) -> list[Point]:
    """Walk from waypoint to waypoint at constant speed, straight; every waypoint is a step."""
    feet = [waypoints[0]]
    for begin, end in pairwise(waypoints):
        steps = max(1, round(math.dist(begin, end) / speed_px_s * fps))
        feet += [
            (begin[0] + (end[0] - begin[0]) * n / steps, begin[1] + (end[1] - begin[1]) * n / steps)
            for n in range(1, steps + 1)
        ]
    return feet


@pytest.mark.parametrize(
    ("arrow", "way"),
    [
        # What the site file's description says word for word: arrow to the right, forward is downwards; ...
        ((1, 0), (0, 1)),
        # ... arrow downwards, forward is to the picture's left.
        ((0, 1), (-1, 0)),
        ((-1, 0), (0, -1)),
        ((0, -1), (1, 0)),
    ],
)
@RATES
def test_forward_is_from_the_left_hand_to_the_right_hand(arrow: Point, way: Point, fps: float) -> None:
    line = Line(id="l", start=(300.0, 200.0), end=(300.0 + 100 * arrow[0], 200.0 + 100 * arrow[1]))
    middle = ((line.start[0] + line.end[0]) / 2, (line.start[1] + line.end[1]) / 2)
    there = [(middle[0] + s * 50 * way[0], middle[1] + s * 50 * way[1]) for s in (-1, 1)]
    assert ways(passes(a_counter(line), walked(there, fps))) == [FORWARD]
    assert ways(passes(a_counter(line), walked(there[::-1], fps))) == [BACKWARD]


coordinates = st.floats(-400, 1000, allow_nan=False, width=32)
points = st.tuples(coordinates, coordinates)


@given(start=points, end=points, point=points)
def test_the_forward_side_is_that_of_the_positive_cross_product(start: Point, end: Point, point: Point) -> None:
    assume(math.dist(start, end) > 1)
    cross = (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
    distance = signed_distance(Line(id="l", start=start, end=end), point)
    assert distance * math.dist(start, end) == pytest.approx(cross, abs=1e-3)


def expected_ways(line: Line, waypoints: list[Point]) -> list[Direction]:
    """Solve each leg against the segment by Cramer's rule; the signs are those of the sides that its ends lie on."""
    (ax, ay), (bx, by) = line.start, line.end
    found = []
    for (px, py), (qx, qy) in pairwise(waypoints):
        det = (bx - ax) * (qy - py) - (by - ay) * (qx - px)
        assume(abs(det) > 1e-6)
        along = ((px - ax) * (qy - py) - (py - ay) * (qx - px)) / det
        across = ((px - ax) * (by - ay) - (py - ay) * (bx - ax)) / det
        # Through an end of the segment, either answer is right.
        assume(abs(along) > 1e-4)
        assume(abs(along - 1) > 1e-4)
        if 0 < along < 1 and 0 < across < 1:
            found.append(FORWARD if det > 0 else BACKWARD)
    return found


@settings(max_examples=80, deadline=None)
@given(start=points, end=points, waypoints=st.lists(points, min_size=2, max_size=8), fps=st.sampled_from([5.0, 25.0]))
def test_what_is_counted_is_what_passes_through_the_segment(
    start: Point, end: Point, waypoints: list[Point], fps: float
) -> None:
    assume(math.dist(start, end) > 10)
    line = Line(id="l", start=start, end=end)
    # Who turns on the line itself has not passed it: that is the next tests' business.
    assume(all(abs(signed_distance(line, point)) > 10 for point in waypoints))
    counted = ways(passes(a_counter(line), walked(waypoints, fps)))
    assert counted == expected_ways(line, waypoints)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    drift=st.floats(-60, 60),
    fps=st.sampled_from([5.0, 25.0]),
)
def test_forward_less_backward_is_the_change_of_side(seed: int, drift: float, fps: float) -> None:
    rng = np.random.default_rng(seed)
    at_s = np.arange(0, 12, 1 / fps)
    # A smooth way: a drift and three slow swings, always between the line's ends.
    swings = sum(rng.uniform(5, 60) * np.sin(at_s * rng.uniform(0.3, 2.0) + rng.uniform(0, 6)) for _ in range(3))
    y = 200 + rng.uniform(-80, 80) + drift * (at_s - 6) / 6 + swings
    x = 300 + 150 * np.sin(at_s * 0.7 + rng.uniform(0, 6))
    assume(abs(y[0] - 200) > 8)
    assume(abs(y[-1] - 200) > 8)
    counted = ways(passes(a_counter(), list(zip(x.tolist(), y.tolist(), strict=True))))
    change = (np.sign(y[-1] - 200) - np.sign(y[0] - 200)) / 2
    assert counted.count(FORWARD) - counted.count(BACKWARD) == change
    # Once a pass: nobody passes forward twice without coming back.
    assert all(one is not other for one, other in pairwise(counted))


@RATES
def test_beyond_the_ends_nothing_is_counted(fps: float) -> None:
    for x in (95.0, 505.0, 0.0, 639.0):
        assert passes(a_counter(), walked([(x, 150.0), (x, 250.0)], fps)) == []
    for x in (105.0, 495.0):
        assert ways(passes(a_counter(), walked([(x, 150.0), (x, 250.0)], fps))) == [FORWARD]


@RATES
def test_round_the_end_and_back_through_is_one_pass_back(fps: float) -> None:
    round_the_end: list[Point] = [(450, 150), (550, 150), (550, 250), (300, 250)]
    assert passes(a_counter(), walked(round_the_end, fps)) == []
    assert ways(passes(a_counter(), walked([*round_the_end, (300, 150)], fps))) == [BACKWARD]


@RATES
def test_the_bottom_centre_passes_not_the_box(fps: float) -> None:
    # Somebody tall walks along just below the line, then just above it: head and body are across it all the way.
    for y in (215.0, 190.0):
        assert passes(a_counter(), walked([(120.0, y), (480.0, y)], fps)) == []
    counter = a_counter(Line(id="post", start=(300.0, 100.0), end=(300.0, 300.0)))
    wide = [a_scene(a_track((x, 200.0), size=(120.0, 40.0))) for x in np.arange(180.0, 294.0, 6)]
    assert [crossing for step, scene in enumerate(wide) for crossing in counter.see(scene, step)] == []


@RATES
def test_who_turns_and_comes_back_passes_once_each_way(fps: float) -> None:
    turned = walked([(300, 150), (300, 230), (310, 230), (310, 150)], fps)
    assert ways(passes(a_counter(), turned)) == [FORWARD, BACKWARD]


@RATES
def test_who_turns_before_the_line_passes_nothing(fps: float) -> None:
    assert passes(a_counter(), walked([(300, 150), (300, 196), (300, 150)], fps)) == []


@RATES
@pytest.mark.parametrize(("goes", "expected"), [("on", [FORWARD]), ("back", [])])
def test_stopping_and_jittering_on_the_line_counts_nothing_twice(
    fps: float, goes: str, expected: list[Direction]
) -> None:
    rng = np.random.default_rng(7)
    for _ in range(10):
        # A box of 40 px that shakes by a pixel: 20 s on the line, now on this side of it, now on that.
        waits = [(300 + rng.uniform(-1, 1), 200 + rng.uniform(-1, 1)) for _ in range(round(20 * fps))]
        end = (300.0, 250.0 if goes == "on" else 150.0)
        feet = [*walked([(300.0, 150.0), (300.0, 200.0)], fps), *waits, *walked([(300.0, 200.0), end], fps)]
        assert ways(passes(a_counter(), feet)) == expected


@RATES
def test_shaking_all_the_way_counts_once(fps: float) -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        feet = [(x + rng.normal(0, 1), y + rng.uniform(-1, 1)) for x, y in walked([(200, 120), (400, 280)], fps, 20)]
        assert ways(passes(a_counter(), feet)) == [FORWARD]


@RATES
def test_who_was_hidden_while_passing_counts_once_when_seen_again(fps: float) -> None:
    feet = walked([(300, 150), (300, 250)], fps)
    across = [step for step, (_, y) in enumerate(feet) if 170 < y < 230]
    counter = a_counter()
    first = passes(counter, feet[: across[-1] + 1], unseen=frozenset(across))
    assert first == []
    (crossing,) = passes(counter, feet[across[-1] + 1 :])
    assert crossing.direction is FORWARD


@RATES
def test_who_is_only_predicted_passes_nothing(fps: float) -> None:
    feet = walked([(300, 150), (300, 250)], fps)
    predicted = frozenset(step for step, (_, y) in enumerate(feet) if y > 180)
    assert passes(a_counter(), feet, unseen=predicted) == []


def test_who_appears_beyond_the_line_has_not_passed_it() -> None:
    assert passes(a_counter(), walked([(300, 240), (300, 350)], 5.0)) == []


@pytest.mark.parametrize("y", [199.5, 200.0, 200.5])
def test_who_appears_on_the_line_itself_has_not_passed_it(y: float) -> None:
    assert passes(a_counter(), walked([(300, y), (300, 350)], 5.0)) == []
    assert passes(a_counter(), walked([(300, y), (300, 50)], 5.0)) == []


def test_each_track_is_followed_by_itself() -> None:
    counter = a_counter()
    down, up = walked([(200, 150), (200, 250)], 5.0), walked([(400, 250), (400, 150)], 5.0)
    crossings = [
        crossing
        for step, (one, other) in enumerate(zip(down, up, strict=True))
        for crossing in counter.see(a_scene(a_track(one, number=1), a_track(other, number=2)), step)
    ]
    assert sorted((crossing.track, crossing.direction.value) for crossing in crossings) == [
        (1, "forward"),
        (2, "backward"),
    ]


def test_a_pass_says_where_when_and_how_large() -> None:
    counter = LineCounter(index=3, line=LINE)
    counter.see(a_scene(a_track((300, 150), size=(90, 40), number=9, proof=Proof.MOVING)), 10)
    (crossing,) = counter.see(a_scene(a_track((300, 250), size=(90, 40), number=9, proof=Proof.MOVING)), 11)
    assert crossing == Crossing(
        line=3, direction=FORWARD, track=9, at_ns=11, foot=(300, 250), size_px=60.0, proof=Proof.MOVING
    )


def test_who_has_ended_is_forgotten() -> None:
    counter = a_counter()
    for number in range(100):
        last = a_track((300, 150), number=number)
        counter.see(a_scene(last), number)
        counter.see(a_scene(ended=[last]), number)
    assert counter._sides == {}
