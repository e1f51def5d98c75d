"""Masks over films: what moves is hidden in every frame, from before its first detection, and failures are black."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from edge.config.site import Detector as DetectorSite
from edge.config.site import PrivacyLevel
from edge.units import NS_PER_S
from edge.vision.anonymise import film as film_module
from edge.vision.anonymise.eyes import Eyes, load_eyes
from edge.vision.anonymise.film import FilmMasker
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.camera.synthetic import SyntheticCamera, truth
from edge.vision.detect.detector import Detector
from edge.vision.detect.region import Region
from edge.vision.frame import MASKED, Detections, Frame, Pixels

SIZE = (480, 270)
FRAMES = 100
# What lies so far outside the picture, or is so small, shows nobody.
LEAST_PX = 10.0


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return load_eyes(DetectorSite())


@pytest.fixture(scope="module")
def film() -> list[Frame]:
    return drawn("crossing")


def drawn(scene: str, frames: int = FRAMES) -> list[Frame]:
    with SyntheticCamera(scene, size=SIZE) as camera:
        read = (camera.read(1.0) for _ in range(frames))
        return [replace(frame, pixels=frame.pixels.copy()) for frame in read if frame is not None]


def judged(eyes: Eyes, film: Sequence[Frame], level: PrivacyLevel) -> Iterator[Verdict]:
    with FilmMasker((eyes,), level, SIZE) as masker:
        for frame in film:
            masker.study(frame)
        masker.conclude()
        yield from (masker.judge(index) for index in range(len(film)))


@pytest.fixture(scope="module")
def verdicts(eyes: Eyes, film: list[Frame]) -> dict[PrivacyLevel, list[Verdict]]:
    return {level: list(judged(eyes, film, level)) for level in PrivacyLevel}


def shares_hidden(film: Sequence[Frame], verdicts: Sequence[Verdict]) -> list[float]:
    """The share of each drawn passer's box that is hidden, in each frame in which at least half of it is inside."""
    shares = []
    paths = truth("crossing", size=SIZE)
    for frame, verdict in zip(film, verdicts, strict=True):
        for path in paths:
            box = path.box_at(frame.taken_ns / NS_PER_S)
            if box is None or min(box[2] - box[0], box[3] - box[1]) < LEAST_PX:
                continue
            x0, y0, x1, y1 = (round(float(v)) for v in np.clip(box, 0, (*SIZE, *SIZE)))
            if (x1 - x0) < (box[2] - box[0]) / 2 or (y1 - y0) < (box[3] - box[1]) / 2:
                continue
            assert verdict.cover is not None
            shares.append(float((verdict.cover[y0:y1, x0:x1] == MASKED).mean()))
    return shares


def test_no_frame_of_a_calm_film_is_black(verdicts: dict[PrivacyLevel, list[Verdict]]) -> None:
    assert all(verdict.cover is not None for level in PrivacyLevel for verdict in verdicts[level])


def test_whoever_passes_is_hidden_in_every_frame(
    film: list[Frame], verdicts: dict[PrivacyLevel, list[Verdict]]
) -> None:
    shares = shares_hidden(film, verdicts[PrivacyLevel.PEOPLE_AND_VEHICLES])
    assert len(shares) > FRAMES / 2
    # Boxes of the drawn figures are generous: round a head there is street.
    assert min(shares) >= 0.7
    assert np.mean([share >= 0.8 for share in shares]) >= 0.97


def test_each_level_hides_all_that_the_one_before_hides(verdicts: dict[PrivacyLevel, list[Verdict]]) -> None:
    less, some, most = (verdicts[level] for level in PrivacyLevel)
    for a, b, c in zip(less, some, most, strict=True):
        assert a.cover is not None
        assert b.cover is not None
        assert c.cover is not None
        assert not ((a.cover == MASKED) & (b.cover != MASKED)).any()
        assert not ((b.cover == MASKED) & (c.cover != MASKED)).any()


def test_a_street_is_not_hidden_for_its_passers(verdicts: dict[PrivacyLevel, list[Verdict]]) -> None:
    covers = [verdict.cover for verdict in verdicts[PrivacyLevel.PEOPLE_AND_VEHICLES]]
    assert np.mean([(cover == MASKED).mean() for cover in covers if cover is not None]) < 0.5


def test_the_background_is_shown_once_it_is_proven(verdicts: dict[PrivacyLevel, list[Verdict]]) -> None:
    first, last = (verdicts[PrivacyLevel.ALL_BUT_BACKGROUND][at].cover for at in (0, -1))
    assert first is not None
    assert (first == MASKED).all()
    assert last is not None
    assert (last != MASKED).mean() > 0.1


class Broken(Detector):
    """A real detector that fails from its n-th look on."""

    def __init__(self, whole: Detector, looks: int) -> None:
        self._whole = whole
        self._left = looks

    def detect(self, pixels: Pixels, regions: Sequence[Region], *rest: float, **more: int | None) -> Detections:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError("broken")
        return self._whole.detect(pixels, regions, *rest, **more)  # type: ignore[arg-type]


def test_a_detector_that_fails_midway_leaves_black_frames(eyes: Eyes, film: list[Frame]) -> None:
    broken = replace(eyes, road=Broken(eyes.road, 10))  # type: ignore[arg-type]
    verdicts = list(judged(broken, film, PrivacyLevel.PEOPLE_AND_VEHICLES))
    assert verdicts[0].cover is not None
    assert all(verdict.cover is None for verdict in verdicts[40:])
    assert {verdict.why for verdict in verdicts[40:]} <= {Blackout.FAILED, Blackout.UNSEEN}


class Hiccup(Broken):
    """A real detector that fails at its n-th look only."""

    def detect(self, pixels: Pixels, regions: Sequence[Region], *rest: float, **more: int | None) -> Detections:
        self._left -= 1
        if self._left == 0:
            raise RuntimeError("broken")
        return self._whole.detect(pixels, regions, *rest, **more)  # type: ignore[arg-type]


def test_one_look_that_fails_leaves_its_frame_black(eyes: Eyes, film: list[Frame]) -> None:
    hiccup = replace(eyes, road=Hiccup(eyes.road, 8))  # type: ignore[arg-type]
    verdicts = list(judged(hiccup, film[:30], PrivacyLevel.PEOPLE_AND_VEHICLES))
    assert [verdict.why for verdict in verdicts].count(Blackout.FAILED) == 1


def test_a_detector_that_never_works_shows_nothing(eyes: Eyes, film: list[Frame]) -> None:
    broken = replace(eyes, road=Broken(eyes.road, 0))  # type: ignore[arg-type]
    assert all(v.cover is None for v in judged(broken, film[:12], PrivacyLevel.FACES_AND_PLATES))


def brighter(pixels: Pixels) -> Pixels:
    return np.asarray((pixels * 1.5).clip(0, 255), np.uint8)


def shifted(pixels: Pixels) -> Pixels:
    return np.roll(pixels, (7, 15), axis=(0, 1))


@pytest.mark.parametrize(("change", "why"), [(brighter, Blackout.EXPOSURE), (shifted, Blackout.MOVED)])
def test_after_a_change_of_the_whole_picture_it_is_black(
    eyes: Eyes, film: list[Frame], change: Callable[[Pixels], Pixels], why: Blackout
) -> None:
    changed = [replace(f, pixels=change(f.pixels)) if 50 <= f.index < 55 else f for f in film]
    verdicts = list(judged(eyes, changed, PrivacyLevel.PEOPLE_AND_VEHICLES))
    assert verdicts[49].cover is not None
    assert verdicts[50].why is why
    assert all(verdict.cover is None for verdict in verdicts[50:58])


def test_polygons_are_never_seen_and_always_hidden(eyes: Eyes, film: list[Frame]) -> None:
    polygon = ((0.0, 0.0), (480.0, 0.0), (480.0, 140.0), (0.0, 140.0))
    seen: list[Pixels] = []

    class Watched(Broken):
        def detect(self, pixels: Pixels, regions: Sequence[Region], *rest: float, **more: int | None) -> Detections:
            seen.append(pixels.copy())
            return super().detect(pixels, regions, *rest, **more)

    watched = replace(eyes, road=Watched(eyes.road, 10**6))  # type: ignore[arg-type]
    with FilmMasker((watched,), PrivacyLevel.FACES_AND_PLATES, SIZE, (polygon,)) as masker:
        for frame in film[:8]:
            masker.study(frame)
        masker.conclude()
        for index in range(8):
            cover = masker.judge(index).cover
            assert cover is None or (cover[:140] == MASKED).all()
    assert seen
    assert all((pixels[:140] == pixels[0, 0]).all() for pixels in seen)


def test_a_film_of_one_frame_and_tiny_films_have_verdicts(eyes: Eyes) -> None:
    for size in ((1, 1), (8, 300)):
        frame = Frame(pixels=np.full((size[1], size[0], 3), 90, np.uint8), taken_ns=0, index=0)
        with FilmMasker((eyes,), PrivacyLevel.PEOPLE_AND_VEHICLES, size) as masker:
            masker.study(frame)
            masker.conclude()
            assert masker.judge(0).why is Blackout.EVEN


def test_a_frame_of_another_size_is_refused(eyes: Eyes, film: list[Frame]) -> None:
    with (
        FilmMasker((eyes,), PrivacyLevel.PEOPLE_AND_VEHICLES, (99, 99)) as masker,
        pytest.raises(ValueError, match="99"),
    ):
        masker.study(film[0])


def test_in_a_crowd_only_proven_background_is_shown(
    eyes: Eyes, film: list[Frame], verdicts: dict[PrivacyLevel, list[Verdict]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_module, "CROWD", 0)
    crowded = list(judged(eyes, film[:30], PrivacyLevel.FACES_AND_PLATES))
    for one, other in zip(crowded, verdicts[PrivacyLevel.ALL_BUT_BACKGROUND], strict=False):
        assert one.cover is not None
        assert (one.cover == MASKED).all()
        assert other.cover is not None
        assert (other.cover == MASKED).all()
