import hashlib
import shutil
from pathlib import Path

import pytest

from edge.contract.report import RoadUser
from edge.vision.detect.manifest import Model, ModelError, load_model, models_folder, read_manifest, verify

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
        ('"bicycle"', '"velo"', "labels are not a list of person, bicycle"),
    ],
)
def test_every_fault_of_the_manifest_names_its_place(folder: Path, old: str, new: str, fault: str) -> None:
    path = edit(folder, old, new)
    with pytest.raises(ModelError, match=fault) as caught:
        load_model(NAME, folder)
    assert str(caught.value).startswith(str(path))
    assert " — " in str(caught.value)


def test_no_byte_of_a_model_reaches_a_log() -> None:
    model = load_model(NAME)
    assert isinstance(model, Model)
    assert len(repr(model)) < 200
