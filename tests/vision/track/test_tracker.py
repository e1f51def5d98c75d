"""Tracking: one thing, one track, whatever hides it, drops frames or shines on it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pytest

from edge.config.site import Line
from edge.contract.report import RoadUser
from edge.units import ns_from_seconds, seconds_from_ns
from edge.vision.detect.attention import Attention
from edge.vision.detect.motion import Motion, MotionModel, blobs
from edge.vision.detect.region import whole
from edge.vision.frame import Detections, Frame
from edge.vision.measure.lines import LineCounter
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track, Tracker
from tests.vision.track.made import SIZE, Box, Point, a_scene, box_on, found, instants, moving

RATES = pytest.mark.parametrize("fps", [5.0, 25.0])
SEEDS = range(4)
# Of what the picture's edge cuts, a detector names no less than this.
LEAST_SHOWN = 0.3


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Something that goes straight on."""

    start: Point
    velocity: Point
    size: tuple[float, float] = (60.0, 30.0)
    kind: RoadUser = RoadUser.CAR
    hidden_s: tuple[float, float] = (0.0, 0.0)

    def box_at(self, at_s: float) -> Box:
        foot = (self.start[0] + at_s * self.velocity[0], self.start[1] + at_s * self.velocity[1])
        return box_on(foot, self.size)

    def shows(self, at_s: float) -> bool:
        x0, y0, x1, y1 = self.box_at(at_s)
        inside = x1 > 0 and y1 > 0 and x0 < SIZE[0] and y0 < SIZE[1]
        return inside and not self.hidden_s[0] <= at_s < self.hidden_s[1]


CAR = Mover(start=(60.0, 200.0), velocity=(90.0, 0.0))
WALKER = Mover(start=(100.0, 250.0), velocity=(25.0, 5.0), size=(20.0, 50.0), kind=RoadUser.PERSON)


@dataclass(frozen=True, kw_only=True)
class Senses:
    """What is made of the movers: whether the detector names them, whether their movement shows, how well."""

    score: float = 0.8
    names: bool = True
    moves: bool = True
    shake_px: float = 1.0
    misses: float = 0.0

    def frame(self, movers: Iterable[Mover], at_s: float, rng: np.random.Generator) -> tuple[Detections, Motion]:
        shown = [mover for mover in movers if mover.shows(at_s)]
        things = []
        for mover in shown:
            x0, y0, x1, y1 = np.clip(np.array(mover.box_at(at_s)) + rng.normal(0, self.shake_px, 4), 0, SIZE * 2)
            whole_px = mover.size[0] * mover.size[1]
            recognised = (x1 - x0) * (y1 - y0) >= LEAST_SHOWN * whole_px
            if self.names and recognised and rng.random() >= self.misses:
                things.append(((x0, y0, x1, y1), mover.kind, self.score))
        return found(*things), moving([mover.box_at(at_s) for mover in shown] if self.moves else [])


def tracked(
    movers: list[Mover],
    times_ns: Iterable[int],
    senses: Senses | None = None,
    *,
    seed: int = 1,
    tracker: Tracker | None = None,
) -> list[Scene]:
    """Track movers over frames at these instants."""
    tracker, senses, rng = tracker or Tracker(SIZE), senses or Senses(), np.random.default_rng(seed)
    scenes = []
    for at_ns in times_ns:
        detections, motion = senses.frame(movers, seconds_from_ns(at_ns), rng)
        scenes.append(tracker.step(detections, (whole(SIZE),), motion, at_ns))
    return scenes


def confirmed(scenes: Iterable[Scene]) -> set[int]:
    return {track.id for scene in scenes for track in scene.tracks if track.confirmed}


def irregular(seed: int, fps: float, until_s: float, dropped: float) -> list[int]:
    """Give instants that shake by a third of a period, and of which a share is missing."""
    rng = np.random.default_rng([9, seed])
    steps = instants(fps, until_s)
    return [at_ns + ns_from_seconds(rng.uniform(0, 0.33) / fps) for at_ns in steps if rng.random() >= dropped]


# -- one thing, one track ----------------------------------------------------------------------------------------------


@RATES
@pytest.mark.parametrize("mover", [CAR, WALKER])
def test_one_thing_is_one_track_where_it_is_and_what_it_is(mover: Mover, fps: float) -> None:
    scenes = tracked([mover], instants(fps, 5.0))
    (number,) = confirmed(scenes)
    (last,) = scenes[-1].tracks
    box = mover.box_at(5.0 - 1 / fps)
    assert last.id == number
    assert last.kind is mover.kind
    assert last.box == pytest.approx(box, abs=5)
    assert last.velocity == pytest.approx(mover.velocity, abs=15)
    assert last.unseen_s == 0


@RATES
def test_a_foot_is_the_bottom_centre_of_its_box(fps: float) -> None:
    for scene in tracked([CAR, WALKER], instants(fps, 3.0)):
        for track in scene.tracks:
            assert track.foot == pytest.approx(((track.box[0] + track.box[2]) / 2, track.box[3]), abs=1e-2)


@RATES
@pytest.mark.parametrize("hidden_s", [0.5, 1.0])
@pytest.mark.parametrize("mover", [CAR, WALKER])
def test_a_named_thing_keeps_its_track_when_it_is_hidden_for_a_moment(
    mover: Mover, hidden_s: float, fps: float
) -> None:
    hides = Mover(
        start=mover.start, velocity=mover.velocity, size=mover.size, kind=mover.kind, hidden_s=(2.0, 2.0 + hidden_s)
    )
    for seed in SEEDS:
        scenes = tracked([hides], instants(fps, 5.0), seed=seed)
        assert len(confirmed(scenes)) == 1
        assert [track.unseen_s for track in scenes[-1].tracks] == [0]


@RATES
def test_while_hidden_it_is_predicted_and_says_so(fps: float) -> None:
    hides = Mover(start=CAR.start, velocity=CAR.velocity, hidden_s=(2.0, 3.0))
    times = instants(fps, 3.0)
    for at_ns, scene in zip(times, tracked([hides], times), strict=True):
        at_s = seconds_from_ns(at_ns)
        for track in scene.tracks:
            assert track.unseen_s == pytest.approx(max(0.0, at_s - 2.0 + 1 / fps), abs=1e-6)
            assert track.seen == (at_s < 2.0)
            assert track.foot[0] == pytest.approx(60 + 90 * at_s, abs=12 if at_s > 2 else 8)


@RATES
def test_dropped_frames_and_irregular_steps_change_nothing(fps: float) -> None:
    for seed in range(8):
        scenes = tracked([CAR, WALKER], irregular(seed, fps, 5.0, dropped=0.3), seed=seed)
        assert len(confirmed(scenes)) == 2
        assert {track.kind for track in scenes[-1].tracks} == {RoadUser.CAR, RoadUser.PERSON}


@RATES
def test_missed_and_unsure_detections_are_bridged(fps: float) -> None:
    for seed in SEEDS:
        scenes = tracked([CAR], instants(fps, 5.0), Senses(misses=0.4, score=0.5, moves=False), seed=seed)
        assert len(confirmed(scenes)) == 1


@RATES
@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_two_who_cross_stay_two(fps: float, angle: float) -> None:
    rise = 60 * np.tan(np.radians(angle))
    right = Mover(start=(140.0, 200.0 - 2 * rise), velocity=(60.0, rise), size=(20.0, 50.0), kind=RoadUser.PERSON)
    left = Mover(start=(410.0, 204.0 + 2 * rise), velocity=(-60.0, -rise), size=(20.0, 50.0), kind=RoadUser.PERSON)
    for seed in SEEDS:
        scenes = tracked([right, left], instants(fps, 5.0), seed=seed)
        assert len(confirmed(scenes)) == 2
        ways = sorted(track.velocity[0] for track in scenes[-1].tracks)
        assert ways == pytest.approx([-60, 60], abs=15)


@RATES
def test_numbers_are_never_used_again(fps: float) -> None:
    tracker = Tracker(SIZE)
    seen: list[set[int]] = []
    for visit in range(4):
        times = instants(fps, 16.0 * visit + 16.0, from_s=16.0 * visit)
        # Each leaves the picture, and four seconds pass before the next comes.
        passer = Mover(start=(60.0 - 16.0 * visit * 90.0, 200.0), velocity=(90.0, 0.0))
        seen.append({track.id for scene in tracked([passer], times, tracker=tracker) for track in scene.tracks})
    assert all(len(one) == 1 for one in seen)
    assert len(set.union(*seen)) == 4


def test_who_has_ended_is_told_once_and_gone() -> None:
    gone = Mover(start=CAR.start, velocity=CAR.velocity, hidden_s=(2.0, 99.0))
    scenes = tracked([gone], instants(10.0, 8.0))
    ended = [track for scene in scenes for track in scene.ended]
    assert [track.kind for track in ended] == [RoadUser.CAR]
    assert scenes[-1].tracks == ()


def test_who_leaves_the_picture_ends_there() -> None:
    scenes = tracked([CAR], instants(10.0, 9.0))
    (last,) = [track for scene in scenes for track in scene.ended]
    assert last.foot[0] > SIZE[0] - 40
    assert scenes[-1].tracks == ()
    # Beyond the edge nobody is followed any more.
    assert all((track.box[0] + track.box[2]) / 2 <= SIZE[0] for scene in scenes for track in scene.tracks)


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_one_look_is_no_evidence() -> None:
    tracker, still = Tracker(SIZE), moving()
    scenes = [tracker.step(found((CAR.box_at(0), RoadUser.CAR, 0.99)), (whole(SIZE),), still, 0)]
    scenes += [tracker.step(found(), (whole(SIZE),), still, ns_from_seconds(0.2 * n)) for n in range(1, 15)]
    assert len(scenes[0].tracks) == 1
    assert confirmed(scenes) == set()
    assert [track.confirmed for scene in scenes for track in scene.ended] == [False]


@RATES
def test_what_is_only_ever_guessed_begins_no_track(fps: float) -> None:
    assert confirmed(tracked([CAR], instants(fps, 4.0), Senses(score=0.16, moves=False))) == set()


@RATES
def test_phantoms_here_and_there_are_never_confirmed(fps: float) -> None:
    rng, tracker = np.random.default_rng(5), Tracker(SIZE)
    # Nothing comes twice near where it was.
    places = rng.permutation([(x, y) for x in range(40, 640, 80) for y in range(80, 360, 80)])
    for at_ns, place in zip(instants(fps, 6.0)[:: round(fps / 5)], places, strict=False):
        phantom = found((box_on(place, (20, 40)), RoadUser.PERSON, 0.6))
        assert confirmed([tracker.step(phantom, (whole(SIZE),), moving(), at_ns)]) == set()


@RATES
def test_the_name_is_that_of_most_votes(fps: float) -> None:
    rng, tracker, scene = np.random.default_rng(6), Tracker(SIZE), a_scene()
    for at_ns in instants(fps, 4.0):
        kind = RoadUser.MOTORCYCLE if rng.random() < 0.3 else RoadUser.BICYCLE
        box = CAR.box_at(seconds_from_ns(at_ns))
        scene = tracker.step(found((box, kind, 0.7)), (whole(SIZE),), moving([box]), at_ns)
    assert [track.kind for track in scene.tracks] == [RoadUser.BICYCLE]


# -- movement alone ----------------------------------------------------------------------------------------------------


@RATES
@pytest.mark.parametrize("velocity", [(120.0, 0.0), (-90.0, 10.0), (0.0, 80.0)])
def test_a_vehicle_that_only_moves_becomes_a_vehicle(velocity: Point, fps: float) -> None:
    size = (60.0, 30.0) if abs(velocity[0]) > abs(velocity[1]) else (40.0, 40.0)
    passer = Mover(start=(320.0 - 2 * velocity[0], 200.0 - 1.5 * velocity[1]), velocity=velocity, size=size)
    scenes = tracked([passer], instants(fps, 3.6), Senses(names=False))
    assert len(confirmed(scenes)) == 1
    assert [(track.kind, track.proof) for track in scenes[-1].tracks] == [(RoadUser.VEHICLE, Proof.MOVING)]


@RATES
@pytest.mark.parametrize("velocity", [(25.0, 0.0), (-40.0, 5.0), (8.0, 3.0)])
def test_a_tall_walker_that_only_moves_does_not(velocity: Point, fps: float) -> None:
    walker = Mover(start=(320.0, 200.0), velocity=velocity, size=(20.0, 52.0))
    assert confirmed(tracked([walker], instants(fps, 7.0), Senses(names=False))) == set()


@RATES
def test_what_moves_on_the_spot_is_no_vehicle(fps: float) -> None:
    # A bush in the wind: its movement grows, shrinks and sways.
    rng, tracker = np.random.default_rng(4), Tracker(SIZE)
    for at_ns in instants(fps, 20.0):
        foot = (300 + rng.uniform(-15, 15), 200 + rng.uniform(-8, 8))
        bush = moving([box_on(foot, (rng.uniform(30, 80), rng.uniform(20, 60)))])
        assert confirmed([tracker.step(None, (), bush, at_ns)]) == set()


@RATES
def test_what_moves_by_less_than_itself_is_no_vehicle(fps: float) -> None:
    tracker = Tracker(SIZE)
    for at_ns in instants(fps, 6.0):
        # A gate: it slides for a second, not quite its own size, and stands.
        foot = (200 + 45 * min(seconds_from_ns(at_ns), 1.0), 200.0)
        gate = moving([box_on(foot, (80.0, 50.0))])
        assert confirmed([tracker.step(None, (), gate, at_ns)]) == set()


@RATES
def test_what_strays_to_and_fro_is_no_vehicle(fps: float) -> None:
    tracker = Tracker(SIZE)
    for at_ns in instants(fps, 8.0):
        at_s = seconds_from_ns(at_ns)
        # It gets on, but by a way three times as long: a flag, a trampoline.
        foot = (150 + 30 * at_s, 200 + 30 * np.sin(4 * at_s))
        assert confirmed([tracker.step(None, (), moving([box_on(foot, (80.0, 60.0))]), at_ns)]) == set()


@RATES
@pytest.mark.parametrize("named_s", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("way", ["across", "along"])
def test_pieces_become_one_when_the_detector_names_the_whole(fps: float, named_s: float, way: str) -> None:
    tracker, scenes = Tracker(SIZE), list[Scene]()
    car = Mover(start=(60.0, 200.0), velocity=(90.0, 0.0), size=(90.0, 46.0))
    for at_ns in instants(fps, named_s + 2.0):
        at_s = seconds_from_ns(at_ns)
        x0, y0, x1, y1 = car.box_at(at_s)
        # The glass looks like the street: what moves is bonnet and boot, or roof and body.
        parts = [(x0, y0, x0 + 30, y1), (x1 - 30, y0, x1, y1)] if way == "across" else []
        parts = parts or [(x0 + 15, y0, x1 - 15, y0 + 14), (x0, y1 - 20, x1, y1)]
        # Eight times a second, as the pipeline does, it looks for movement and for names.
        looks = round(at_s * fps) % max(1, round(fps / 8)) == 0
        names = found((car.box_at(at_s), RoadUser.CAR, 0.8)) if looks and at_s >= named_s else None
        regions = (whole(SIZE),) if names else ()
        scenes.append(tracker.step(names, regions, moving(parts) if looks else None, at_ns))
    # Half a second after the first name there is one track, and no piece beside it.
    assert {len(scene.tracks) for scene in scenes[round((named_s + 0.5) * fps) :]} == {1}
    assert [track.kind for track in scenes[-1].tracks if track.confirmed] == [RoadUser.CAR]
    (last,) = [track for track in scenes[-1].tracks if track.confirmed]
    assert last.box == pytest.approx(car.box_at(named_s + 2.0 - 1 / fps), abs=8)


@RATES
def test_a_name_makes_one_thing_of_movement_and_detection(fps: float) -> None:
    # For a second nobody names it; then it is the same track with a name.
    senses = [Senses(names=False), Senses()]
    tracker = Tracker(SIZE)
    before = tracked([CAR], instants(fps, 2.0), senses[0], tracker=tracker)
    after = tracked([CAR], instants(fps, 5.0, from_s=2.0), senses[1], tracker=tracker)
    assert len(confirmed([*before, *after])) == 1
    assert {track.kind for track in before[-1].tracks} == {RoadUser.VEHICLE}
    assert {track.kind for track in after[-1].tracks} == {RoadUser.CAR}


def test_untrusted_movement_is_no_movement() -> None:
    tracker = Tracker(SIZE)
    for at_ns in instants(10.0, 4.0):
        box = CAR.box_at(seconds_from_ns(at_ns))
        assert tracker.step(found(), (whole(SIZE),), moving([box], trusted=False), at_ns).tracks == ()


@RATES
@pytest.mark.parametrize("brighter", [25, 60, -50])
def test_a_sudden_change_of_light_begins_no_vehicle(fps: float, brighter: int) -> None:
    rng, model, tracker = np.random.default_rng(2), MotionModel(), Tracker((320, 180))
    street = rng.integers(60, 190, (20, 40, 3)).repeat(9, 0).repeat(8, 1)
    pictures = [street + rng.normal(0, 3, street.shape) for _ in range(8)]
    for number, at_ns in enumerate(instants(fps, 8.0)):
        light = 0 if at_ns < ns_from_seconds(4.0) else brighter
        picture = (pictures[number % 8] + light).clip(0, 255).astype(np.uint8)
        motion = model.see(Frame(pixels=picture, taken_ns=at_ns, index=number))
        assert confirmed([tracker.step(None, (), motion, at_ns)]) == set()


# -- who stands still --------------------------------------------------------------------------------------------------


def stopped(fps: float, until_s: float, decelerates: float = 30.0) -> list[tuple[float, Track]]:
    """Track a car that rolls to a stop at (235, 200) after 3 s, by as many looks as the pipeline takes."""
    tracker, attention = Tracker(SIZE), Attention(SIZE, None)
    seen = []
    for at_ns in instants(fps, until_s):
        at_s = seconds_from_ns(at_ns)
        left_s = max(0.0, 3.0 - at_s)
        box = box_on((235.0 - decelerates / 2 * left_s**2, 200.0), (60.0, 30.0))
        motion = moving([box] if left_s else [])
        looked = attention.plan(tracker.active(blobs(motion.mask, motion.scale, 40.0)), at_ns)
        scene = tracker.step(found((box, RoadUser.CAR, 0.8)) if looked else None, looked, motion, at_ns)
        seen += [(at_s, track) for track in scene.tracks]
    return seen


@RATES
@pytest.mark.parametrize("decelerates", [15.0, 30.0, 45.0])
def test_who_stands_is_one_track_all_the_while(fps: float, decelerates: float) -> None:
    seen = stopped(fps, 20.0, decelerates)
    assert len({track.id for _, track in seen}) == 1
    assert seen[-1][0] == pytest.approx(20.0 - 1 / fps)


@RATES
@pytest.mark.parametrize("decelerates", [15.0, 30.0, 45.0])
def test_what_is_said_to_be_seen_is_where_it_stands(fps: float, decelerates: float) -> None:
    feet = [track.foot[0] for at_s, track in stopped(fps, 20.0, decelerates) if at_s > 4.0 and track.seen]
    assert len(feet) >= 5
    # A line is passed 3 px beyond it by a box as high as this one.
    assert max(abs(foot - 235.0) for foot in feet) < 3.0


@RATES
@pytest.mark.parametrize("decelerates", [15.0, 30.0, 45.0])
def test_who_stands_short_of_a_line_has_not_passed_it(fps: float, decelerates: float) -> None:
    line = Line(id="stop", start=(240.0, 300.0), end=(240.0, 100.0))
    counter = LineCounter(index=0, line=line)
    seen = stopped(fps, 20.0, decelerates)
    assert [one for n, (_, track) in enumerate(seen) for one in counter.see(a_scene(track), n)] == []
