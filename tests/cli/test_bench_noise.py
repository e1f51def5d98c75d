"""`passant bench noise`: what it measures is what was put in."""

from pathlib import Path

import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.noise_fit import Blob, Material, fit, quantiles
from edge.cli.bench.noise_log import ClipLog, Glimpse
from edge.cli.bench.noise_sightings import Sighting, Stray, Thing, followed, sightings_of
from edge.cli.bench.noise_table import table
from edge.cli.bench.world.noise import (
    GROUP_OF,
    GROUPS,
    HEAVY,
    LIGHT,
    PERSON,
    SHARES,
    Noise,
    fitted,
    mean_of,
    of_json,
    to_json,
)
from edge.contract.report import RoadUser
from edge.vision.detect.region import Region
from edge.vision.frame import Detections

STEP_S = 0.1


def sightings(kind: RoadUser, missed: float, lasts_s: float, *, night: bool = False) -> list[Sighting]:
    """Looks at things of one kind of which a share is missed, in drop-outs that last."""
    rng = np.random.default_rng((int(kind), night))
    keeps = np.exp(-STEP_S / lasts_s)
    found = []
    for thing in range(40):
        gone = rng.random() < missed
        for look in range(80):
            gone = rng.random() < missed + keeps * (gone - missed)
            found.append(
                Sighting(
                    clip=f"clip-{thing % 4}",
                    night=night,
                    thing=thing,
                    kind=kind,
                    at_s=look * STEP_S,
                    side_px=70.0,
                    score=None if gone else rng.uniform(0.4, 0.8),
                    called=None if gone else (RoadUser.CAR if rng.random() < 0.25 else kind),
                    offset=None if gone else tuple(rng.normal(0, (0.05, 0.1, 0.15, 0.2))),
                    moving=1.0,
                )
            )
    return found


@pytest.fixture(scope="module")
def material() -> Material:
    seen = [
        *sightings(RoadUser.PERSON, 0.05, 0.3),
        *sightings(RoadUser.CAR, 0.3, 0.5),
        *sightings(RoadUser.CAR, 0.6, 0.5, night=True),
        *sightings(RoadUser.LORRY, 0.4, 0.5),
    ]
    haunting = [
        Stray(clip="clip-0", night=False, at_s=n, kind=RoadUser.BUS, score=0.2, side_px=80.0, place=(0.5, 0.5))
        for n in range(10)
    ]
    parked = [
        Stray(clip="clip-1", night=False, at_s=n, kind=RoadUser.BUS, score=0.9, side_px=80.0, place=(0.1, 0.5))
        for n in range(10)
    ]
    blobs = [
        Blob(clip="c", night=night, group=group, thing=n % 5, at_s=n / 10, dull=n % 4 == 0, width=1.2, height=0.9)
        for n in range(200)
        for group in (PERSON, LIGHT)
        for night in (False, True)
    ]
    return Material(
        sightings=tuple(seen),
        strays=(*haunting, *parked),
        blobs=tuple(blobs),
        stray_blobs=((False, 0.05),) * 20,
        watched={False: 100, True: 0},
        looks={f"clip-{n}": 100 for n in range(4)},
    )


def test_misses_and_how_long_they_last_come_back(material: Material) -> None:
    noise = fit(material)
    for kind, night in ((RoadUser.CAR, False), (RoadUser.CAR, True), (RoadUser.LORRY, False)):
        own = [one.score is None for one in material.sightings if one.kind is kind and one.night is night]
        grade = noise.grade(GROUP_OF[kind], 70.0, night=night)
        assert mean_of(grade.miss) == pytest.approx(np.mean(own), abs=0.02)
        assert grade.dropout_s == pytest.approx(0.5, rel=0.35)
        assert not grade.borrowed


def test_scores_jitter_and_names_come_back(material: Material) -> None:
    noise = fit(material)
    heavy = noise.grade(HEAVY, 70.0, night=False)
    assert heavy.score[0] >= 0.4
    assert heavy.score[-1] <= 0.8
    spreads = [own[SHARES.index(0.9)] - own[SHARES.index(0.1)] for own in heavy.jitter]
    assert spreads == pytest.approx([2.56 * sd for sd in (0.05, 0.1, 0.15, 0.2)], rel=0.15)
    calls = noise.called(HEAVY, night=False)
    assert calls.shares[RoadUser.CAR] == pytest.approx(0.25, abs=0.03)
    assert calls.again < 0.1


def test_a_night_nobody_saw_is_borrowed_and_darker(material: Material) -> None:
    noise = fit(material)
    day, night = (noise.grade(HEAVY, 70.0, night=dark) for dark in (False, True))
    assert night.borrowed
    assert mean_of(night.miss) > mean_of(day.miss) + 0.15


def test_what_stands_surely_is_parked_and_haunts_nobody(material: Material) -> None:
    haunt = next(one for one in fit(material).haunts if one.group == HEAVY)
    assert haunt.places == 0.25
    assert haunt.hit[5] == pytest.approx(0.1)
    assert max(haunt.score) == pytest.approx(0.2)


def test_the_kept_numbers_are_whole_and_come_back_as_they_were() -> None:
    noise = fitted()
    assert of_json(to_json(noise)) == noise
    assert {one.group for one in noise.grades} == set(GROUPS)
    for grade in noise.grades:
        assert list(grade.miss) == sorted(grade.miss)
        assert list(grade.score) == sorted(grade.score)
        assert 0.0 <= grade.miss[0] <= grade.miss[-1] <= 1.0
    assert all(sum(calls.shares) == pytest.approx(1.0, abs=1e-3) for calls in noise.calls)


def test_twice_as_bad_is_twice_as_bad() -> None:
    noise, worse = fitted(), fitted().worse(2.0)
    before, after = (own.grade(HEAVY, 200.0, night=False) for own in (noise, worse))
    assert after.miss[5] == pytest.approx(min(0.97, 2 * before.miss[5]))
    calls, flipped = (own.called(HEAVY, night=False) for own in (noise, worse))
    wrong = [sum(s for n, s in enumerate(own.shares) if GROUP_OF[RoadUser(n)] != HEAVY) for own in (calls, flipped)]
    assert wrong[1] == pytest.approx(2 * wrong[0])
    assert sum(flipped.shares) == pytest.approx(1.0, abs=1e-3)


def test_the_table_tells_each_group_and_its_spread(material: Material) -> None:
    noise = fit(material)
    text = table(noise, noise, material, (3, 0))
    assert all(group in text for group in GROUPS)
    assert "+0.000" in text


def log(found: list[tuple[float, float, float, float]], index: int) -> Glimpse:
    return Glimpse(
        index=index,
        at_s=index * STEP_S,
        looked=(Region(x0=0, y0=0, x1=100, y1=100),),
        found=Detections(
            boxes=np.array(found, np.float32).reshape(-1, 4),
            scores=np.full(len(found), 0.5, np.float32),
            kinds=np.full(len(found), int(RoadUser.CAR), np.int8),
        ),
        tracks=(),
        moving=None,
        mask_shape=(0, 0),
        mask_scale=1.0,
    )


def test_a_detection_belongs_to_the_thing_it_overlaps_and_else_to_nobody() -> None:
    boxes = {n: np.array((10.0 + n, 10.0, 30.0 + n, 30.0)) for n in range(10)}
    glimpses = [log([(10.0 + n, 10.0, 30.0 + n, 30.0)] * (n != 4) + [(70.0, 70.0, 80.0, 80.0)], n) for n in range(10)]
    clip = ClipLog(name="clip", night=False, size=(100, 100), glimpses=tuple(glimpses))
    seen, strays = sightings_of(clip, [Thing(kind=RoadUser.CAR, boxes=boxes)])
    assert [one.score is None for one in seen] == [n == 4 for n in range(10)]
    assert all(one.offset == pytest.approx((0, 0, 0, 0), abs=1e-4) for one in seen if one.offset is not None)
    assert len(strays) == 10
    assert followed(clip) == []


def test_a_folder_without_recordings_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "noise", "--data", str(tmp_path)]) == 2
    assert "no recording of a street" in capsys.readouterr().err


def test_quantiles_leave_the_rarest_out() -> None:
    values = np.arange(1001.0)
    assert quantiles(values)[0] == pytest.approx(5.0)
    assert quantiles(values)[-1] == pytest.approx(995.0)


def test_the_noise_knows_all_kinds() -> None:
    noise: Noise = fitted()
    assert {GROUP_OF[kind] for kind in RoadUser} == {one.group for one in noise.calls}
