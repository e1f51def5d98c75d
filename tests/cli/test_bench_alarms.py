"""`passant bench alarms`: the world is seen as it is, and what is told follows from it."""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.alarms_clips import alarm_site
from edge.cli.bench.alarms_jobs import Result, Task, gathered
from edge.cli.bench.alarms_table import CHANNEL_S, Row, goals_of, table, wilson
from edge.cli.bench.alarms_tracks import _citr, _scale
from edge.cli.bench.world.actor import MOST_ACROSS, rounded, straight, walked
from edge.cli.bench.world.crowd import Levels, _Sustained
from edge.cli.bench.world.days import Diary, Unrest, _stretches
from edge.cli.bench.world.lens import boxes_of, shown_of
from edge.cli.bench.world.noise import HEAVY, LIGHT, PERSON, Noise, fitted, mean_of
from edge.cli.bench.world.plays import PLAYS, heavy_vehicle
from edge.cli.bench.world.run import Outcome, perform, shown
from edge.cli.bench.world.senses import Senses, Truth, cut_as, hidden_shares
from edge.cli.bench.world.show import Camera, shown_at
from edge.cli.bench.world.stage import CARRIAGEWAY, PROMENADE, Stage, stage_of
from edge.cli.bench.world.witness import MovementSense
from edge.contract.report import AlarmKind, Metres, RoadUser
from edge.vision.detect.region import whole
from edge.vision.measure.lines import signed_distance
from edge.vision.measure.zones import contains

DATA = Path(__file__).parents[3] / "shared" / "data"
SIZE = (640, 360)


def flawless() -> Noise:
    """A detector that sees all there is."""
    noise = fitted()
    none, all_ = (0.0,) * 11, (1.0,) * 11
    own = {PERSON: RoadUser.PERSON, LIGHT: RoadUser.CAR, HEAVY: RoadUser.LORRY}
    right = {group: tuple(float(kind == n) for n in RoadUser) for group, kind in own.items()}
    return Noise(
        grades=tuple(replace(one, miss=none, score=(0.9,) * 11, jitter=(none,) * 4) for one in noise.grades),
        calls=tuple(replace(one, shares=right[one.group]) for one in noise.calls),
        haunts=tuple(replace(one, places=0.0) for one in noise.haunts),
        witness=tuple(replace(one, dull=0.0, width=all_, height=all_, strays=0.0) for one in noise.witness),
    )


@pytest.fixture(scope="module")
def stage() -> Stage:
    return stage_of(11, 3)


def truth(*boxes: tuple[float, float, float, float], kind: RoadUser = RoadUser.LORRY) -> Truth:
    array = np.array(boxes, np.float64).reshape(-1, 4)
    count = len(array)
    return Truth(
        boxes=array, depths=np.ones(count), who=list(range(count)), kinds=[kind] * count, hidden=np.zeros(count)
    )


def test_the_lens_maps_the_ground_there_and_back(stage: Stage) -> None:
    places = np.array(((0.0, 8.0), (-4.0, 15.0), (6.0, 25.0)))
    assert stage.lens.to_ground(stage.lens.to_pixels(places)) == pytest.approx(places)


def test_a_body_stands_on_its_place_and_farther_ones_are_smaller(stage: Stage) -> None:
    places = np.array(((0.0, 12.0), (0.0, 24.0)))
    boxes, depths = boxes_of(stage.lens, places, np.array(((1.0, 0.0),) * 2), np.array(((4.5, 1.8, 1.5),) * 2))
    feet = stage.lens.to_pixels(places)
    assert all(
        contains(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), tuple(foot))
        for (x0, y0, x1, y1), foot in zip(boxes, feet, strict=True)
    )
    assert boxes[0, 2] - boxes[0, 0] > 1.5 * (boxes[1, 2] - boxes[1, 0])
    assert depths[0] < depths[1]


def test_of_a_body_that_leaves_the_picture_only_what_is_in_it_is_boxed(stage: Stage) -> None:
    width, height = stage.lens.size
    bodies, headings = np.array(((12.0, 2.5, 3.5),) * 2), np.array(((-0.6, -0.8),) * 2)
    # One stands well inside; the near corner of the other lies beyond the left side of the picture.
    leaving = stage.lens.to_ground(np.array((0.03 * width, 0.5 * height)))
    places = np.stack((stage.lens.to_ground(np.array((0.5 * width, 0.5 * height))), leaving))
    whole, _ = boxes_of(stage.lens, places, headings, bodies)
    boxes, shares, _ = shown_of(stage.lens, places, headings, bodies)
    assert whole[1, 0] < 0 < boxes[1, 2]
    assert boxes[1, 0] == pytest.approx(0.0)
    # Its lowest corner is not in the picture: where its side leaves it is.
    assert boxes[1, 3] < min(whole[1, 3], height)
    assert 0.05 < shares[1] < 0.9
    inside = np.clip(whole[0], 0, (width, height, width, height))
    assert boxes[0] == pytest.approx(inside, abs=0.05 * height)


@pytest.mark.parametrize("number", range(6))
def test_every_stage_is_a_site_that_check_would_take(number: int) -> None:
    stage = stage_of(7, number)
    assert stage.view.state is Metres.VERIFIED
    width, height = stage.lens.size
    for zone in stage.site.zones:
        assert all(0 <= x <= width and 0 <= y <= height for x, y in zone.polygon)
    (line,) = stage.site.lines
    middle = sum(stage.extents[CARRIAGEWAY]) / 2
    way = stage.lens.to_pixels(np.stack([stage.place(middle + s, sum(stage.carriageway) / 2) for s in (-2, 2)]))
    before, after = (signed_distance(line, tuple(point)) for point in way)
    assert bool(after > before) is line.one_way


def test_an_actor_goes_its_way_and_faces_along_it() -> None:
    places = np.array(((0.0, 0.0), (10.0, 0.0), (10.0, 0.0), (10.0, 5.0)))
    actor = walked(RoadUser.CAR, (4.0, 1.8, 1.5), places, 1.0, np.array((5.0, 0.5, 1.0)))
    assert actor.times.tolist() == [1.0, 3.0, 5.0, 10.0]
    assert actor.at(np.array((2.0, 4.0, 7.0))).tolist() == [[5.0, 0.0], [10.0, 0.0], [10.0, 2.0]]
    assert np.isnan(actor.at(np.array((0.5,)))).all()
    assert actor.headings(np.array((2.0, 4.0, 7.0))).tolist() == [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]


def test_nearer_things_hide_farther_ones() -> None:
    boxes = np.array(((0.0, 0.0, 10.0, 10.0), (5.0, 0.0, 15.0, 10.0), (5.0, 0.0, 15.0, 10.0)))
    assert hidden_shares(boxes, np.array((1.0, 2.0, 3.0))) == pytest.approx([0.0, 0.5, 1.0])


def test_what_is_cut_off_keeps_its_side_on_the_edge() -> None:
    seen = cut_as(np.array((8.0, 20.0, 60.0, 90.0)), np.array((0.0, 25.0, 55.0, 95.0)), SIZE)
    assert seen.tolist() == [0.0, 20.0, 60.0, 90.0]


def test_the_senses_miss_as_often_as_was_measured() -> None:
    noise = fitted()
    grade = noise.grade(HEAVY, 150.0, night=False)
    hits = 0
    for seed in range(300):
        senses = Senses(noise=noise, size=SIZE, rng=np.random.default_rng(seed))
        senses._spots.clear()
        hits += len(senses.detect(truth((100, 100, 250, 250)), (whole(SIZE),), 0.0))
    assert 1 - hits / 300 == pytest.approx(mean_of(grade.miss), abs=0.07)


def test_what_no_look_shows_is_not_found() -> None:
    from edge.vision.detect.region import Region  # noqa: PLC0415

    senses = Senses(noise=flawless(), size=SIZE, rng=np.random.default_rng(1))
    seen = truth((100, 100, 250, 250))
    assert len(senses.detect(seen, (whole(SIZE),), 0.0)) == 1
    assert len(senses.detect(seen, (Region(x0=300, y0=0, x1=640, y1=360),), 0.2)) == 0
    assert len(senses.detect(replace(seen, hidden=np.ones(1)), (whole(SIZE),), 0.4)) == 0


def test_an_idle_look_that_was_not_skipped_names_its_place_surely() -> None:
    senses = Senses(noise=fitted(), size=SIZE, rng=np.random.default_rng(4))
    assert senses._spots
    assert senses.next_sure() >= 1
    senses.certain = True
    found = senses.detect(truth(), (whole(SIZE),), 0.0)
    assert found.scores.max() >= 0.35
    assert not senses.certain


def test_light_over_most_of_the_picture_is_not_trusted_for_a_while() -> None:
    sense = MovementSense(noise=flawless(), size=SIZE, rng=np.random.default_rng(1))
    nobody: tuple[np.ndarray, list[int], list[RoadUser]] = (np.empty((0, 4)), [], [])
    assert sense.see(*nobody, 0.0).trusted
    assert not sense.see(*nobody, 0.2, (0.9, ())).trusted
    assert not sense.see(*nobody, 0.4).trusted
    assert sense.see(np.array(((10.0, 10.0, 60.0, 90.0),)), [1], [RoadUser.CAR], 0.0).mask.any()


@pytest.mark.parametrize("kind", [kind for kind in PLAYS if kind is not AlarmKind.CROWD_MOVEMENT])
def test_what_should_be_told_truly_is_so_from_its_onset_on(kind: AlarmKind) -> None:
    rng = np.random.default_rng(3)
    stage, play = next((s, p) for n in range(99) if (p := PLAYS[kind](s := stage_of(11, n), rng)) is not None)
    moving = shown_at(stage, play.actors, play.onset_s + 0.3)
    row = list(moving.truth.who).index(id(play.actors[0]))
    near = moving.places[row] + np.array([(x, y) for x in (-6, -3, 0, 3, 6) for y in (-6, -3, 0, 3, 6)])
    assert stage.holds(play.zone, near).any()
    assert play.over_s > play.onset_s
    before = shown_at(stage, play.actors, play.actors[0].starts_s)
    rows = [n for n, who in enumerate(before.truth.who) if who == id(play.actors[0])]
    assert not stage.holds(play.zone, before.places[rows]).any()


def test_a_lorry_is_told_soon_by_eyes_that_miss_nothing_and_never_by_blind_ones() -> None:
    seeing = [perform(AlarmKind.HEAVY_VEHICLE, (11, 0, 0, n), flawless(), night=False) for n in range(4)]
    assert all(one.latency_s is not None for one in seeing)
    noise = flawless()
    blind = replace(
        noise,
        grades=tuple(replace(one, miss=(1.0,) * 11) for one in noise.grades),
        witness=tuple(replace(one, dull=1.0, width=(0.05,) * 11, height=(0.05,) * 11) for one in noise.witness),
    )
    assert perform(AlarmKind.HEAVY_VEHICLE, (11, 0, 0, 0), blind, night=False).latency_s is None


def test_a_lorry_beside_the_promenade_is_not_told() -> None:
    rng = np.random.default_rng(2)
    stage, play = next((s, p) for n in range(99) if (p := heavy_vehicle(s := stage_of(11, n), rng)) is not None)
    car = straight(RoadUser.CAR, (4.5, 1.8, 1.5), (np.array((0.0, 500.0)), np.array((9.0, 500.0))), (0.0, 9.0))
    outcome = shown(stage, replace(play, actors=(car,)), flawless(), rng, night=False)
    assert outcome.latency_s is None


def test_an_empty_street_has_nothing_in_the_picture(stage: Stage) -> None:
    camera = Camera(stage=stage, noise=flawless(), rng=np.random.default_rng(1))
    assert [camera.see((), n / 5) for n in range(10)] == [()] * 10
    assert camera.reckoning.scene.tracks == ()


def test_stretches_join_what_overlaps_and_leave_out_what_is_empty() -> None:
    def bush(begin_s: float, end_s: float) -> Unrest:
        return Unrest(begin_s=begin_s, end_s=end_s, bush=(1.0, 1.0, 1.0))

    spans = list(_stretches([], [bush(100.0, 110.0), bush(105.0, 120.0), bush(500.0, 501.0)]))
    assert spans == [(99.0, 123.0), (499.0, 504.0)]


def test_a_level_is_true_once_it_has_held() -> None:
    sustained = _Sustained()
    for second in range(60):
        sustained.see(1.0 if second < 20 else 3.4, float(second))
    assert sustained.level == 3
    assert sustained.first_s == pytest.approx(35.0, abs=1.0)


def row(**changes: object) -> Row:
    whole_ = Row(
        kind="heavy-vehicle",
        night=False,
        factor=1.0,
        scenes=500,
        recalled=500,
        early=0,
        latencies_s=(0.5,) * 500,
        missed=(),
        false_alarms=0,
        days=30.0,
    )
    return replace(whole_, **changes)  # type: ignore[arg-type]


def test_each_goal_can_be_missed() -> None:
    def missed(*rows: Row) -> list[str]:
        return [goal.partition(":")[0] for goal, is_met in goals_of(list(rows)) if not is_met]

    assert missed(row()) == []
    assert missed(row(recalled=490)) == ["heavy-vehicle by day"]
    assert missed(row(latencies_s=(0.5,) * 490 + (2.5,) * 10)) == ["heavy-vehicle by day"]
    assert missed(row(false_alarms=2)) == ["heavy-vehicle"]
    assert missed(row(false_alarms=1), row(night=True, false_alarms=1)) == ["heavy-vehicle"]
    assert missed(row(kind="wrong-way", recalled=480)) == ["wrong-way by day"]
    assert missed(row(kind="density", level_share=0.9)) == ["density level within one step at least 0.95; 0.900"]
    assert missed(row(kind="density, boxes alone", level_share=0.1)) == []
    assert missed(row(factor=2.0, recalled=0, false_alarms=99)) == []


def test_what_was_told_early_is_said() -> None:
    assert "before it begins" not in table([row()])
    assert "7 heavy-vehicle by day" in table([row(early=7)])


def test_bounds_and_delays_are_as_their_formulas_say() -> None:
    assert wilson(500, 500) == pytest.approx(500 / (500 + 1.645**2))
    assert wilson(0, 10) == pytest.approx(0.0)
    assert wilson(0, 0) == 0.0
    assert row(latencies_s=tuple(range(100))).delay_s(0.99) == pytest.approx(98 + CHANNEL_S)
    assert math.isnan(row(latencies_s=()).delay_s(0.5))


def test_what_drives_turns_no_sharper_than_it_can() -> None:
    way, speeds = np.array(((0.0, 0.0), (40.0, 0.0), (60.0, 8.0), (100.0, 8.0))), np.full(3, 10.0)
    driven, pace = rounded(way, speeds)
    actor = walked(RoadUser.LORRY, (10.0, 2.5, 3.0), driven, 0.0, pace)
    instants = np.arange(0.2, actor.ends_s - 0.2, 0.2)
    velocity = np.diff(actor.at(instants), axis=0) / 0.2
    across = np.linalg.norm(np.diff(velocity, axis=0), axis=1) / 0.2
    assert across.max() < 2.5 * MOST_ACROSS
    assert driven[[0, -1]] == pytest.approx(way[[0, -1]])
    assert np.linalg.norm(velocity, axis=1) == pytest.approx(10.0, rel=0.1)
    straight_on, unchanged = rounded(np.array(((0.0, 0.0), (5.0, 0.0), (9.0, 0.0))), np.array((3.0, 4.0)))
    assert straight_on.tolist() == [[0.0, 0.0], [5.0, 0.0], [9.0, 0.0]]
    assert unchanged.tolist() == [3.0, 4.0]


def test_what_is_open_when_it_begins_was_told_and_early() -> None:
    rng = np.random.default_rng((11, 0, 0, 0))
    stage = stage_of(11, 3)
    play = next(play for _ in range(50) if (play := heavy_vehicle(stage, rng)) is not None)
    late = replace(play, onset_s=play.onset_s + 3.0, over_s=play.over_s + 3.0)
    outcome = shown(stage, late, flawless(), rng, night=False)
    assert outcome.early
    assert outcome.latency_s == 0.0


def test_results_add_up_to_rows() -> None:
    task = Task(kind=AlarmKind.WRONG_WAY, night=False, seed=1, first=0, number=2, factor=1.0)
    told = Outcome(kind=AlarmKind.WRONG_WAY, night=False, latency_s=0.7, early=False, frames=9, seed=(1, 2, 0, 0))
    outcomes = (told, replace(told, latency_s=None, seed=(1, 2, 0, 1)))
    diary = Diary(days=2.0, alarms=Counter({(AlarmKind.WRONG_WAY, True): 1}), notes=["wrong_way (1, 99, 0) at 3 s"])
    levels = Levels(scenes=1, seconds=10, right=9, reachable=1, reached=1, latencies_s=[1.0])
    rows = gathered(
        [
            Result(task=task, outcomes=outcomes),
            Result(task=replace(task, kind=None), diary=diary),
            Result(task=replace(task, kind=AlarmKind.DENSITY), levels=levels),
        ]
    )
    wrong_way, density = rows
    assert (wrong_way.recall, wrong_way.missed, wrong_way.false_alarms) == (0.5, ((1, 2, 0, 1),), 1)
    assert (density.level_share, density.recall, density.days) == (0.9, 1.0, 2.0)
    text = table(rows)
    assert "missed: (1, 2, 0, 1)" in text
    assert "wrong_way (1, 99, 0) at 3 s" in text


def test_the_command_prints_its_seed_and_is_repeatable(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for _ in range(2):
        main(["bench", "alarms", "--scenes", "1", "--days", "0", "--seed", "5", "--jobs", "1", "--json"])
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    assert told[0]["seed"] == 5
    assert {(row["kind"], row["night"]) for row in told[0]["rows"]} >= {("heavy-vehicle", True), ("wrong-way", False)}


def test_recordings_get_a_site_that_forbids_what_nobody_does(tmp_path: Path) -> None:
    road = alarm_site(tmp_path / "625_201709280946.mp4", (352, 288))
    assert road is not None
    # Away is up the picture on the left, and down it on the right: lines from left to right.
    assert [line.one_way for line in road.lines] == [False, True]
    path = alarm_site(tmp_path / "vtest.avi", (768, 576))
    assert path is not None
    assert {kind for zone in path.zones for kind in zone.alarms} >= {AlarmKind.VEHICLE, AlarmKind.HEAVY_VEHICLE}
    assert alarm_site(tmp_path / "other.mp4", (768, 576)) is None


def test_scales_are_read_of_the_right_video() -> None:
    text = "a:\n   video0:\n      scale: 0.1\n   video2:\n      scale: 0.2\nb:\n   video2:\n      scale: 0.3\n"
    assert (_scale(text, "a", "video2"), _scale(text, "b", "video2")) == (0.2, 0.3)


def test_recorded_tracks_are_in_metres() -> None:
    if not (DATA / "trajectories" / "citr").is_dir():
        pytest.skip("no recorded tracks: ../shared/data/trajectories/citr is not there")
    tracks = _citr(DATA)
    assert Counter(track.label for track in tracks) == {"Pedestrian": 8, "Cart": 1}
    for track in tracks:
        speed = np.linalg.norm(np.diff(track.places, axis=0), axis=1) / np.diff(track.times)
        assert np.median(speed) < 5.0


def test_no_place_is_in_both_zones(stage: Stage) -> None:
    places = np.random.default_rng(1).uniform((-20, 4), (20, 34), (500, 2))
    assert not (stage.holds(PROMENADE, places) & stage.holds(CARRIAGEWAY, places)).any()
