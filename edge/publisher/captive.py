"""A process that is confined as the publisher is, tries to get out, and says how it went: run by `passant doctor`.

`python -m edge.publisher.captive FOLDER`; FOLDER is empty and stays so. 0 where every attempt failed.
"""

import sys
from pathlib import Path

from edge.confine import IsolationError, process
from edge.publisher.isolation import confine


def main(arguments: list[str]) -> int:
    """Be confined, and try."""
    process.end_with_parent()
    try:
        return 0 if confine(state=Path(arguments[0]), allow_unproven=False) else 1
    except IsolationError as error:
        sys.stdout.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
