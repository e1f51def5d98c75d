"""Every attack on every kind of mask and fill, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.cli.bench.attack_faces import Known, know_faces
from edge.cli.bench.attack_plates import Read, read_plates
from edge.cli.bench.attack_scenes import (
    Covered,
    Scene,
    alone,
    face_scenes,
    in_the_clear,
    masked,
    plate_scenes,
    seconds_of,
)
from edge.cli.bench.attackers import Face, find_attackers
from edge.config.site import Detector, PrivacyFill, PrivacyLevel
from edge.vision.anonymise.eyes import load_eyes

Say = Callable[[str], None]
Shown = Callable[[Sequence[Covered]], list[Face]]

CLEAR: Final = "clear"
ALONE: Final = "alone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """What came of attacking one kind of mask (CLEAR, ALONE or a level) with one fill."""

    masks: str
    fill: str
    plates: Read
    faces: Known


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class _Scenes:
    """The same pictures in one state: plates, faces, and second pictures of the faces."""

    plates: Sequence[Covered]
    faces: Sequence[Covered]
    again: Sequence[Covered]


def attacks(data: Path, say: Say) -> Iterator[Attack]:
    """Attack the pictures below `data`; raises TruthError, UnobtainableError, ModelError or OSError."""
    attackers = find_attackers(say)
    plates, faces = plate_scenes(data), face_scenes(data)
    again = seconds_of(faces)
    texts = [text for scene in plates for text in scene.texts]
    gallery = attackers.describe(in_the_clear(faces))
    yield Attack(
        masks=CLEAR,
        fill="",
        plates=read_plates(attackers, in_the_clear(plates), texts),
        faces=know_faces(attackers, in_the_clear(faces), in_the_clear(again), gallery),
    )
    for masks, scenes in _masked(plates, faces, again, say):
        for how in PrivacyFill:
            say(f"attacking {masks}, {how.value}")
            yield Attack(
                masks=masks,
                fill=how.value,
                plates=read_plates(attackers, _filled(scenes.plates, how), texts),
                faces=know_faces(attackers, _filled(scenes.faces, how), _filled(scenes.again, how), gallery),
            )


def _masked(
    plates: Sequence[Scene], faces: Sequence[Scene], again: Sequence[Scene], say: Say
) -> Iterator[tuple[str, _Scenes]]:
    yield ALONE, _Scenes(plates=alone(plates), faces=alone(faces), again=alone(again))
    eyes = load_eyes(Detector())
    for level in PrivacyLevel:
        say(f"masking {level.value}")
        covered = (masked(scenes, level, eyes) for scenes in (plates, faces, again))
        yield level.value, _Scenes(plates=next(covered), faces=next(covered), again=next(covered))


def _filled(covered: Sequence[Covered], how: PrivacyFill) -> list[Face]:
    return [face for one in covered for face in one.filled(how)]
