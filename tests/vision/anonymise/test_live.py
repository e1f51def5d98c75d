"""Masks over a running camera: nothing before it is proven, tracks live on, movement is hidden."""

from dataclasses import replace

import numpy as np
import pytest

from edge.config.site import Detector as DetectorSite
from edge.config.site import Privacy, PrivacyLevel
from edge.contract.report import RoadUser
from edge.units import NS_PER_S
from edge.vision.anonymise.eyes import Eyes, load_eyes
from edge.vision.anonymise.live import LiveMasker
from edge.vision.anonymise.verdict import Blackout
from edge.vision.camera.synthetic import SyntheticCamera
from edge.vision.detect.motion import FOREGROUND, Motion, MotionModel
from edge.vision.frame import MASKED, Frame
from edge.vision.track.identity import Proof
from edge.vision.track.tracker import Scene, Track

SIZE = (480, 270)
NOBODY = Scene(tracks=(), ended=())


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return load_eyes(DetectorSite())


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    with SyntheticCamera("still", size=SIZE) as camera:
        read = (camera.read(1.0) for _ in range(80))
        return [replace(frame, pixels=frame.pixels.copy()) for frame in read if frame is not None]


def somebody(*, proof: Proof = Proof.NAMED, kind: RoadUser = RoadUser.PERSON, unseen_s: float = 0.0) -> Track:
    return Track(
        id=1,
        box=(200.0, 100.0, 230.0, 180.0),
        foot=(215.0, 180.0),
        velocity=(20.0, 0.0),
        kind=kind,
        proof=proof,
        seen=unseen_s == 0,
        unseen_s=unseen_s,
        entered=False,
    )


def shown(masker: LiveMasker, frames: list[Frame], scene: Scene = NOBODY) -> Motion:
    model = MotionModel()
    for frame in frames:
        motion = model.see(frame)
        masker.see(frame, scene, motion)
    return motion


def test_nothing_is_shown_before_it_is_proven(eyes: Eyes, frames: list[Frame]) -> None:
    masker = LiveMasker(eyes, Privacy(), SIZE)
    motion = shown(masker, frames[:3])
    assert masker.judge(frames[2], NOBODY, motion).why is Blackout.NOT_PROVEN
    unseen = LiveMasker(eyes, Privacy(), SIZE)
    assert unseen.judge(frames[40], NOBODY, None).cover is None


@pytest.mark.parametrize("level", PrivacyLevel)
def test_a_track_is_hidden_although_no_detector_sees_anybody(
    eyes: Eyes, frames: list[Frame], level: PrivacyLevel
) -> None:
    masker = LiveMasker(eyes, Privacy(level=level), SIZE)
    motion = shown(masker, frames)
    cover = masker.judge(frames[-1], Scene(tracks=(somebody(),), ended=()), motion).cover
    assert cover is not None
    assert (cover[100:115, 203:227] == MASKED).all()
    assert (cover != MASKED).any()
    if level is not PrivacyLevel.FACES_AND_PLATES:
        assert (cover[100:180, 200:230] == MASKED).all()


def test_a_track_that_is_lost_is_hidden_where_it_may_have_gone(eyes: Eyes, frames: list[Frame]) -> None:
    masker = LiveMasker(eyes, Privacy(), SIZE)
    motion = shown(masker, frames)
    cover = masker.judge(frames[-1], Scene(tracks=(somebody(unseen_s=1.0),), ended=()), motion).cover
    assert cover is not None
    assert (cover[100:180, 182:248] == MASKED).all()


def test_what_moves_and_has_no_name_is_hidden_at_every_level(eyes: Eyes, frames: list[Frame]) -> None:
    masker = LiveMasker(eyes, Privacy(level=PrivacyLevel.FACES_AND_PLATES), SIZE)
    motion = shown(masker, frames)
    mask = np.zeros_like(motion.mask)
    mask[100:120, 100:130] = FOREGROUND
    moving = replace(motion, mask=mask)
    masker.see(frames[-1], NOBODY, moving)
    scene = Scene(tracks=(somebody(proof=Proof.MOVING, kind=RoadUser.VEHICLE),), ended=())
    cover = masker.judge(frames[-1], scene, moving).cover
    assert cover is not None
    scale = motion.scale
    assert (cover[round(100 * scale) : round(120 * scale), round(100 * scale) : round(130 * scale)] == MASKED).all()
    assert (cover[100:180, 200:230] == MASKED).all()


def test_a_camera_that_was_turned_shows_nothing(eyes: Eyes, frames: list[Frame]) -> None:
    masker = LiveMasker(eyes, Privacy(), SIZE)
    motion = shown(masker, frames)
    later = frames[-1].taken_ns + NS_PER_S // 10
    turned = Frame(pixels=np.roll(frames[-1].pixels, (20, 40), axis=(0, 1)), taken_ns=later, index=99)
    masker.see(turned, NOBODY, motion)
    assert masker.judge(turned, NOBODY, motion).why is Blackout.MOVED


def test_movement_seen_long_ago_proves_nothing(eyes: Eyes, frames: list[Frame]) -> None:
    masker = LiveMasker(eyes, Privacy(), SIZE)
    shown(masker, frames)
    later = replace(frames[-1], taken_ns=frames[-1].taken_ns + NS_PER_S)
    masker.see(later, NOBODY, None)
    assert masker.judge(later, NOBODY, None).cover is None


def test_the_polygons_of_the_site_are_hidden(eyes: Eyes, frames: list[Frame]) -> None:
    triangle = ((10.0, 10.0), (60.0, 10.0), (10.0, 60.0))
    masker = LiveMasker(eyes, Privacy(polygons=(triangle,)), SIZE)
    motion = shown(masker, frames)
    cover = masker.judge(frames[-1], NOBODY, motion).cover
    assert cover is not None
    assert (cover[10:30, 10:30] == MASKED).all()
