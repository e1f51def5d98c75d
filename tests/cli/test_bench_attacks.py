"""`passant bench attacks`: what counts as read and as known, and that each goal can be missed."""

from dataclasses import replace

import numpy as np
import pytest

from edge.__main__ import main
from edge.cli.bench.attack_faces import Known, _colours, _nearest, second_picture
from edge.cli.bench.attack_plates import Read, _deconvolved, similarity
from edge.cli.bench.attack_runs import ALONE, CLEAR, Attack
from edge.cli.bench.attack_scenes import Scene, alone
from edge.cli.bench.attackers import plain
from edge.cli.bench.attacks import by_luck, judged, table
from edge.config.site import PrivacyFill

CLEARLY = Attack(
    masks=CLEAR,
    fill="",
    plates=Read(plates=75, exact=50, alike=0.9, by_chance=0.1),
    faces=Known(faces=55, clear=55, verified=55, same_fill=55, colours=55),
)
SOLID = Attack(
    masks=ALONE,
    fill="solid",
    plates=Read(plates=75, exact=0, alike=0.0, by_chance=0.0),
    faces=Known(faces=55, clear=1, verified=1, same_fill=1, colours=1),
)
BLUR = replace(SOLID, fill="blur")


def noise(seed: int = 0, shape: tuple[int, int] = (48, 64)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


@pytest.mark.parametrize(
    ("one", "other", "alike"), [("AB123", "AB123", 1.0), ("", "AB", 0.0), ("AB12", "AB1", 0.75), ("", "", 1.0)]
)
def test_similarity_is_one_less_edits(one: str, other: str, alike: float) -> None:
    assert similarity(one, other) == pytest.approx(alike)


def test_only_letters_and_digits_are_compared() -> None:
    assert plain("ab-12·Ü c") == "AB12C"


def test_the_nearest_is_counted_and_a_tie_is_as_good_as_a_guess() -> None:
    gallery = np.eye(4)
    assert _nearest(gallery, gallery) == 4
    assert _nearest(gallery, np.roll(gallery, 1, axis=0)) == 0
    # Behind a solid fill all look alike: one of four is right, as by a guess.
    assert _nearest(np.ones((4, 2)), np.ones((4, 2))) == 1


def test_one_colour_has_no_colours_to_compare() -> None:
    grey = np.full((20, 20, 3), 80, np.uint8)
    assert not _colours(grey).any()
    assert np.linalg.norm(_colours(noise(1)) - _colours(noise(2))) > 1


def test_luck_is_what_a_guess_reaches() -> None:
    # Binomial of 55 at 1/55: 4 or fewer in 99.7 % of cases, 3 or fewer in 98.2 %.
    assert by_luck(55) == 4


def test_a_second_picture_is_another_with_the_face_where_it_says() -> None:
    pixels = np.full((200, 300, 3), 100, np.uint8)
    pixels[80:120, 60:100] = (0, 0, 250)
    for seed in range(6):
        other, ((x0, y0, x1, y1),) = second_picture(pixels, [(60, 80, 100, 120)], np.random.default_rng(seed))
        assert not np.array_equal(other, pixels)
        inside = other[y0 + 6 : y1 - 6, x0 + 6 : x1 - 6]
        assert (inside[..., 2] > inside[..., 0] + 60).mean() > 0.95


def test_a_gaussian_blur_is_undone_where_it_can_be() -> None:
    """The attack is able: it brings back what a weak blur hid, as long as it knows how strong it was."""
    import cv2  # noqa: PLC0415

    pixels = np.full((30, 16, 3), 30, np.uint8)
    pixels[:, 6:10] = 220
    blurred = cv2.GaussianBlur(pixels, (0, 0), 2.0, borderType=cv2.BORDER_WRAP)
    edge_of = [
        float(np.abs(np.diff(picture[15, :, 0].astype(int))).max()) for picture in (blurred, _deconvolved(blurred))
    ]
    assert edge_of[1] > 1.5 * edge_of[0]


def test_alone_covers_the_place_and_nothing_else() -> None:
    scene = Scene(pixels=noise(), places=((10, 10, 30, 30),))
    (covered,) = alone([scene])
    ((shown, place),) = covered.filled(PrivacyFill.SOLID)
    assert place == (10, 10, 30, 30)
    changed = (shown != scene.pixels).any(axis=2)
    assert changed[10:30, 10:30].all()
    assert np.count_nonzero(changed) == 400


def test_what_is_no_better_than_solid_is_met() -> None:
    assert all(is_met for _, is_met in judged([CLEARLY, SOLID, BLUR]))
    assert "50/75" in table([CLEARLY, SOLID])


@pytest.mark.parametrize(
    ("blur", "words"),
    [
        (replace(BLUR, plates=replace(BLUR.plates, exact=1)), "no plate read"),
        (replace(BLUR, plates=replace(BLUR.plates, alike=0.2, by_chance=0.1)), "alike"),
        (replace(BLUR, faces=replace(BLUR.faces, clear=5)), "faces known"),
    ],
)
def test_what_is_better_than_solid_is_missed(blur: Attack, words: str) -> None:
    (goal,) = [goal for goal, is_met in judged([CLEARLY, SOLID, blur]) if not is_met]
    assert words in goal
    assert goal.startswith("alone, blur")


def test_without_pictures_it_says_so(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "attacks", "--data", str(tmp_path)]) == 2
    assert "not attacked" in capsys.readouterr().err
