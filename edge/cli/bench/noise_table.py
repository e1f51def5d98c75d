"""The noise model as a table: each figure with its spread between draws of clips."""

from typing import TYPE_CHECKING

import numpy as np

from edge.cli.bench.world.noise import P10, P50, P90, Calls, Grade, Haunt, Noise, Witness, mean_of
from edge.contract.report import RoadUser

if TYPE_CHECKING:
    from edge.cli.bench.noise_fit import Material


def table(noise: Noise, kept: Noise, material: "Material", draws: tuple[int, int]) -> str:
    """Write all of it; `kept` is what alarms use now, `draws` how many draws of clips, and their seed."""
    clips = len(material.looks)
    head = f"{clips} recordings, {sum(material.looks.values())} looks, {len(material.sightings)} sightings"
    spread = _spreads(material, draws)
    return "\n".join(
        [
            head,
            "who      light from px   looks things  missed    (5-95 %)  lasting  score p10 p50 p90  own   off x y w h",
            *(_grade(one, spread) for one in noise.grades),
            "called",
            *(_calls(one) for one in noise.calls),
            "places of nothing, a camera",
            *(_haunt(one) for one in noise.haunts),
            "movement, of things that move",
            *(_witness(one) for one in noise.witness),
            f"the mean share missed beside what alarms use: {_drift(noise, kept):+.3f}",
        ]
    )


def _spreads(material: "Material", draws: tuple[int, int]) -> dict[tuple[str, bool, int], tuple[float, float]]:
    from edge.cli.bench.noise_fit import fit  # noqa: PLC0415

    rng = np.random.default_rng(draws[1])
    clips = sorted({one.clip for one in material.sightings})
    seen: dict[tuple[str, bool, int], list[float]] = {}
    for _ in range(draws[0]):
        drawn = [clips[i] for i in rng.integers(len(clips), size=len(clips))]
        try:
            noise = fit(material.of(drawn))
        except ValueError:  # a draw without one group tells nothing
            continue
        for one in noise.grades:
            if not one.borrowed:
                seen.setdefault((one.group, one.night, one.least_px), []).append(mean_of(one.miss))
    return {key: (float(np.quantile(all_, 0.05)), float(np.quantile(all_, 0.95))) for key, all_ in seen.items()}


def _grade(one: Grade, spread: dict[tuple[str, bool, int], tuple[float, float]]) -> str:
    low, high = spread.get((one.group, one.night, one.least_px), (float("nan"), float("nan")))
    between = "" if one.borrowed else f"({low:.2f}-{high:.2f})"
    scores = " ".join(f"{one.score[n]:.2f}" for n in (P10, P50, P90))
    jitter = " ".join(f"{(v[P90] - v[P10]) / 2:.2f}" for v in one.jitter)
    return (
        f"{one.group:<9}{_light(night=one.night):<6}{one.least_px:<8}{one.looks:>5}{one.things:>7}"
        f"{mean_of(one.miss):>8.2f}{between:>14}{one.dropout_s:>7.2f} s  {scores:<18}{one.score_rho:>4.2f}"
        f"   {jitter}  {one.borrowed}"
    )


def _calls(one: Calls) -> str:
    words = ", ".join(f"{RoadUser(n).name.lower()} {share:.3f}" for n, share in enumerate(one.shares) if share > 0)
    return f"  {one.group:<9}{_light(night=one.night):<6}{one.looks:>6} looks: {words}; repeated {one.again:.2f}"


def _haunt(one: Haunt) -> str:
    return (
        f"  {one.group:<9}{one.places:.2f}, named in {one.hit[P50]:.3f} of the looks (most {one.hit[-1]:.2f}), "
        f"score p50 {one.score[P50]:.2f} p90 {one.score[P90]:.2f} most {one.score[-1]:.2f}"
    )


def _witness(one: Witness) -> str:
    width, height = (" ".join(f"{own[n]:.2f}" for n in (P10, P50, P90)) for own in (one.width, one.height))
    return (
        f"  {one.group:<9}{_light(night=one.night):<6}{one.looks:>6} looks: too little moves in {one.dull:.3f}, "
        f"lasting {one.dropout_s:.2f} s; blob over box: width {width}, height {height}; {one.strays:.2f} stray a look"
    )


def _light(*, night: bool) -> str:
    return "night" if night else "day"


def _drift(noise: Noise, kept: Noise) -> float:
    of = {(one.group, one.night, one.least_px): mean_of(one.miss) for one in kept.grades}
    return float(np.mean([mean_of(one.miss) - of[one.group, one.night, one.least_px] for one in noise.grades]))
