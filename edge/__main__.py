"""The command `passant`: finds the subcommand that is asked for, and imports no other.

`passant publisher` must not load numpy, nor `passant vision` a network library, so nothing of either is
imported here.
"""

import argparse
import importlib
import io
import sys

from edge import __version__

COMMANDS = {
    "demo": ("edge.cli.demo", "show the whole appliance on real footage, with a broker of its own"),
    "check": ("edge.cli.check", "check a site file: every fault with its line, cause and mend"),
    "run": ("edge.cli.run", "run the appliance: two processes, each with its own rights"),
    "vision": ("edge.cli.run", "run the process that sees pixels and has no network"),
    "publisher": ("edge.cli.run", "run the process that has the network and sees no pixel"),
    "watch": ("edge.cli.watch", "subscribe to a broker and show events as they come"),
    "analyse": ("edge.cli.analyse", "count over a recording as fast as it goes, without a broker"),
    "models": ("edge.cli.models", "list the models and verify their hashes"),
    "capacity": ("edge.cli.capacity", "print how many bits may cross from vision to publisher"),
    "bench": ("edge.cli.bench", "measure accuracy and speed"),
}
"""Each subcommand: the module whose `add_parser` adds it, and what `passant --help` says of it."""

_INTERRUPTED = 130


def main(words: list[str] | None = None) -> int:
    """Run one subcommand and give its exit code; the words are those after `passant`, by default this process's."""
    given = sys.argv[1:] if words is None else words
    # A terminal that has no arrow or dash must not end a program that writes one.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        arguments = _parser(given).parse_args(given)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"passant: {error.name} is not installed — start it as ./passant, which installs it\n")
        return 1
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parser(words: list[str]) -> argparse.ArgumentParser:
    """Build the parser of the subcommand among the words; where there is none, one that knows all by name."""
    parser = argparse.ArgumentParser(prog="passant", description="Counts passers-by and knows none of them.")
    parser.add_argument("--version", action="version", version=f"passant {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    if words and words[0] in COMMANDS:
        module = importlib.import_module(COMMANDS[words[0]][0])
        module.add_parser(commands)
    else:
        for name, (_, purpose) in COMMANDS.items():
            commands.add_parser(name, help=purpose)
    return parser


if __name__ == "__main__":
    sys.exit(main())
