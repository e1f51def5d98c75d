"""Where the benchmarks' recordings and photographs are: never in the repository."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

DATA: Final = Path("..", "shared", "data")


def add_data(parser: "argparse.ArgumentParser", holds: str) -> None:
    """Add `--data DIR` to a benchmark; `holds` says what it looks for in there."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path(os.environ.get("PASSANT_DATA", DATA)),
        help=f"a folder with {holds}; default: PASSANT_DATA, else %(default)s",
    )
