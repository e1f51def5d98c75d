"""The workshop's drawings: the same from the same seed, and plates where they are said to be."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

MODELS = Path(__file__).parents[2] / "models"
SIZE = (224, 128)


@pytest.fixture(scope="module")
def workshop() -> Iterator[SimpleNamespace]:
    """The modules that need neither the trainer nor Pillow; they import each other as `plates`."""
    sys.path.insert(0, str(MODELS))
    try:
        from plates import backdrop, car, lettering, pen, plate, scene, targets, view  # noqa: PLC0415 - see above

        yield SimpleNamespace(
            backdrop=backdrop,
            car=car,
            lettering=lettering,
            pen=pen,
            plate=plate,
            scene=scene,
            targets=targets,
            view=view,
        )
    finally:
        sys.path.remove(str(MODELS))


def _pen(workshop: SimpleNamespace, seed: int) -> object:
    return workshop.pen.Pen(rng=np.random.default_rng(seed), lettering=workshop.lettering.Lettering())


def _painter(workshop: SimpleNamespace, **recipe: bool) -> object:
    photograph = np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8)
    return workshop.scene.Painter(
        lettering=workshop.lettering.Lettering(), photographs=(photograph,), recipe=workshop.scene.Recipe(**recipe)
    )


def test_a_seed_and_a_number_always_draw_the_same(workshop: SimpleNamespace) -> None:
    first, again = _painter(workshop).draw(7, 3), _painter(workshop).draw(7, 3)
    assert first.picture.tobytes() == again.picture.tobytes()
    assert first.corners.tobytes() == again.corners.tobytes()
    assert first.picture.tobytes() != _painter(workshop).draw(7, 4).picture.tobytes()
    assert first.picture.tobytes() != _painter(workshop).draw(8, 3).picture.tobytes()


def test_pictures_are_of_the_size_asked_for_and_plates_in_them(workshop: SimpleNamespace) -> None:
    plates = 0
    for number in range(60):
        drawn = _painter(workshop).draw(1, number)
        assert drawn.picture.shape == (SIZE[1], SIZE[0], 3)
        assert drawn.picture.dtype == np.uint8
        assert len(drawn.corners) == len(drawn.families)
        plates += len(drawn.corners)
        for quad in drawn.corners:
            middle = quad.mean(axis=0)
            assert -SIZE[0] / 2 < middle[0] < 1.5 * SIZE[0]
            assert np.ptp(quad[:, 0]) > 8
    assert plates > 30


def test_every_family_is_drawn(workshop: SimpleNamespace) -> None:
    painter = _painter(workshop)
    seen = {family for number in range(150) for family in painter.draw(2, number).families}
    assert seen == set(workshop.plate.FAMILIES)


@pytest.mark.parametrize("family", ["french", "european", "american", "brazilian", "two-line", "dark"])
def test_a_flat_plate_has_letters_on_its_ground(workshop: SimpleNamespace, family: str) -> None:
    for seed in range(8):
        plate = workshop.plate.FAMILIES[family](_pen(workshop, seed))
        assert plate.family == family
        height, width = plate.pixels.shape[:2]
        assert plate.size == pytest.approx((width / workshop.plate.SCALE, height / workshop.plate.SCALE))
        inner = plate.pixels[height // 4 : -height // 4, width // 6 : -width // 6].mean(axis=2)
        assert np.ptp(np.percentile(inner, (2, 98))) > 25


def test_the_plate_lies_where_its_corners_say(workshop: SimpleNamespace) -> None:
    """A plate of one colour that nothing else has, and no sensor: what has the colour lies inside the corners."""
    mark = np.array((255, 0, 255), np.uint8)
    for seed in range(12):
        pen = _pen(workshop, seed)
        plate = workshop.plate.Plate(pixels=np.full((70, 332, 3), mark, np.uint8), size=(0.52, 0.11), family="french")
        face = workshop.car.face(pen, plate, 200.0, distractors=True)
        view = workshop.view.any_view(pen, 180.0, np.array((112, 64), np.float32))
        picture, matrix = workshop.view.warped(face.pixels, view.seen(workshop.scene._metres(face)), SIZE)
        (quad,) = workshop.view.moved(face.corners, matrix)
        rows, columns = np.nonzero((picture == mark).all(axis=2))
        assert len(rows) > 50
        low, high = quad.min(axis=0), quad.max(axis=0)
        assert low[0] - 1 <= columns.min()
        assert columns.max() <= high[0] + 1
        assert low[1] - 1 <= rows.min()
        assert rows.max() <= high[1] + 1
        inside = np.clip(high, 0, SIZE) - np.clip(low, 0, SIZE)
        assert np.ptp(columns) >= 0.9 * inside[0] - 3


def test_what_is_left_out_is_left_out(workshop: SimpleNamespace) -> None:
    whole = _painter(workshop)
    for name in ("backgrounds", "cars", "distractors", "night"):
        other = _painter(workshop, **{name: False})
        assert any(whole.draw(3, n).picture.tobytes() != other.draw(3, n).picture.tobytes() for n in range(12)), name


def test_targets_cover_the_plate_and_peak_in_its_middle(workshop: SimpleNamespace) -> None:
    quad = np.array([[(40, 60), (120, 64), (120, 84), (40, 80)]], np.float32)
    targets = workshop.targets.targets_of(quad, SIZE)
    assert targets.heat.max() == 1
    row, column = np.unravel_index(targets.heat.argmax(), targets.heat.shape)
    assert abs(4 * column + 2 - 80) <= 4
    assert abs(4 * row + 2 - 72) <= 4
    assert targets.boxes[row, column].tolist() == [40, 60, 120, 84]
    assert targets.mask[row, column] == workshop.targets.WHOLE
    assert targets.mask.sum() / workshop.targets.WHOLE == pytest.approx(80 * 20 / 16, rel=0.1)
    assert not targets.mask[:, :9].any()


def test_no_plate_asks_for_nothing(workshop: SimpleNamespace) -> None:
    targets = workshop.targets.targets_of(np.empty((0, 4, 2), np.float32), SIZE)
    assert not targets.heat.any()
    assert not targets.mask.any()
