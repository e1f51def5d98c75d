import numpy as np
import pytest

from edge.vision.detect.anchors import anchors_of


def regular(size: tuple[int, int]) -> list[tuple[float, float]]:
    """The centres of the grids that the network was trained on, by the textbook."""
    centres: list[tuple[float, float]] = []
    columns, rows = size
    for _ in range(4):
        columns, rows = (columns + 1) // 2, (rows + 1) // 2
    for shapes in (3, 6, 6, 6, 6, 6):
        centres += [
            ((x + 0.5) * size[0] / columns, (y + 0.5) * size[1] / rows)
            for y in range(rows)
            for x in range(columns)
            for _ in range(shapes)
        ]
        columns, rows = (columns + 1) // 2, (rows + 1) // 2
    return centres


def test_there_are_as_many_as_the_network_has_outputs_at_its_training_size() -> None:
    assert anchors_of((300, 300)).shape == (1917, 4)


def test_shapes_are_those_of_the_published_graph() -> None:
    anchors = anchors_of((300, 300)) / 300
    first = [[0.1, 0.1], [0.282843, 0.141421], [0.141421, 0.282843]]
    np.testing.assert_allclose(anchors[:3, 2:], first, atol=1e-5)
    second = [
        [0.35, 0.35],
        [0.494975, 0.247487],
        [0.247487, 0.494975],
        [0.606218, 0.202073],
        [0.202073, 0.606218],
        [0.41833, 0.41833],
    ]
    np.testing.assert_allclose(anchors[1083:1089, 2:], second, atol=1e-4)
    np.testing.assert_allclose(anchors[-1, 2:], [0.974679, 0.974679], atol=1e-5)


def test_at_the_training_size_each_cell_lies_by_its_place_on_the_regular_grid() -> None:
    anchors = anchors_of((300, 300))
    off = np.abs(anchors[:, :2] - np.array(regular((300, 300))))
    ends = np.cumsum([1083, 600, 150, 54, 24, 6])
    for start, end, pitch in zip([0, *ends], ends, [16, 32, 64, 128, 256, 512], strict=False):
        assert off[start:end].max() < 0.3 * pitch
        np.testing.assert_allclose(anchors[start:end, :2].mean(axis=0), 150, atol=0.01)


@pytest.mark.parametrize("size", [(384, 288), (512, 384), (320, 320), (448, 256), (416, 312), (300, 300)])
def test_neighbouring_cells_lie_one_stride_apart(size: tuple[int, int]) -> None:
    row = anchors_of(size)[: 3 * ((size[0] + 15) // 16) : 3, 0]
    np.testing.assert_allclose(np.diff(row), 16)


def test_they_are_computed_once_and_cannot_be_changed() -> None:
    anchors = anchors_of((384, 288))
    assert anchors is anchors_of((384, 288))
    with pytest.raises(ValueError, match="read-only"):
        anchors[0, 0] = 1
