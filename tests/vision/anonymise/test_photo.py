"""Masks over single pictures."""

from dataclasses import replace
from typing import Never

import numpy as np
import pytest

from edge.config.site import Detector as DetectorSite
from edge.config.site import PrivacyLevel
from edge.vision.anonymise.eyes import Eyes, load_eyes
from edge.vision.anonymise.photo import CROWD, PhotoMasker
from edge.vision.anonymise.verdict import Blackout
from edge.vision.frame import MASKED, Detections, Pixels


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return load_eyes(DetectorSite())


class Blind:
    """An eye that fails."""

    def detect(self, pixels: Pixels, *_: object, **__: object) -> Never:
        raise RuntimeError(str(pixels))


@pytest.mark.parametrize("which", ["road", "faces", "plates"])
def test_where_one_eye_fails_all_is_black(eyes: Eyes, which: str) -> None:
    blind = replace(eyes, **{which: Blind()})
    verdict = PhotoMasker(blind, PrivacyLevel.FACES_AND_PLATES).judge(np.full((90, 120, 3), 99, np.uint8))
    assert verdict.why is Blackout.FAILED


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (97, 61)])
def test_pictures_of_any_size_have_a_verdict(eyes: Eyes, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (size[1], size[0], 3), np.uint8)
    for level in PrivacyLevel:
        verdict = PhotoMasker(eyes, level).judge(pixels)
        assert verdict.cover is not None
        assert verdict.cover.shape == (size[1], size[0])


def test_one_picture_proves_no_background(eyes: Eyes) -> None:
    cover = PhotoMasker(eyes, PrivacyLevel.ALL_BUT_BACKGROUND).judge(np.full((90, 120, 3), 99, np.uint8)).cover
    assert cover is not None
    assert (cover == MASKED).all()


def test_polygons_are_hidden(eyes: Eyes) -> None:
    triangle = ((10.0, 10.0), (60.0, 10.0), (10.0, 60.0))
    cover = (
        PhotoMasker(eyes, PrivacyLevel.FACES_AND_PLATES, (triangle,)).judge(np.full((90, 120, 3), 99, np.uint8)).cover
    )
    assert cover is not None
    assert (cover[10:30, 10:30] == MASKED).all()
    assert (cover[65:, 65:] != MASKED).all()


class Crowded:
    """An eye that finds so many people."""

    def __init__(self, people: int) -> None:
        self._people = people

    def detect(self, *_: object, **__: object) -> Detections:
        boxes = np.array([(5, 5, 9, 15)] * self._people, np.float32)
        return Detections(boxes=boxes, scores=np.ones(len(boxes), np.float32), kinds=np.zeros(len(boxes), np.int8))


@pytest.mark.parametrize("level", PrivacyLevel)
def test_in_a_crowd_nothing_is_shown(eyes: Eyes, level: PrivacyLevel) -> None:
    pixels = np.full((90, 120, 3), 99, np.uint8)
    for people, all_hidden in ((CROWD - 1, level is PrivacyLevel.ALL_BUT_BACKGROUND), (CROWD, True)):
        cover = PhotoMasker(replace(eyes, road=Crowded(people)), level).judge(pixels).cover
        assert cover is not None
        assert bool((cover == MASKED).all()) == all_hidden
