import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge.config.site import Detector as DetectorSite
from edge.contract.report import RoadUser
from edge.vision.detect.decode import iou
from edge.vision.detect.detector import Detector, load_detector, placed
from edge.vision.detect.letterbox import Letterbox
from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model, ModelError, load_model
from edge.vision.detect.region import Region, tiles_of, whole
from edge.vision.frame import Boxes, Detections, Pixels
from tests.vision.detect.drawn import GREEN, RED, stand, street, taken

NAME = "ssdlite-mobilenet-v2-coco"
SIZE = (768, 576)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector(DetectorSite())


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(NAME)


def passers_by() -> tuple[Pixels, Boxes]:
    pixels = street(SIZE)
    boxes = [stand(pixels, (x, y), 150, coat) for x, y, coat in ((170, 470, GREEN), (383, 430, RED), (600, 480, GREEN))]
    return taken(pixels), np.concatenate(boxes)


def test_it_finds_people_where_they_are_drawn(detector: Detector) -> None:
    pixels, truth = passers_by()
    found = detector.detect(pixels, [whole(SIZE)], 0.3)
    assert len(found) == len(truth)
    assert (iou(found.boxes, truth).max(axis=0) > 0.7).all()
    assert set(found.kinds.tolist()) == {RoadUser.PERSON}
    assert (np.diff(found.scores) <= 0).all()


def test_a_seam_through_somebody_makes_nobody_more(detector: Detector) -> None:
    pixels, truth = passers_by()
    for tiles in ((2, 1), (2, 2)):
        found = detector.detect(pixels, tiles_of(SIZE, *tiles), 0.3)
        assert len(found) == len(truth), tiles
        assert (iou(found.boxes, truth).max(axis=0) > 0.7).all(), tiles


def test_boxes_of_a_region_lie_in_the_picture(detector: Detector) -> None:
    pixels, truth = passers_by()
    region = Region(x0=40, y0=250, x1=340, y1=560)
    found = detector.detect(pixels, [region], 0.3)
    assert len(found) == 1
    assert iou(found.boxes, truth)[0, 0] > 0.7


def test_a_box_beyond_the_picture_is_no_detection() -> None:
    boxes = np.array([[-50, 20, -3, 90], [-50, 20, 0.5, 90], [-50, 20, 30, 90], [10, 500, 60, 600]], np.float32)
    found = Detections(boxes=boxes, scores=np.full(4, 0.9, np.float32), kinds=np.zeros(4, np.int8))
    kept = placed(found, Letterbox.fit(whole((768, 576)), (512, 384)))
    assert kept.boxes.tolist() == [[0, 30, 45, 135]]


@pytest.mark.parametrize("grey", [0, 127, 255])
def test_an_even_picture_holds_nobody(detector: Detector, grey: int) -> None:
    found = detector.detect(np.full((576, 768, 3), grey, np.uint8), [whole(SIZE)], 0.3)
    assert len(found) == 0


def test_no_region_costs_nothing(detector: Detector) -> None:
    before = detector.invocations
    assert len(detector.detect(street(SIZE), [])) == 0
    assert detector.invocations == before


def test_it_counts_what_it_costs(model: Model) -> None:
    detector = Detector(model)
    pixels = street(SIZE)
    detector.detect(pixels, tiles_of(SIZE, 2, 1))
    first_s = detector.invoke_cpu_s
    assert detector.invocations == 2
    assert first_s > 0
    detector.detect(pixels, [whole(SIZE)])
    assert detector.invocations == 3
    assert detector.invoke_cpu_s > first_s


def test_many_shapes_do_not_pile_up_and_none_is_forgotten(model: Model) -> None:
    detector = Detector(model, input_pixels=128 * 128)
    pixels = street(SIZE)
    shapes = [Region(x0=0, y0=0, x1=width, y1=160) for width in range(60, 480, 60)]
    for region in shapes * 2:
        detector.detect(pixels, [region])
    assert detector.invocations == 2 * len(shapes)
    assert len(detector._networks) == 3
    latest = next(reversed(detector._networks.values()))
    detector.detect(pixels, shapes[-1:])
    assert next(reversed(detector._networks.values())) is latest


def test_the_picture_is_read_only_and_stays_as_it_is(detector: Detector) -> None:
    pixels, _ = passers_by()
    before = pixels.copy()
    pixels.flags.writeable = False
    detector.detect(pixels, tiles_of(SIZE, 2, 1))
    assert (pixels == before).all()


@pytest.mark.parametrize("size", [(352, 288), (320, 240), (640, 480), (1280, 720), (1080, 1920), (97, 33), (2000, 40)])
def test_pictures_of_any_size_will_do(detector: Detector, size: tuple[int, int]) -> None:
    pixels = street(size)
    found = detector.detect(pixels, [whole(size)])
    assert (found.boxes >= 0).all()
    assert (found.boxes <= np.array([*size, *size])).all()


def test_threads_change_no_box(model: Model, detector: Detector) -> None:
    pixels, _ = passers_by()
    one, two = (d.detect(pixels, [whole(SIZE)]) for d in (detector, Detector(model, threads=2)))
    np.testing.assert_allclose(one.boxes, two.boxes, atol=0.01)
    np.testing.assert_allclose(one.scores, two.scores, atol=1e-4)


def test_the_same_picture_gives_the_same_boxes(detector: Detector) -> None:
    pixels, _ = passers_by()
    one, two = (detector.detect(pixels, [whole(SIZE)]) for _ in range(2))
    assert (one.boxes == two.boxes).all()


def test_it_is_known_by_its_models_hash(detector: Detector, model: Model) -> None:
    assert f"{detector.hash64:016x}" == model.entry.sha256[:16]


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ModelError, match="no model is called yolo"):
        load_detector(DetectorSite(model="yolo"))


def test_what_is_no_model_is_refused_by_the_interpreter(model: Model) -> None:
    with pytest.raises(ModelError, match="the interpreter refuses it"):
        Network(Model(entry=model.entry, content=b"no flatbuffer at all"), (64, 64), 1, Effort())


@pytest.mark.parametrize("change", [{"picture": "x"}, {"outputs": ("x", "y")}, {"outputs": ("PartitionedCall:0", "x")}])
def test_a_manifest_for_another_model_is_noticed(model: Model, change: dict[str, Any]) -> None:
    other = Model(entry=replace(model.entry, **change), content=model.content)
    with pytest.raises(ModelError, match="has no tensor x — model and manifest are of different releases"):
        Network(other, (64, 64), 1, Effort())


def test_a_manifest_for_another_type_of_picture_is_noticed(model: Model) -> None:
    other = Model(entry=replace(model.entry, dtype="float32"), content=model.content)
    with pytest.raises(ModelError, match="is uint8, not float32 — model and manifest are of different releases"):
        Network(other, (64, 64), 1, Effort())


def test_outputs_are_given_in_the_order_of_their_names(model: Model) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    backwards = Model(entry=replace(model.entry, outputs=model.entry.outputs[::-1]), content=model.content)
    boxes, logits = Network(model, (96, 64), 1, Effort()).run(picture)
    second, first = Network(backwards, (96, 64), 1, Effort()).run(picture)
    assert boxes.shape[1] == 4
    assert logits.shape[1] == len(model.entry.labels)
    assert (boxes == first).all()
    assert (logits == second).all()


def test_no_network_library_comes_with_the_interpreter() -> None:
    code = f"""
import sys
import numpy as np
from edge.config.site import Detector as DetectorSite
from edge.vision.detect.detector import load_detector
from edge.vision.detect.region import whole
load_detector(DetectorSite(model={NAME!r})).detect(np.zeros((64, 64, 3), np.uint8), [whole((64, 64))])
forbidden = {{"ssl", "_ssl", "http", "sqlite3", "_sqlite3", "paho", "socket", "_socket"}}
sys.exit(" ".join(forbidden & set(sys.modules)) or 0)
"""
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_the_librarys_notice_is_kept_back_and_what_else_is_said_is_not() -> None:
    program = """
import os, sys
from edge.config.site import Detector as DetectorSite
from edge.vision.detect import litert
from edge.vision.detect.detector import load_detector
from edge.vision.detect.region import whole
import numpy as np
detector = load_detector(DetectorSite())
detector.detect(np.zeros((96, 96, 3), np.uint8), [whole((96, 96))])
before = len(os.listdir("/proc/self/fd"))
try:
    with litert._without_notice():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\nwhat the courier says\\n")
        raise ValueError
except ValueError:
    sys.stderr.write("and after\\n")
with litert._without_notice():
    pass
assert len(os.listdir("/proc/self/fd")) == before
sys.stderr = None
with litert._without_notice():
    os.write(2, b"as it is\\n")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stderr == "what the courier says\nand after\nas it is\n"
    assert result.returncode == 0
