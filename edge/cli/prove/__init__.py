"""`passant prove`: the product's promise, put to the test on this machine."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `prove` with its proofs."""
    # Parts of this package run as programs of their own, and must not find themselves loaded by it.
    from edge.cli.prove import egress  # noqa: PLC0415

    parser = subparsers.add_parser("prove", description=__doc__)
    egress.add_parser(parser.add_subparsers(metavar="PROOF", required=True))
