"""Thinning: at most so many a second, by time, whatever the source's rate and jitter."""

from itertools import pairwise

import numpy as np
import pytest

from edge.vision.camera.rate import NS_PER_S, Thinning, period_ns


def kept(instants_s: list[float], fps: float | None) -> list[float]:
    thinning = Thinning(period_ns(fps))
    return [at_s for at_s in instants_s if thinning.keeps(round(at_s * NS_PER_S))]


def test_without_a_limit_all_are_kept() -> None:
    instants_s = [0.0, 0.001, 5.0, 5.04]
    assert kept(instants_s, None) == instants_s


@pytest.mark.parametrize(("source", "limit"), [(25.0, 10.0), (30.0, 25.0), (12.5, 10.0), (30.0, 30.0), (29.97, 5.0)])
def test_the_average_is_the_limit(source: float, limit: float) -> None:
    assert len(kept([n / source for n in range(int(100 * source))], limit)) == pytest.approx(100 * limit, rel=0.01)


def test_a_slower_source_loses_nothing() -> None:
    instants_s = [n / 5 for n in range(100)]
    assert kept(instants_s, 10.0) == instants_s


def test_jitter_does_not_halve_the_rate() -> None:
    chance = np.random.default_rng(1)
    instants_s = [n / 30 + chance.uniform(-0.003, 0.003) for n in range(3000)]
    assert len(kept(instants_s, 30.0)) > 2900


def test_after_a_gap_there_is_no_burst() -> None:
    instants_s = [n / 50 for n in range(50)] + [60 + n / 50 for n in range(50)]
    late = [at_s for at_s in kept(instants_s, 10.0) if at_s >= 60]
    assert late[0] == 60
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(late))
