"""What is attacked: photographs of plates and faces, in the clear and behind masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edge.cli.bench.attack_faces import second_picture
from edge.cli.bench.attackers import Face, Place, plain
from edge.cli.bench.pictures import read_picture
from edge.cli.bench.privacy_truth import plate_texts, truth_sets
from edge.config.site import PrivacyFill, PrivacyLevel
from edge.vision.anonymise.cover import cover_boxes
from edge.vision.anonymise.eyes import Eyes
from edge.vision.anonymise.fill import black, fill
from edge.vision.anonymise.photo import PhotoMasker

if TYPE_CHECKING:
    from edge.vision.frame import Cover, Pixels

_SEED = 5


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Scene:
    """A photograph and where in it plates or faces are; with plates, what stands on each."""

    pixels: "Pixels"
    places: tuple[Place, ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Covered:
    """A scene with the cover of one kind of mask; None is black."""

    scene: Scene
    cover: "Cover | None"

    def filled(self, how: PrivacyFill) -> "list[Face]":
        """Mask the picture; gives it once for each place."""
        pixels = self.scene.pixels
        shown = black((pixels.shape[1], pixels.shape[0])) if self.cover is None else fill(pixels, self.cover, how)
        return [(shown, place) for place in self.scene.places]


def plate_scenes(data: Path) -> list[Scene]:
    """Read the photographs of plates; raises TruthError where there are none."""
    texts = plate_texts(data)
    return [
        _scene(material.path, material.labels["plates"][0].boxes, (plain(texts[material.path]),))
        for material in truth_sets(data, "plates")[0].files
    ]


def face_scenes(data: Path) -> list[Scene]:
    """Read the photographs of faces; raises TruthError where there are none."""
    return [_scene(material.path, material.labels["faces"][0].boxes) for material in truth_sets(data, "faces")[0].files]


def seconds_of(scenes: Sequence[Scene]) -> list[Scene]:
    """Make a second picture of each scene, the same in every run."""
    rng = np.random.default_rng(_SEED)
    made = (second_picture(scene.pixels, scene.places, rng) for scene in scenes)
    return [Scene(pixels=pixels, places=tuple(places)) for pixels, places in made]


def alone(scenes: Sequence[Scene]) -> list[Covered]:
    """Cover no more than the places themselves."""
    return [
        Covered(scene=scene, cover=cover_boxes(_size(scene), np.array(scene.places, np.float32))) for scene in scenes
    ]


def masked(scenes: Sequence[Scene], level: PrivacyLevel, eyes: Eyes) -> list[Covered]:
    """Cover what the product covers at a level."""
    masker = PhotoMasker(eyes, level)
    return [Covered(scene=scene, cover=masker.judge(scene.pixels).cover) for scene in scenes]


def in_the_clear(scenes: Sequence[Scene]) -> "list[Face]":
    """Give the pictures as they are, once for each place."""
    return [(scene.pixels, place) for scene in scenes for place in scene.places]


def _scene(
    path: Path, boxes: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", texts: tuple[str, ...] = ()
) -> Scene:
    pixels = read_picture(path)
    size = (pixels.shape[1], pixels.shape[0])
    inside = np.clip(boxes.round(), 0, (*size, *size)).astype(int).tolist()
    return Scene(pixels=pixels, places=tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in inside), texts=texts)


def _size(scene: Scene) -> tuple[int, int]:
    return scene.pixels.shape[1], scene.pixels.shape[0]
