import hashlib

import cv2
import numpy as np
import pytest

from edge.vision.detect.decode import iou
from edge.vision.detect.letterbox import Letterbox
from edge.vision.detect.manifest import Task, load_model, read_manifest
from edge.vision.detect.plates import (
    FINE_PIXELS,
    INPUT_MULTIPLE,
    MODEL,
    MOST_NETWORKS,
    SHARP,
    PlateDetector,
    PlateSightings,
    _Look,
    _patches,
    decoded,
    load_plate_detector,
    sizes_of,
)
from edge.vision.detect.region import Region, whole
from edge.vision.frame import MASKED, SHOWN
from tests.vision.detect.plate_drawn import car, taken


@pytest.fixture(scope="module")
def detector() -> PlateDetector:
    return load_plate_detector()


def _shares(found: PlateSightings, box: np.ndarray) -> tuple[float, float]:
    """How much of a box is masked, and how much of the picture is masked elsewhere."""
    x0, y0, x1, y1 = box.astype(int)
    inside = found.cover[y0:y1, x0:x1] == MASKED
    return inside.mean(), ((found.cover == MASKED).sum() - inside.sum()) / found.cover.size


@pytest.mark.parametrize("width", [24, 45, 90, 150])
def test_a_drawn_plate_is_found_and_covered(detector: PlateDetector, width: int) -> None:
    pixels, box = car((5 * width, 3 * width), (2 * width, 2 * width, width))
    found = detector.detect(taken(pixels), [whole((5 * width, 3 * width))])
    assert iou(found.boxes, box).max() > 0.5
    covered, elsewhere = _shares(found, box[0])
    assert covered >= 0.95
    assert elsewhere < 0.05


def test_a_car_without_a_plate_stays_shown(detector: PlateDetector) -> None:
    pixels, box = car((400, 240), (160, 160, 80))
    x0, y0, x1, y1 = box[0].astype(int)
    pixels[y0:y1, x0:x1] = pixels[y0 - 4, x0]
    found = detector.detect(taken(pixels), [whole((400, 240))])
    assert not len(found)
    assert (found.cover == MASKED).mean() < 0.01


def test_boxes_and_cover_are_the_whole_pictures(detector: PlateDetector) -> None:
    pixels, box = car((900, 700), (500, 450, 80))
    found = detector.detect(taken(pixels), [Region(x0=380, y0=310, x1=720, y1=560)])
    assert iou(found.boxes, box).max() > 0.5
    assert found.cover.shape == (700, 900)
    outside = found.cover.copy()
    outside[290:580, 360:740] = SHOWN
    assert not outside.any()


@pytest.mark.parametrize("width", [20, 45, 120])
def test_the_cover_holds_every_box_whole(detector: PlateDetector, width: int) -> None:
    pixels, _ = car((5 * width, 3 * width), (2 * width, 2 * width, width))
    found = detector.detect(taken(pixels), [whole((5 * width, 3 * width))], threshold=0.05)
    assert len(found)
    for x0, y0, x1, y1 in found.boxes:
        part = found.cover[int(np.floor(y0)) : int(np.ceil(y1)), int(np.floor(x0)) : int(np.ceil(x1))]
        assert (part == MASKED).all()


@pytest.mark.parametrize("corner", [(0, 160), (318, 160), (160, 220)])
def test_a_plate_at_the_border_is_covered_to_the_last_pixel(detector: PlateDetector, corner: tuple[int, int]) -> None:
    pixels, box = car((400, 240), (*corner, 81))
    found = detector.detect(taken(pixels), [whole((400, 240))])
    x0, y0, x1, y1 = np.minimum(box[0], (400, 240, 400, 240)).astype(int)
    assert (found.cover[y0:y1, x0:x1] == MASKED).mean() >= 0.95
    edge = found.cover[y0 + 2 : y1 - 2, x0:x1]
    if x0 == 0:
        assert (edge[:, 0] == MASKED).all()
    if x1 == 400:
        assert (edge[:, -1] == MASKED).all()


def test_what_two_regions_show_is_given_once(detector: PlateDetector) -> None:
    pixels, box = car((600, 360), (250, 240, 90))
    regions = [whole((600, 360)), Region(x0=120, y0=100, x1=480, y1=340)]
    found = detector.detect(taken(pixels), regions)
    assert (iou(found.boxes, box) > 0.3).sum() == 1
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_without_a_region_there_is_nothing(detector: PlateDetector) -> None:
    found = detector.detect(car((400, 240), (160, 160, 80))[0], [])
    assert len(found) == 0
    assert found.boxes.shape == (0, 4)
    assert not found.cover.any()


@pytest.mark.parametrize("side", [(1, 1), (1, 200), (200, 1), (3, 2)])
def test_the_smallest_regions_do_no_harm(detector: PlateDetector, side: tuple[int, int]) -> None:
    pixels = np.full((240, 400, 3), 90, np.uint8)
    region = Region(x0=399 - side[0], y0=239 - side[1], x1=399, y1=239)
    found = detector.detect(pixels, [region])
    assert found.cover.shape == (240, 400)
    outside = found.cover.copy()
    outside[max(0, 230 - side[1]) :, max(0, 390 - side[0]) :] = SHOWN
    assert not outside.any()


def test_a_picture_of_one_pixel_is_taken(detector: PlateDetector) -> None:
    assert detector.detect(np.zeros((1, 1, 3), np.uint8), [whole((1, 1))]).cover.shape == (1, 1)


def test_a_region_off_the_picture_is_no_empty_answer(detector: PlateDetector) -> None:
    with pytest.raises(cv2.error):
        detector.detect(np.zeros((40, 40, 3), np.uint8), [Region(x0=50, y0=50, x1=90, y1=90)])


def test_networks_are_kept_but_not_without_end(detector: PlateDetector) -> None:
    pixels = np.full((900, 900, 3), 90, np.uint8)
    for width in range(100, 900, 50):
        detector.detect(pixels, [Region(x0=0, y0=0, x1=width, y1=200)])
    assert len(detector._networks) <= MOST_NETWORKS


@pytest.mark.parametrize("size", [(1, 1), (60, 40), (320, 192), (1920, 1080), (30, 900)])
def test_inputs_are_sizes_that_the_network_takes(size: tuple[int, int]) -> None:
    for width, height in sizes_of(whole(size)):
        assert width % INPUT_MULTIPLE == height % INPUT_MULTIPLE == 0
        assert 0 < width * height <= 2 * FINE_PIXELS


def test_a_region_is_looked_at_twice_unless_that_enlarges_it_beyond_sense() -> None:
    assert len(sizes_of(whole((90, 54)))) == 1
    near, fine = sizes_of(whole((320, 192)))
    assert near == (320, 192)
    assert fine == (640, 384)


def test_maps_become_boxes_in_the_inputs_pixels() -> None:
    heat = np.full((6, 8), -8, np.float32)
    heat[2, 3], heat[2, 4] = 2, 1
    sides = np.zeros((6, 8, 4), np.float32)
    sides[2, 3] = np.log([10, 4, 12, 5])
    boxes, scores = decoded(heat, sides, 0.2)
    np.testing.assert_allclose(boxes, [[14 - 10, 10 - 4, 14 + 12, 10 + 5]], rtol=1e-5)
    np.testing.assert_allclose(scores, [1 / (1 + np.exp(-2))], rtol=1e-5)


def _look(mask: np.ndarray, heat: np.ndarray) -> _Look:
    letterbox = Letterbox.fit(whole((128, 64)), (128, 64))
    return _Look(letterbox=letterbox, mask=mask, heat=heat, sides=np.zeros((16, 32, 4), np.float32))


def test_a_patch_is_grown_beyond_what_the_mask_says() -> None:
    mask = np.full((16, 32), -9, np.float32)
    mask[6:10, 8:20] = 9
    patches = _patches([_look(mask, mask)], SHARP)
    assert (patches[24 - 2 : 40 + 2, 32 - 2 : 80 + 2] == MASKED).all()
    patches[24 - 7 : 40 + 7, 32 - 7 : 80 + 7] = SHOWN
    assert not patches.any()


def test_a_patch_needs_the_heat_and_both_looks() -> None:
    cold = np.full((16, 32), -9, np.float32)
    mask = cold.copy()
    mask[6:10, 8:20] = 4
    assert _patches([_look(mask, mask), _look(mask, mask)], SHARP).any()
    assert not _patches([_look(mask, cold), _look(mask, cold)], SHARP).any()
    assert not _patches([_look(mask, mask), _look(cold, cold)], SHARP).any()


def test_a_box_over_the_regions_edge_is_clipped_to_it() -> None:
    box = Letterbox.fit(Region(x0=10, y0=10, x1=20, y1=20), (64, 64)).restore(np.array([[-9, -9, 99, 99]], np.float32))
    assert box.tolist() == [[10, 10, 20, 20]]


def test_sightings_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="boxes must be"):
        PlateSightings(
            boxes=np.zeros((1, 3), np.float32), scores=np.zeros(1, np.float32), cover=np.zeros((4, 4), np.uint8)
        )


def test_the_model_is_the_manifests_small_and_int8() -> None:
    model = load_model(MODEL, task=Task.PLATES)
    assert hashlib.sha256(model.content).hexdigest() == model.entry.sha256
    assert len(model.content) <= 1_000_000
    assert model.entry.licence == "Apache-2.0"
    assert (model.entry.folder / model.entry.licence_file).read_text(encoding="utf-8").lstrip().startswith("Apache")
    # 230,000 weights: int8 takes a byte for each, float16 would take two.
    assert len(model.content) < 400_000


def test_the_manifest_tells_what_the_model_was_made_of() -> None:
    (entry,) = (
        entry for entry in read_manifest(load_model(MODEL, task=Task.PLATES).entry.folder) if entry.task is Task.PLATES
    )
    assert entry.outputs
    assert entry.dtype == "uint8"
