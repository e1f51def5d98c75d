import json
import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.site import Detector as DetectorSite
from edge.vision.detect.decode import iou
from edge.vision.detect.detector import load_detector
from edge.vision.detect.faces import (
    INPUT_PIXELS,
    KEPT_PIXELS,
    LEAST_PIXELS,
    NAME,
    FaceDetector,
    _cut,
    head_regions,
    load_face_detector,
    look_size,
    widened,
)
from edge.vision.detect.manifest import Model, ModelError, Task, load_model
from edge.vision.detect.region import Region, tiles_of, whole
from edge.vision.frame import Boxes, Pixels
from tests.vision.detect.drawn import look_out, street, taken

SIZE = (640, 480)
DATA = Path(os.environ.get("PASSANT_DATA", Path(__file__).parents[4] / "shared" / "data"))
PHOTOGRAPHS = DATA / "faces"
needs_data = pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason=f"there is no {PHOTOGRAPHS}; see PASSANT_DATA")


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return load_face_detector()


def passers_by(*widths: int) -> tuple[Pixels, Boxes]:
    """Faces of so many px, one beside the other."""
    pixels = np.full((*SIZE[::-1], 3), (140, 150, 140), np.uint8)
    places = np.linspace(90, SIZE[0] - 90, len(widths)).tolist()
    boxes = [
        look_out(pixels, (x, 200 + 20 * (i % 2)), width)
        for i, (x, width) in enumerate(zip(places, widths, strict=True))
    ]
    return taken(pixels, 0.8), np.concatenate(boxes)


def test_it_finds_faces_where_they_are_drawn(detector: FaceDetector) -> None:
    pixels, truth = passers_by(90, 60, 30, 40)
    found = detector.detect(pixels, [whole(SIZE)], 0.3)
    assert len(found) == len(truth)
    assert (iou(truth, found.boxes).max(axis=1) > 0.6).all()
    assert (np.diff(found.scores) <= 0).all()


def test_an_even_picture_and_a_street_hold_nobody(detector: FaceDetector) -> None:
    for pixels in (*(np.full((480, 640, 3), grey, np.uint8) for grey in (0, 127, 255)), taken(street(SIZE))):
        assert len(detector.detect(pixels, [whole(SIZE)], 0.2)) == 0


def test_no_region_costs_nothing(detector: FaceDetector) -> None:
    before = detector.invocations
    assert len(detector.detect(street(SIZE), [])) == 0
    assert detector.invocations == before


def test_small_faces_are_found_in_enlarged_regions(detector: FaceDetector) -> None:
    pixels, truth = passers_by(14, 14, 14)
    far = cv2.resize(pixels, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    truth *= np.float32(0.6)
    size = (far.shape[1], far.shape[0])
    x, y = (truth[:, :2] + truth[:, 2:]).T / 2
    regions = [
        Region(x0=int(a) - 22, y0=int(b) - 18, x1=int(a) + 18, y1=int(b) + 22) for a, b in zip(x, y, strict=True)
    ]
    for found in (detector.detect(far, regions, 0.2), detector.detect(far, (), 0.2, heads=regions)):
        assert (iou(truth, found.boxes).max(axis=1, initial=0) > 0.4).all()
        assert (found.boxes >= 0).all()
        assert (found.boxes <= np.array([*size, *size])).all()
    assert len(detector.detect(far, [whole(size)], 0.2, 320 * 240)) < len(truth)


def test_what_several_regions_show_is_given_once(detector: FaceDetector) -> None:
    pixels, truth = passers_by(90, 60, 30, 40)
    regions = [whole(SIZE), *tiles_of(SIZE, 2, 2)]
    found = detector.detect(pixels, regions, 0.3, heads=[Region(x0=20, y0=130, x1=160, y1=270)])
    assert len(found) == len(truth)
    assert (iou(truth, found.boxes).max(axis=1) > 0.6).all()


def test_a_face_that_a_region_cuts_is_taken_whole_from_another(detector: FaceDetector) -> None:
    pixels, truth = passers_by(90, 30)
    left, top, right, bottom = (int(side) for side in truth[0])
    part = Region(x0=left - 30, y0=top - 30, x1=right - 8, y1=bottom + 30)
    (cut,) = detector.detect(pixels, [part]).boxes
    assert cut[2] <= part.x1
    both = detector.detect(pixels, [part, whole(SIZE)])
    assert len(both) == len(truth)
    assert (iou(truth, both.boxes).max(axis=1) > 0.6).all()


def test_a_box_is_cut_by_its_regions_edge_and_not_by_the_pictures() -> None:
    bounds = np.array([[0, 100, 100, 200]] * 5, np.float32)
    boxes = np.array(
        [[0, 150, 20, 190], [50, 101, 70, 150], [50, 150, 70, 199], [81, 150, 99, 180], [40, 110, 60, 190]], np.float32
    )
    assert _cut(boxes, bounds, SIZE).tolist() == [False, True, True, True, False]


def test_a_face_at_the_pictures_border_is_found(detector: FaceDetector) -> None:
    pixels = np.full((*SIZE[::-1], 3), (140, 150, 140), np.uint8)
    truth = np.concatenate([look_out(pixels, (20, 200), 100), look_out(pixels, (SIZE[0] - 20, 260), 80)])
    found = detector.detect(taken(pixels, 0.8), [whole(SIZE)], 0.1)
    shown = np.clip(truth, 0, [*SIZE, *SIZE]).astype(np.float32)
    assert (iou(shown, found.boxes).max(axis=1, initial=0) > 0.4).all()
    assert (found.boxes >= 0).all()
    assert (found.boxes <= np.array([*SIZE, *SIZE])).all()


@pytest.mark.parametrize("sides", [(-1, 0, 9, 9), (0, -1, 9, 9), (0, 0, 641, 9), (0, 0, 9, 481), (700, 500, 710, 510)])
def test_a_region_beyond_the_picture_is_refused(detector: FaceDetector, sides: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = sides
    region = Region(x0=x0, y0=y0, x1=x1, y1=y1)
    with pytest.raises(ValueError, match="reaches beyond the picture"):
        detector.detect(street(SIZE), [region])
    with pytest.raises(ValueError, match="reaches beyond the picture"):
        detector.detect(street(SIZE), (), heads=[region])


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 3), (31, 33), (97, 33), (2000, 40), (40, 2000), (352, 288), (1080, 1920), (3000, 2000)]
)
def test_pictures_of_any_size_will_do(detector: FaceDetector, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*size[::-1], 3), np.uint8)
    pixels.flags.writeable = False
    found = detector.detect(pixels, [whole(size)], heads=[whole(size)])
    assert (found.boxes >= 0).all()
    assert (found.boxes <= np.array([*size, *size])).all()
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


def test_the_threshold_sorts_out(detector: FaceDetector) -> None:
    pixels, _ = passers_by(90, 60, 30, 16)
    numbers = [len(detector.detect(pixels, [whole(SIZE)], threshold)) for threshold in (0.02, 0.1, 0.5, 0.99)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1] == 0


def test_it_counts_what_it_costs(detector: FaceDetector) -> None:
    before, before_s = detector.invocations, detector.invoke_cpu_s
    detector.detect(street(SIZE), tiles_of(SIZE, 2, 1), heads=tiles_of(SIZE, 3, 1))
    assert detector.invocations == before + 5
    assert detector.invoke_cpu_s > before_s


def test_networks_do_not_pile_up_and_the_latest_stays() -> None:
    detector = load_face_detector()
    pixels = street((1200, 900))
    shapes = [Region(x0=0, y0=0, x1=width, y1=1600 - width) for width in range(700, 1200, 60)]
    for region in shapes:
        detector.detect(pixels, [region])
        kept = list(detector._networks)
        assert sum(width * height for width, height in kept) <= KEPT_PIXELS
        assert kept[-1] == look_size(region, INPUT_PIXELS)
    assert len(kept) > 1
    latest = detector._networks[kept[-1]]
    detector.detect(pixels, shapes[-1:])
    assert detector._networks[kept[-1]] is latest


def test_one_look_larger_than_all_that_is_kept_is_taken() -> None:
    detector = load_face_detector()
    detector.detect(street((2000, 1500)), [whole((2000, 1500))], input_pixels=KEPT_PIXELS * 2)
    assert len(detector._networks) == 1


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([1, 128 * 128, INPUT_PIXELS, 1920 * 1088]))
def test_inputs_have_sides_that_the_network_takes(width: int, height: int, most: int) -> None:
    size = look_size(Region(x0=0, y0=0, x1=width, y1=height), most)
    assert all(side >= 64 and side % 32 == 0 for side in size)
    # Sides come in steps of 32 px, of which the least input has two.
    assert size[0] * size[1] <= 3 * max(most, LEAST_PIXELS)
    if most >= INPUT_PIXELS:
        assert size[0] * size[1] <= 1.2 * most


def test_small_regions_of_every_shape_share_a_few_inputs() -> None:
    sizes = {
        look_size(Region(x0=0, y0=0, x1=width, y1=height), INPUT_PIXELS)
        for width in range(1, 130, 3)
        for height in range(1, 130, 3)
    }
    assert len(sizes) < 25


def test_a_picture_is_shown_in_its_own_shape() -> None:
    assert look_size(whole((1280, 720)), 640 * 480) == (736, 416)
    assert look_size(whole((500, 375)), 640 * 480) == (640, 480)


# -- heads and masks --------------------------------------------------------------------------------------------------


def test_the_head_of_who_stands_is_in_the_square() -> None:
    person = np.array([[100, 50, 150, 210]], np.float32)
    (region,) = head_regions(person, SIZE)
    assert region.width == region.height
    assert region.x0 < 110
    assert region.x1 > 140
    assert region.y0 < 50
    assert region.y1 > 50 + 160 / 6


def test_heads_out_of_the_picture_are_left_out_and_at_its_border_cut() -> None:
    people = np.array([[-90, 10, -60, 90], [10, -5, 40, 80], [620, 400, 660, 600], [50, 50, 50, 50]], np.float32)
    regions = head_regions(people, SIZE)
    assert len(regions) == 2
    assert regions[0].y0 == 0
    assert regions[1].x1 == SIZE[0]
    assert head_regions(np.empty((0, 4), np.float32), SIZE) == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-500, 1500, width=32)] * 4), max_size=5))
def test_head_regions_lie_in_the_picture(sides: list[tuple[float, float, float, float]]) -> None:
    people = np.array(sides, np.float32).reshape(-1, 4)
    people[:, 2:] = np.maximum(people[:, 2:], people[:, :2])
    for region in head_regions(people, SIZE):
        assert 0 <= region.x0 < region.x1 <= SIZE[0]
        assert 0 <= region.y0 < region.y1 <= SIZE[1]


def test_masks_reach_beyond_a_face_by_shares_of_its_sides_and_a_pixel() -> None:
    faces = np.array([[100, 100, 120, 140], [0, 0, 10, 20]], np.float32)
    np.testing.assert_allclose(widened(faces), [[93, 85, 127, 147], [-4, -8, 14, 24]], atol=1e-4)
    assert widened(faces).dtype == np.float32
    assert widened(np.empty((0, 4), np.float32)).shape == (0, 4)


# -- models -----------------------------------------------------------------------------------------------------------


def test_a_site_that_asks_for_it_as_its_detector_is_told_which_would_do() -> None:
    with pytest.raises(ModelError, match=f"{NAME} finds faces, not road-users — choose one of: ssdlite"):
        load_detector(DetectorSite(model=NAME))


def test_another_model_is_noticed() -> None:
    faces, road = load_model(NAME, task=Task.FACES), load_model("ssdlite-mobilenet-v2-coco")
    stranger = FaceDetector(Model(entry=faces.entry, content=road.content))
    with pytest.raises(ModelError, match=r"has no tensor .* — model and manifest are of different releases"):
        stranger.detect(street(SIZE), [whole(SIZE)])
    unnamed = FaceDetector(Model(entry=replace(faces.entry, outputs=("x", "y", "z")), content=faces.content))
    with pytest.raises(ModelError, match="has no tensor x"):
        unnamed.detect(street(SIZE), [whole(SIZE)])


def test_it_is_known_by_its_models_hash(detector: FaceDetector) -> None:
    assert f"{detector.hash64:016x}" == load_model(NAME, task=Task.FACES).entry.sha256[:16]


def test_threads_change_no_face(detector: FaceDetector) -> None:
    pixels, _ = passers_by(90, 60, 30)
    one, two = (each.detect(pixels, [whole(SIZE)]) for each in (detector, load_face_detector(threads=2)))
    np.testing.assert_allclose(one.boxes, two.boxes, atol=0.01)
    np.testing.assert_allclose(one.scores, two.scores, atol=1e-4)


# -- real faces -------------------------------------------------------------------------------------------------------


def photographs() -> list[tuple[Path, Boxes]]:
    """The labelled photographs of the test data."""
    labelled = []
    for name in ("testing.xml", "training.xml"):
        tree = ET.parse(PHOTOGRAPHS / "dlib" / name)  # noqa: S314 - the test data is ours
        for image in tree.getroot().iter("image"):
            sides = [
                [float(box.attrib[key]) for key in ("left", "top", "width", "height")] for box in image.iter("box")
            ]
            boxes = np.array(sides, np.float32)
            boxes[:, 2:] += boxes[:, :2]
            labelled.append((PHOTOGRAPHS / "dlib" / image.attrib["file"], boxes))
    coco = json.loads((PHOTOGRAPHS / "coco_val2017_faces_dev.json").read_text())["images"]
    for name, labels in coco.items():
        path = DATA / "objects/coco_val2017/images" / f"{name}.jpg"
        labelled.append((path, np.array(labels["faces"], np.float32)))
    return [(path, boxes) for path, boxes in labelled if path.is_file()]


@needs_data
def test_every_labelled_face_is_found_and_its_mask_hides_it(detector: FaceDetector) -> None:
    number = 0
    for path, faces in photographs():
        pixels = cv2.imread(str(path))
        size = (pixels.shape[1], pixels.shape[0])
        found = detector.detect(pixels, [whole(size)])
        assert (iou(faces, found.boxes).max(axis=1, initial=0) >= 0.3).all(), path.name
        hidden = np.zeros(size[::-1], bool)
        for x0, y0, x1, y1 in np.clip(widened(found.boxes), 0, [*size, *size]):
            hidden[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = True
        for x0, y0, x1, y1 in np.clip(faces, 0, [*size, *size]).astype(int):
            assert hidden[y0:y1, x0:x1].mean() >= 0.95, path.name
            number += 1
    assert number == 55
