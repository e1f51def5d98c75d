"""Crowd-density networks: what the manifest may say of one, and how it is shown a picture."""

from pathlib import Path

import numpy as np
import pytest

from edge.vision.detect.crowd import LONGEST_PX, MULTIPLE, input_size, load_crowd_net, tiling
from edge.vision.detect.manifest import ModelError, read_manifest

ENTRY = """version = 1
[[model]]
name = "theirs"
task = "crowd"
file = "theirs.tflite"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
licence = "theirs"
licence_file = "theirs.LICENSE"
source = { package = "an operator" }
[model.input]
name = "in"
shape = [1, 360, 640, 1]
dtype = "float32"
order = "GREY"
[model.outputs]
density = "out"
[model.accuracy]
error = 0.25
"""


def folder_with(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in ENTRY
    (folder / "manifest.toml").write_text(ENTRY.replace(old, new, 1))
    return folder


def test_a_network_of_others_is_told_by_its_size_its_colours_and_its_error(tmp_path: Path) -> None:
    (entry,) = read_manifest(folder_with(tmp_path))
    assert (entry.size, entry.grey, entry.error) == ((640, 360), True, 0.25)


def test_it_may_take_any_size_and_colours_and_have_no_known_error(tmp_path: Path) -> None:
    free = ENTRY.replace("[1, 360, 640, 1]", "[1, -1, -1, 3]").replace("GREY", "RGB").partition("[model.accuracy]")[0]
    (tmp_path / "manifest.toml").write_text(free)
    (entry,) = read_manifest(tmp_path)
    assert (entry.size, entry.grey, entry.error, entry.longest_px) == (None, False, None, None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[1, 360, 640, 1]", "[1, 360, 640, 3]", r"shape is not \[1, height, width, 1\]"),
        ("[1, 360, 640, 1]", '"any"', r"shape is not \[1, height, width, 1\]"),
        ("[1, 360, 640, 1]", "[1, 360, -1, 1]", "height and width are not 32 to 4096"),
        ("[1, 360, 640, 1]", "[1, 8, 640, 1]", "height and width are not 32 to 4096"),
        ('"GREY"', '"GREY"\nlongest_px = 8', "longest_px is not 32 to 4096"),
        ("GREY", "BGR", "order is none of RGB, GREY"),
        ("0.25", "1.25", "accuracy.error is not 0 to 1"),
        ("0.25", "true", "accuracy.error is not 0 to 1"),
        ("density", "heat", "density is not a text"),
    ],
)
def test_what_cannot_be_is_refused_with_a_mend(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ModelError, match=f"{says}.*"):
        read_manifest(folder_with(tmp_path, old, new))


def test_other_networks_take_colours_only(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="order is none of RGB —"):
        read_manifest(folder_with(tmp_path, '"crowd"', '"plates"'))


def test_a_network_that_was_swapped_is_not_loaded(tmp_path: Path) -> None:
    (folder_with(tmp_path) / "theirs.tflite").write_bytes(b"no network")
    with pytest.raises(ModelError, match="was changed or cut off"):
        load_crowd_net(tmp_path)


def test_a_manifest_without_one_gives_none(tmp_path: Path) -> None:
    other = ENTRY.replace('"crowd"', '"plates"').replace("GREY", "RGB")
    (tmp_path / "manifest.toml").write_text(other)
    assert load_crowd_net(tmp_path) is None


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (360, 640), (1024, 768), (4000, 30)])
def test_a_picture_is_shown_in_its_own_shape_as_large_as_may_be(size: tuple[int, int]) -> None:
    width, height = input_size(size, LONGEST_PX)
    assert width % MULTIPLE == height % MULTIPLE == 0
    assert max(width, height) == LONGEST_PX
    assert np.log(width / height) == pytest.approx(np.log(size[0] / size[1]), abs=MULTIPLE / min(width, height))


@pytest.mark.parametrize(
    ("size", "tiles"), [((1280, 720), (5, 3)), ((640, 480), (5, 4)), ((480, 640), (4, 5)), ((2000, 100), (5, 1))]
)
def test_tiles_show_a_picture_about_so_large(size: tuple[int, int], tiles: tuple[int, int]) -> None:
    assert tiling(size, (160, 160), 800) == tiles


def test_the_network_that_ships_finds_nobody_on_walls_of_any_brightness() -> None:
    net = load_crowd_net()
    assert net is not None
    for grey in (10, 60, 120, 200, 245):
        density = net.look(np.full((360, 640, 3), grey, np.uint8))
        assert density.people.max() < 0.3
        assert density.people.shape == (60, 100)
        assert density.cell == (6.4, 6.0)
