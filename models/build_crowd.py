"""Make the crowd-density network again: `python3.11 models/build_crowd.py [--output FILE]`.

Fetches photographs and fonts from PyPI and panoramas from npm with the ordinary clients, checks their hashes, and in a
throw-away environment of pinned packages draws three training sets, trains on them and converts. No picture of a person
takes part. Needs Python 3.11 on x86_64, npm and 3 GB of temporary space; takes about half an hour on one processor. A
seed gives the same pictures again; what training makes of them hangs on the processor's last digits, so that another
machine gives other bytes. Exits 0 when the bytes are those that the manifest names.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from workbench import (
    HERE,
    compare,
    demand_hash,
    demand_python,
    download,
    environment,
    fetch_photographs,
    manifest_entry,
    run,
)

NAME = "crowd-density"
# CC0; panoramas of places, none shows a person.
PANORAMAS = ("@pmndrs/assets", "1.7.0", "152bd218a3390703f184f0c6ce16e73c8f0a87f32d38530d418a09d33d8208dc")


def main() -> int:
    """Build, and compare with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / f"{NAME}.fp16.tflite")
    output = parser.parse_args().output.absolute()
    demand_python()
    with tempfile.TemporaryDirectory(prefix="crowd-") as folder:
        place = Path(folder)
        python = environment(place / "venv", "ssdlite.requirements.txt", "plates.requirements.txt")
        packages = fetch_photographs(place, python)
        fetch_fonts(place, python)
        fetch_panoramas(place)
        plain, hard, empty = place / "plain", place / "hard", place / "empty"
        module(python, "crowd.dataset", packages, plain, "--seed", "1", "--pictures", "2000")
        module(python, "crowd.dataset", packages, hard, "--seed", "3", "--pictures", "1000", "--hard")
        module(python, "crowd.dataset", packages, empty, "--seed", "4", "--pictures", "1000", "--empty")
        first, second, third = (place / f"{number}.weights.h5" for number in (1, 2, 3))
        module(python, "crowd.train", first, plain, "--steps", "3000")
        module(python, "crowd.train", second, hard, hard, plain, "--after", first, "--steps", "1000", "--seed", "2")
        module(python, "crowd.train", third, hard, plain, empty, "--after", second, "--steps", "1200", "--seed", "3")
        module(python, "crowd.convert", third, output)
    return compare(output, manifest_entry(NAME))


def fetch_fonts(place: Path, python: Path) -> None:
    """Fetch the fonts of the plates on drawn cars and unpack them beside the photographs."""
    for wheel in download(place / "fonts", python, "plates.drawing.requirements.txt"):
        with zipfile.ZipFile(wheel) as archive:
            fonts = [name for name in archive.namelist() if name.endswith(".ttf")]
            archive.extractall(place / "packages", fonts)  # noqa: S202 - the wheel's hash was checked


def fetch_panoramas(place: Path) -> None:
    """Fetch the npm package without installing it, check it and unpack its panoramas beside the photographs."""
    name, version, sha256 = PANORAMAS
    run("npm", "pack", "--silent", "--pack-destination", place, f"{name}@{version}")
    (tarball,) = place.glob("*.tgz")
    demand_hash(tarball, sha256)
    with tarfile.open(tarball) as archive:
        members = [member for member in archive.getmembers() if member.name.startswith("package/hdri/")]
        archive.extractall(place / "packages", members, filter="data")


def module(python: Path, name: str, *words: str | Path) -> None:
    """Run one of the modules in `crowd`; ends this program where it fails."""
    subprocess.run([python, "-m", name, *words], check=True, cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE)})


if __name__ == "__main__":
    sys.exit(main())
