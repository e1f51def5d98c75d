import hashlib
import shutil
from pathlib import Path

import pytest

from edge.contract.report import RoadUser
from edge.vision.detect.manifest import (
    Model,
    ModelError,
    Task,
    load_model,
    models_folder,
    of_task,
    read_manifest,
    verify,
)

NAME = "ssdlite-mobilenet-v2-coco"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the models that ship."""
    return Path(shutil.copytree(models_folder(), tmp_path / "models"))


def edit(folder: Path, old: str, new: str) -> Path:
    path = folder / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_models_that_ship_are_the_ones_the_manifest_names() -> None:
    for entry in read_manifest(models_folder()):
        model = verify(entry)
        digest = hashlib.sha256(model.content)
        assert digest.hexdigest() == entry.sha256
        assert entry.hash64.to_bytes(8, "big") == digest.digest()[:8]
        assert (entry.folder / entry.licence_file).read_text(encoding="utf-8").strip()


def test_labels_are_the_road_users_in_the_order_of_the_columns() -> None:
    assert load_model(NAME).entry.labels == (
        RoadUser.PERSON,
        RoadUser.BICYCLE,
        RoadUser.CAR,
        RoadUser.MOTORCYCLE,
        RoadUser.BUS,
        RoadUser.LORRY,
    )


def test_a_changed_byte_is_refused_with_the_place_and_the_mend(folder: Path) -> None:
    path = folder / read_manifest(folder)[0].file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="was changed or cut off — restore it") as caught:
        load_model(NAME, folder)
    assert str(caught.value).startswith(f"{path}: its SHA-256 begins with ")


@pytest.mark.parametrize("length", [0, 1000])
def test_a_file_that_was_cut_off_is_refused(folder: Path, length: int) -> None:
    path = folder / read_manifest(folder)[0].file
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match="cut off"):
        load_model(NAME, folder)


def test_a_missing_file_is_told_from_a_wrong_one(folder: Path) -> None:
    path = folder / read_manifest(folder)[0].file
    path.unlink()
    with pytest.raises(ModelError, match=f"{path}: the file is missing — reinstall"):
        load_model(NAME, folder)


def test_a_folder_in_the_files_place_is_refused(folder: Path) -> None:
    path = folder / read_manifest(folder)[0].file
    path.unlink()
    path.mkdir()
    with pytest.raises(ModelError, match="Is a directory — let this user read it"):
        load_model(NAME, folder)


def test_an_unknown_name_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(ModelError, match=f"no model is called yolo — choose one of: {NAME}"):
        load_model("yolo", folder)


def test_a_missing_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no manifest — reinstall passant"):
        read_manifest(tmp_path)


def test_a_manifest_that_is_not_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="is not TOML"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version = 1", "version = 2", "version is not 1"),
        ("version = 1", "version = ", "is not TOML"),
        ("[[model]]", "[[models]]", "is not TOML|lists no"),
        ('sha256 = "', 'sha = "', "has no sha256"),
        ('sha256 = "', 'sha256 = "x', "sha256 is not 64 small hexadecimal digits"),
        ('name = "', 'nom = "', "has no name"),
        ('file = "', 'file = "../', "file leads out of the models' folder"),
        ('licence_file = "', 'licence_file = "/', "licence_file leads out of the models' folder"),
        ('licence = "Apache-2.0"', "licence = 2", "licence is not a text"),
        ("[model.source]", "[model.sauce]", "has no source"),
        ("[model.input]", "[model.input.deeper]", "name is not a text"),
        ('boxes = "', 'box = "', "boxes is not a text"),
        ('logits = "', 'logit = "', "logits is not a text"),
        ('task = "road-users"', "", "has no task"),
        ('task = "road-users"', 'task = "people"', "task is none of road-users, faces, plates"),
        ('task = "road-users"', 'task = "faces"', "heatmap is not a text"),
        ('dtype = "uint8"', 'dtype = "int8"', "dtype is none of uint8, float32"),
        ('dtype = "uint8"', "", "dtype is not a text"),
        ('order = "RGB"', 'order = "BGR"', "order is none of RGB"),
        ('"bicycle"', '"velo"', "labels are not a list of person, bicycle"),
    ],
)
def test_every_fault_of_the_manifest_names_its_place(folder: Path, old: str, new: str, fault: str) -> None:
    path = edit(folder, old, new)
    with pytest.raises(ModelError, match=fault) as caught:
        load_model(NAME, folder)
    assert str(caught.value).startswith(str(path))
    assert " — " in str(caught.value)


def other_task(folder: Path, outputs: str, extra: str = "") -> None:
    """Add a model of plates to the manifest, over the bytes of the first."""
    path = folder / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    entry = text[text.index("[[model]]") : text.index("[model.outputs]")].replace("road-users", "plates")
    entry = "\n".join(line for line in entry.splitlines() if not line.startswith("labels"))
    entry = entry.replace(NAME, "drawn", 1).replace("[model.source]", f"{extra}\n[model.source]")
    path.write_text(f"{text}\n{entry}\n[model.outputs]\n{outputs}\n", encoding="utf-8")


def test_outputs_come_in_the_order_of_the_decoder_or_else_of_the_list(folder: Path) -> None:
    text = (folder / "manifest.toml").read_text(encoding="utf-8")
    boxes, logits = (next(line for line in text.splitlines() if line.startswith(key)) for key in ("boxes", "logits"))
    edit(folder, logits, "")
    edit(folder, boxes, f"{logits}\n{boxes}")
    assert load_model(NAME, folder).entry.outputs == load_model(NAME).entry.outputs
    other_task(folder, 'mask = "m"\nheat = "h"')
    drawn = load_model("drawn", folder, task=Task.PLATES)
    assert drawn.entry.outputs == ("m", "h")
    assert drawn.entry.labels == ()


def test_a_model_for_something_else_is_refused_with_those_that_would_do(folder: Path) -> None:
    other_task(folder, 'heat = "h"')
    with pytest.raises(ModelError, match=f": drawn finds plates, not road-users — choose one of: {NAME}$"):
        load_model("drawn", folder)
    with pytest.raises(ModelError, match=rf": {NAME} finds road-users, not plates — choose one of: .*drawn"):
        load_model(NAME, folder, task=Task.PLATES)
    assert NAME not in of_task(read_manifest(folder), Task.PLATES)


@pytest.mark.parametrize(
    ("outputs", "extra", "fault"),
    [
        ('heat = "h"', 'labels = ["person"]', "what finds plates has no labels"),
        ("", "", "outputs names no tensor"),
        ("heat = 1", "", "heat is not a text"),
    ],
)
def test_what_finds_no_road_users_has_tensors_and_no_labels(folder: Path, outputs: str, extra: str, fault: str) -> None:
    other_task(folder, outputs, extra)
    with pytest.raises(ModelError, match=fault):
        read_manifest(folder)


def test_no_byte_of_a_model_reaches_a_log() -> None:
    model = load_model(NAME)
    assert isinstance(model, Model)
    assert len(repr(model)) < 200
