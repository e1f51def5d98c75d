"""A site file's bytes and the TOML in them, before anything is known of what they say."""

import re
import tomllib
from pathlib import Path
from typing import Any

from edge.config.disk import regular_file_cause
from edge.config.fault import Fault, KeyPath, SiteError
from edge.config.locate import MOST_NAMES, key_lines, overlong_key

MOST_BYTES = 256 * 1024

_EMPTY = ("is empty", "write the site into it, from the example in README.md")
_BOM = b"\xef\xbb\xbf"
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def read_bytes(path: Path) -> bytes:
    """Read the file; raises SiteError where it is none that can hold a site."""
    cause = regular_file_cause(path)
    if cause:
        raise _fault(path, cause, "name the site file, usually site.toml")
    try:
        # Files of the kernel have no size, and some have no end: reading one would wait for ever.
        if path.stat().st_size == 0:
            raise _fault(path, *_EMPTY)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _fault(path, f"cannot be read ({error.strerror})", "mend that, or name another file") from None
    if len(content) > MOST_BYTES:
        raise _fault(path, f"is larger than {MOST_BYTES // 1024} kB", "name a site file; they are a few kB")
    if not content.strip():
        raise _fault(path, *_EMPTY)
    return content


def parse(path: Path, content: bytes) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """Read the TOML; gives its values and the line of each key. Raises SiteError where it is none."""
    text = _text(path, content)
    line = overlong_key(text)
    if line is not None:
        raise _fault(path, f"has a key of more than {MOST_NAMES} names", "write it anew from an example", line=line)
    try:
        return tomllib.loads(text), key_lines(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from None
    except RecursionError:
        raise _fault(path, "has brackets in brackets without end", "write it anew from an example") from None
    except ValueError:
        raise _fault(path, "holds a number that is too long", "write numbers of a few digits") from None


def _text(path: Path, content: bytes) -> str:
    if content.startswith(_BOM):
        raise _fault(path, "begins with a byte order mark", "save it as UTF-8 without BOM", line=1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(path, "is not UTF-8 text", "save it as UTF-8", line=line) from None


def _syntax_error(path: Path, text: str, message: str) -> SiteError:
    place = _PLACE.search(message)
    line = int(place.group(1)) if place and place.group(1) else text.rstrip("\n").count("\n") + 1
    column = f" (column {place.group(2)})" if place and place.group(2) else ""
    cause = _PLACE.sub("", message)
    cause = f"is not TOML: {cause[:1].lower()}{cause[1:]}{column}"
    mend = 'write key = value; texts in "quotes", lists in [brackets]'
    return _fault(path, cause, mend, line=line)


def _fault(path: Path, cause: str, mend: str, *, line: int | None = None) -> SiteError:
    return SiteError((Fault(file=path, line=line, key="", cause=cause, mend=mend),))
