"""Lines of the keys in a TOML text, which tomllib does not tell.

The text has been read by tomllib before, so it is known to be well formed; this walks it once and only
notes where things begin. Grammar: https://toml.io/en/v1.0.0
"""

import re

from edge.config.fault import KeyPath

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
)
MOST_NAMES = 8
"""Names in one dotted key: tomllib needs a time that grows faster than their square."""
_DOT = r"[ \t]*\.[ \t]*"
_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)"""
# What has no end goes on to that of the text: so each character is looked at once.
_TOKEN = re.compile(
    r"""#[^\n]*|"{3}(?:[^\\]|\\.)*?(?:"{3,5}|\\?\Z)|'{3}.*?(?:'{3,5}|\Z)|(?P<key>"""
    f"{_NAME}(?P<more>(?:{_DOT}{_NAME})*))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def key_lines(text: str) -> dict[KeyPath, int]:
    """Map each key path and array item of a well-formed TOML text to its line, counted from 1.

    Raises RecursionError where tomllib would: on arrays nested many hundred deep.
    """
    return _Walk(text).document()


def overlong_key(text: str) -> int | None:
    """Find a dotted key of more than MOST_NAMES names, in any text; gives its line, or None where there is none."""
    for token in _TOKEN.finditer(text):
        names = re.findall(_NAME, token["key"] or "") if token["more"] else []
        if len(names) > MOST_NAMES:
            return text.count("\n", 0, token.start()) + 1
    return None


class _Walk:
    """A reader's place in the text, and what was met so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._lines: dict[KeyPath, int] = {}
        # How many tables each array of tables has.
        self._counts: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        """Walk to the end."""
        table: KeyPath = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)
        return self._lines

    def _header(self) -> KeyPath:
        """Read `[a.b]` or `[[a.b]]` and give the path of the table it opens."""
        line = self._line
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        names = self._keys()
        self._at += brackets
        path: KeyPath = ()
        for name in names[:-1]:
            path = self._newest((*path, name))
            self._lines.setdefault(path, line)
        path = (*path, names[-1])
        if brackets == 1:
            path = self._newest(path)
        else:
            self._lines.setdefault(path, line)
            count = self._counts.get(path, 0)
            self._counts[path] = count + 1
            path = (*path, count)
        self._lines.setdefault(path, line)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        """Step into the last table of an array of tables; elsewhere stay."""
        count = self._counts.get(path, 0)
        return (*path, count - 1) if count else path

    def _pair(self, table: KeyPath) -> None:
        """Read `key = value`."""
        line = self._line
        path = table
        for name in self._keys():
            path = (*path, name)
            self._lines.setdefault(path, line)
        self._at += 1
        self._skip(_BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """Read a dotted key, up to what follows it."""
        names = []
        while True:
            self._skip(_BLANK)
            names.append(self._key())
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return names
            self._at += 1

    def _key(self) -> str:
        quote = self._text[self._at]
        if quote not in "\"'":
            return self._skip(_BARE_KEY)
        inner = self._skip(_STRINGS[2 if quote == '"' else 3])[1:-1]
        return _ESCAPE.sub(_unescaped, inner) if quote == '"' else inner

    def _value(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._line)
        head = self._text[self._at]
        if head == "[":
            self._items(path)
        elif head == "{":
            self._inline(path)
        elif head in "\"'":
            self._string(head)
        else:
            self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._more("]"):
            self._value((*path, index))
            index += 1

    def _inline(self, path: KeyPath) -> None:
        self._at += 1
        while self._more("}"):
            self._pair(path)

    def _more(self, close: str) -> bool:
        """Step over gaps and a comma; at the closing bracket step out and say no."""
        self._skip(_GAP)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_GAP)
        if self._text[self._at] == close:
            self._at += 1
            return False
        return True

    def _string(self, quote: str) -> None:
        long = self._text.startswith(quote * 3, self._at)
        self._skip(_STRINGS[(0 if long else 2) + (quote == "'")])

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches here, counting lines; give it."""
        match = pattern.match(self._text, self._at)
        found = match.group() if match else ""
        self._at += len(found)
        self._line += found.count("\n")
        return found


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else _ESCAPED.get(code, code)
