"""The work of `passant bench alarms` in parts, for several processes, and their results added up."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from edge.cli.bench.alarms_table import BOXES_ALONE, Row
from edge.cli.bench.world.crowd import Levels, crowded
from edge.cli.bench.world.days import Diary, live
from edge.cli.bench.world.noise import Noise, fitted
from edge.cli.bench.world.run import Outcome, perform
from edge.contract.report import AlarmKind, RoadUser

# So many plays are one part.
PART: Final = 10
_DAY: Final = 99


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Some plays of a kind, from the `first` on; a day where `kind` is None.

    `factor` is for misses and wrong names; `fit` whether the site counts crowds by a fit of its own.
    """

    kind: AlarmKind | None
    night: bool
    seed: int
    first: int
    number: int
    factor: float
    fit: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of a task."""

    task: Task
    outcomes: tuple[Outcome, ...] = ()
    diary: Diary = field(default_factory=Diary)
    levels: Levels | None = None


def done(task: Task) -> Result:
    """Do a task."""
    noise = _noise(task.factor)
    if task.kind is None:
        return Result(task=task, diary=live((task.seed, _DAY, task.first), noise))
    seeds = [(task.seed, int(task.kind), int(task.night), n) for n in range(task.first, task.first + task.number)]
    if task.kind is AlarmKind.DENSITY:
        return Result(task=task, levels=crowded(seeds[0], noise, fit=task.fit))
    return Result(task=task, outcomes=tuple(perform(task.kind, seed, noise, night=task.night) for seed in seeds))


@lru_cache(maxsize=4)
def _noise(factor: float) -> Noise:
    return fitted() if factor == 1.0 else fitted().worse(factor)


def gathered(results: Sequence[Result]) -> list[Row]:
    """Add up: a row for each kind, light and factor."""
    outcomes: dict[tuple[float, AlarmKind, bool], list[Outcome]] = defaultdict(list)
    diaries: dict[float, Diary] = defaultdict(Diary)
    levels: dict[tuple[float, bool], Levels] = defaultdict(Levels)
    for result in results:
        task = result.task
        diaries[task.factor].add(result.diary)
        if result.levels is not None:
            levels[task.factor, task.fit].add(result.levels)
        elif task.kind is not None:
            outcomes[task.factor, task.kind, task.night] += result.outcomes
    rows = [
        _row(factor, (kind, night), outcomes[factor, kind, night], diaries[factor])
        for factor, kind, night in sorted(outcomes, key=lambda key: (key[0], key[1], key[2]))
    ]
    rows += [_density(factor, levels[factor, fit], diaries[factor], fit=fit) for factor, fit in sorted(levels)]
    return sorted(rows, key=lambda row: row.factor)


def _row(factor: float, of: tuple[AlarmKind, bool], outcomes: list[Outcome], diary: Diary) -> Row:
    kind, night = of
    told = sorted(one.latency_s for one in outcomes if one.latency_s is not None)
    alarms, days = _false(diary, kind, night=night)
    return Row(
        kind=kind.name.lower().replace("_", "-"),
        night=night,
        factor=factor,
        scenes=len(outcomes),
        recalled=len(told),
        early=sum(one.early for one in outcomes),
        latencies_s=tuple(told),
        missed=tuple(one.seed for one in outcomes if one.latency_s is None),
        false_alarms=alarms,
        days=days,
        passed=_passed(diary.passed),
        false_notes=tuple(note for note in diary.notes if note.startswith(kind.name.lower())),
    )


def _density(factor: float, levels: Levels, diary: Diary, *, fit: bool) -> Row:
    alarms, days = _false(diary, AlarmKind.DENSITY, night=False)
    return Row(
        kind="density" if fit else BOXES_ALONE,
        night=False,
        factor=factor,
        scenes=levels.scenes,
        recalled=levels.reached,
        early=0,
        latencies_s=tuple(sorted(levels.latencies_s)),
        missed=tuple(levels.missed),
        false_alarms=alarms,
        days=days,
        passed=_passed(diary.passed),
        of=levels.reachable,
        level_share=levels.share,
    )


def _false(diary: Diary, kind: AlarmKind, *, night: bool) -> tuple[int, float]:
    """Count false alarms: those by night beside the row of the night, all others' together."""
    if kind is AlarmKind.HEAVY_VEHICLE:
        return diary.alarms[kind, night], diary.days
    return diary.alarms[kind, False] + diary.alarms[kind, True], diary.days


def _passed(passed: Counter[RoadUser]) -> dict[str, int]:
    return {kind.name.lower(): passed[kind] for kind in RoadUser if passed[kind]}
