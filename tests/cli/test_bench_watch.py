"""What the watch's benchmark makes of the states it saw."""

from edge.cli.bench.mishaps import MISHAPS
from edge.cli.bench.watch import _trial
from edge.contract.report import CameraState

OK, MOVED, BLACK = CameraState.STREAMING, CameraState.MOVED, CameraState.BLACK


def seen(*spans: tuple[int, int, CameraState]) -> list[tuple[float, CameraState]]:
    return [
        (float(at_s), next((state for since, until, state in spans if since <= at_s < until), OK)) for at_s in range(75)
    ]


def test_a_mishap_is_met_when_it_is_named_and_over_in_time() -> None:
    found = _trial("film", "bumped", MOVED, seen((43, 62, MOVED)))
    assert (found.named, found.after_s, found.back_s, found.met) == ("moved", 3.0, 2.0, True)


def test_it_is_missed_when_late_or_wrong_or_not_over_or_not_at_all() -> None:
    for spans in ([(51, 62, MOVED)], [(43, 62, BLACK)], [(43, 75, MOVED)], [(43, 71, MOVED)], []):
        assert not _trial("film", "bumped", MOVED, seen(*spans)).met


def test_what_a_street_does_is_met_only_without_a_word() -> None:
    assert _trial("film", "dusk", None, seen()).met
    assert not _trial("film", "dusk", None, seen((50, 51, BLACK))).met


def test_each_mishap_changes_pictures_and_keeps_their_shape() -> None:
    import numpy as np  # noqa: PLC0415  beside its only use

    picture = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
    before = picture.copy()
    for mishap in MISHAPS:
        spoilt = mishap.spoil(picture)
        assert (spoilt.shape, spoilt.dtype) == (picture.shape, picture.dtype)
        assert np.array_equal(spoilt, picture) == (mishap.name == "nothing")
        assert np.array_equal(picture, before)
