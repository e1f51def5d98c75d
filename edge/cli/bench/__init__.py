"""`passant bench`: accuracy and speed as numbers that anyone can print again."""

from typing import TYPE_CHECKING

from edge.cli.bench import (
    accuracy,
    alarms,
    attacks,
    crowd,
    forecast,
    metres,
    noise,
    plates,
    privacy,
    sheets,
    speed,
    watch,
)

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add each kind of benchmark."""
    parser = subparsers.add_parser("bench", description=__doc__)
    kinds = parser.add_subparsers(
        metavar="WHAT", required=True, title="what is measured", description="each has a --help of its own"
    )
    accuracy.add_parser(kinds)
    alarms.add_parser(kinds)
    attacks.add_parser(kinds)
    crowd.add_parser(kinds)
    forecast.add_parser(kinds)
    metres.add_parser(kinds)
    noise.add_parser(kinds)
    plates.add_parser(kinds)
    privacy.add_parser(kinds)
    sheets.add_parser(kinds)
    speed.add_parser(kinds)
    watch.add_parser(kinds)
