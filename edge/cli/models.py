"""`passant models`: lists the models that ship and verifies each one's bytes."""

import argparse
import sys

from edge.vision.detect.manifest import ModelEntry, ModelError, models_folder, read_manifest, verify


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `models`."""
    parser = subparsers.add_parser("models", description=__doc__)
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """List and verify every model; 1 when one is not what the manifest says."""
    try:
        entries = read_manifest(models_folder())
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    return max([_show(entry) for entry in entries])


def _show(entry: ModelEntry) -> int:
    """Print one model, its fault to stderr; gives 1 where it has one."""
    try:
        size = len(verify(entry).content)
        _check_licence(entry)
    except ModelError as error:
        print(f"{entry.name}: not usable", flush=True)
        print(error, file=sys.stderr)
        return 1
    print(f"{entry.name}: verified")
    print(f"  file     {entry.folder / entry.file}, {size / 1e6:.1f} MB")
    print(f"  sha256   {entry.sha256}")
    print(f"  licence  {entry.licence}, {entry.licence_file}")
    print(f"  source   {entry.source}")
    names = ", ".join(label.name.lower() for label in entry.labels)
    print(f"  finds    {entry.task}{f': {names}' if names else ''}")
    return 0


def _check_licence(entry: ModelEntry) -> None:
    path = entry.folder / entry.licence_file
    if not path.is_file():
        raise ModelError(f"{path}: the licence is missing — restore the file from the release")
