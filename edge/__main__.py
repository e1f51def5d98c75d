"""The command `passant`: finds the subcommand that is asked for, and imports no other.

`passant publisher` must not load numpy, nor `passant vision` a network library, so nothing of either is
imported here.
"""

import argparse
import importlib
import io
import os
import select
import sys

from edge import __version__

COMMANDS = {
    "demo": ("edge.cli.demo", "show the whole appliance on real footage, with a broker of its own"),
    "flash": ("edge.cli.flash", "write a card for one device: image, site file, claim"),
    "sign-image": ("edge.cli.flash.sign", "sign an image, so that flash takes it"),
    "ca": ("edge.cli.ca", "a small certificate authority, for pilots"),
    "identity": ("edge.cli.identity", "on the device: its key, its certificate, its renewal"),
    "check": ("edge.cli.check", "check a site file: every fault with its line, cause and mend"),
    "doctor": ("edge.cli.doctor", "look the device over: what is wrong, and how to mend it"),
    "run": ("edge.cli.run", "run the appliance: two processes, each with its own rights"),
    "vision": ("edge.cli.run", "run the process that sees pixels and has no network"),
    "publisher": ("edge.cli.run", "run the process that has the network and sees no pixel"),
    "watch": ("edge.cli.watch", "subscribe to a broker and show events as they come"),
    "analyse": ("edge.cli.analyse", "count over a recording as fast as it goes, without a broker"),
    "anonymise": ("edge.cli.anonymise", "mask faces, plates, people and vehicles in pictures and films"),
    "calibrate-crowd": ("edge.cli.calibrate_crowd", "teach a zone to count crowds, from moments counted on the spot"),
    "still": ("edge.cli.still", "take one masked still from a running device, for aiming it"),
    "explain": ("edge.cli.explain", "draw a site over a masked still: lines, zones, metres"),
    "stand-off": ("edge.cli.stand_off", "work out how far upstream of a bollard the camera must see"),
    "prove": ("edge.cli.prove", "put the promise to the test: no pixel leaves the device"),
    "models": ("edge.cli.models", "list the models and verify their hashes"),
    "reach": ("edge.cli.reach", "print the drop-in that lets the publisher's unit reach the broker"),
    "capacity": ("edge.cli.capacity", "print how many bits may cross from vision to publisher"),
    "bench": ("edge.cli.bench", "measure accuracy, speed and privacy"),
}
"""Each subcommand: the module whose `add_parser` adds it, and what `passant --help` says of it."""

_INTERRUPTED = 130
# As a shell says of a program that SIGPIPE ended.
_UNREAD = 141
_OUTPUTS = (1, 2)


def main(words: list[str] | None = None) -> int:
    """Run one subcommand and give its exit code; the words are those after `passant`, by default this process's."""
    given = sys.argv[1:] if words is None else words
    # A terminal that has no arrow or dash must not end a program that writes one.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        try:
            return _run(given)
        finally:
            # Here, and not when Python ends: there nobody could catch what it raises.
            sys.stdout.flush()
    except BrokenPipeError:
        if not _has_lost_its_reader():
            raise
        _turn_away()
        return _UNREAD


def _run(words: list[str]) -> int:
    try:
        arguments = _parser(words).parse_args(words)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"passant: {error.name} is not installed — start it as ./passant, which installs it\n")
        return 1
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return _INTERRUPTED


def _has_lost_its_reader() -> bool:
    """Tell whether what broke is our own output, as with `| head`, and no connection of the appliance."""
    output = select.poll()
    for number in _OUTPUTS:
        output.register(number, 0)
    return any(event & select.POLLERR for _, event in output.poll(0))


def _turn_away() -> None:
    """Give what is not written yet to nobody, so that the end of Python does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in _OUTPUTS:
        os.dup2(nowhere, number)
    os.close(nowhere)


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
