"""Detectors that are loaded late: blind until then, and never in part."""

import logging

import numpy as np
import pytest

from edge.config.site import Detector as DetectorSite
from edge.vision.anonymise import late
from edge.vision.anonymise.late import LateEyes, LateFaces
from edge.vision.detect.detector import load_detector
from edge.vision.detect.manifest import ModelError
from edge.vision.detect.region import whole
from edge.vision.frame import MASKED

SIZE = (320, 240)
PIXELS = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)


def test_what_is_not_loaded_sees_nothing_and_says_so() -> None:
    site = DetectorSite()
    eyes = LateEyes(site, load_detector(site)).eyes
    for eye in (eyes.faces, eyes.plates):
        with pytest.raises(ModelError, match="before it was loaded"):
            eye.detect(PIXELS, (whole(SIZE),))


def test_what_is_loaded_sees_and_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    for name in ("load_face_detector", "load_plate_detector"):
        real = getattr(late, name)
        monkeypatch.setattr(
            late, name, lambda threads, name=name, real=real: loads.append(name) or real(threads=threads)
        )
    site = DetectorSite()
    eyes = LateEyes(site, load_detector(site))
    assert loads == []
    assert [eyes.load(), eyes.load()] == [True, True]
    assert loads == ["load_face_detector", "load_plate_detector"]
    assert len(eyes.eyes.faces.detect(PIXELS, (whole(SIZE),))) == 0
    assert not (eyes.eyes.plates.detect(PIXELS, (whole(SIZE),)).cover == MASKED).all()


def test_where_a_model_is_missing_that_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(threads: int) -> LateFaces:
        raise ModelError(f"no model for {threads} thread")

    monkeypatch.setattr(late, "load_plate_detector", missing)
    site = DetectorSite()
    eyes = LateEyes(site, load_detector(site))
    with caplog.at_level(logging.ERROR):
        assert [eyes.load(), eyes.load()] == [False, False]
    assert caplog.messages == ["no still can be masked: no model for 1 thread"]
    with pytest.raises(ModelError):
        eyes.eyes.plates.detect(PIXELS, (whole(SIZE),))
