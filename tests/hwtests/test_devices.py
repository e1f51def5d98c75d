"""The testers' suite against devices that are good, and bad in one way each: it must tell them apart."""

import ctypes
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.publisher.mosquitto import installed

ROOT = Path(__file__).parents[2]
PATIENCE_S = 600.0
LOOKS = ("test_camera.py", "test_model.py", "test_disk.py", "test_clock.py")
AT_WORK = ("test_isolation.py",)
UNITS = ("[vision]", "[publisher]")


def outcomes(folder: Path, files: tuple[str, ...], **environment: str) -> dict[str, str]:
    """Run some of the suite on an emulated device, and tell by name how each test ended."""
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    junit, html = folder / "junit.xml", folder / "report.html"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"hwtests/{name}" for name in files)]
    options = ["--device", "here", "--junitxml", str(junit), "--report", str(html)]
    run = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    found = {}
    for case in ET.parse(junit).iter("testcase"):  # noqa: S314  pytest's own
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        found[case.attrib["name"].removeprefix("test_")] = kinds.pop() if kinds else "passed"
    failed = [name for name, how in found.items() if how in {"failure", "error"}]
    assert run.returncode == (1 if failed else 0), run.stdout
    # The page says the same.
    assert html.read_text().count('<td class="failed">') == len(failed)
    assert html.read_text().count('<td class="passed">') == sum(how == "passed" for how in found.values())
    return found


def failed(found: dict[str, str]) -> set[str]:
    return {name for name, how in found.items() if how in {"failure", "error"}}


def test_a_good_device_passes_and_what_it_lacks_is_skipped(tmp_path: Path) -> None:
    found = outcomes(tmp_path, LOOKS)
    assert failed(found) == set()
    assert {found[name] for name in ("pictures_come", "the_hash_and_the_answer_are_right")} == {"passed"}
    skipped = {name for name, how in found.items() if how == "skipped"}
    assert {"a_camera_that_was_unplugged_comes_back", "heat_does_not_slow_it_down"} <= skipped


def test_a_device_with_a_stuck_camera(tmp_path: Path) -> None:
    found = outcomes(tmp_path, LOOKS, PASSANT_HERE_FILM="stuck")
    assert failed(found) == {"they_are_not_the_same_again_and_again"}


@pytest.mark.full
def test_a_device_whose_stuck_camera_counts_nobody(tmp_path: Path) -> None:
    found = outcomes(tmp_path, ("test_counts.py",), PASSANT_HERE_FILM="stuck")
    assert failed(found) == {"what_passes_the_camera_arrives_at_the_broker"}


@pytest.mark.full
def test_a_device_with_a_wrong_model(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for folder in ("edge", "models"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (tree / "models" / "ssdlite-mobilenet-v2-coco.int8.tflite").open("ab") as model:
        model.write(b"\0")
    found = outcomes(tmp_path, (*LOOKS, "test_counts.py"), PASSANT_HERE_TREE=str(tree))
    assert failed(found) == {
        *("the_hash_and_the_answer_are_right", "a_look_is_quick_enough"),
        *("a_film_with_known_truth_is_counted_right", "what_passes_the_camera_arrives_at_the_broker"),
    }


@pytest.mark.full
def test_a_device_that_is_not_isolated(tmp_path: Path) -> None:
    found = outcomes(tmp_path, (*LOOKS, *AT_WORK), PASSANT_HERE_RUN="--no-isolation")
    assert failed(found) == {
        *(f"the_process_at_work_is_confined{unit}" for unit in UNITS),
        *("vision_at_work_has_no_network", "the_device_says_that_it_is_proven"),
    }


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A state folder of 8 MB without a byte left."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder = tmp_path / "disk"
    folder.mkdir()
    if libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=8m") != 0:
        pytest.skip("mounting a tmpfs needs root")
    try:
        (folder / "filler").write_bytes(bytes(8 * 1024 * 1024))
        yield folder
    finally:
        libc.umount2(os.fsencode(folder), 2)


@pytest.mark.full
def test_a_device_with_a_full_disk(tmp_path: Path, full_disk: Path) -> None:
    found = outcomes(tmp_path, LOOKS, PASSANT_HERE_STATE=str(full_disk))
    assert failed(found) == {"the_disk_is_healthy_and_has_room"}


@pytest.mark.full
def test_the_whole_suite_on_a_good_device(tmp_path: Path) -> None:
    files = tuple(path.name for path in sorted((ROOT / "hwtests").glob("test_*.py")))
    assert failed(outcomes(tmp_path, files)) == set()
