"""A table of the site file: typed look-ups that note a fault and go on, so that all faults are found at once."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar, cast

from edge.config.fault import KeyPath, Notes, quoted

_ID = re.compile(r"[a-z0-9-]{1,48}")
_KINDS = {
    bool: "true or false",
    dict: "a table",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
}
_FLOATS_EXACT = 2**53

_Choice = TypeVar("_Choice", bound=Enum)
_Value = TypeVar("_Value")


def kind_name(value: object) -> str:
    """Name the kind of a value as an installer would."""
    return _KINDS.get(type(value), "a date or time")


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number that a float holds exactly enough (a bool is none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -_FLOATS_EXACT < value < _FLOATS_EXACT


class Table:
    """One table: its values, where it stands, and which keys it may hold."""

    def __init__(self, *, values: dict[str, object], where: KeyPath, known: Sequence[str], notes: Notes) -> None:
        self._values = values
        self._where = where
        self._notes = notes
        for key in values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                mend = f"did you mean {near[0]}?" if near else f"take it out; known here: {', '.join(known)}"
                self.fault(key, "is not a key of a site file", mend)

    def __contains__(self, key: str) -> bool:
        """Tell whether the key stands in the file, rightly or wrongly filled."""
        return key in self._values

    def is_blank(self, key: str) -> bool:
        """Tell whether the key is missing or holds nothing."""
        return self._values.get(key) in (None, [], {}, "")

    def fault(self, key: str, cause: str, mend: str, *, item: KeyPath = ()) -> None:
        """Note a fault at a key of this table, or at an item of the array it holds."""
        self._notes.add((*self._where, key, *item), cause, mend)

    def require(self, key: str, example: str) -> None:
        """Note a fault when the key is missing."""
        if key not in self:
            self.fault(key, "is missing", f"write it, for example {example}")

    def text(self, key: str, mend: str | None = None) -> str | None:
        """Look up a text that is not empty; `mend` is what to say where another kind of value stands there."""
        text = cast("str | None", self._of_kind(key, str, mend=mend))
        if text == "":
            self.fault(key, "is empty", "write it, or leave the key out")
            return None
        return text

    def id(self, key: str) -> str | None:
        """Look up an id: 1 to 48 of a-z, 0-9 and the hyphen."""
        text = self.text(key)
        if text is None or _ID.fullmatch(text):
            return text
        self.fault(key, f"{quoted(text)} is not an id", "use 1 to 48 of the characters a-z, 0-9 and -")
        return None

    def flag(self, key: str) -> bool | None:
        """Look up true or false."""
        return cast("bool | None", self._of_kind(key, bool))

    def whole(self, key: str, least: int, most: int) -> int | None:
        """Look up a whole number between two bounds, both included."""
        value = self._of_kind(key, int)
        return None if value is None else cast("int | None", self._between(key, value, least, most))

    def number(self, key: str, least: float, most: float) -> float | None:
        """Look up a number between two bounds, both included."""
        value = self._of_kind(key, int, float)
        return None if value is None else cast("float | None", self._between(key, value, least, most))

    def choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        """Look up one word of an enum of words."""
        return self.word(key, {str(member.value): member for member in choices})

    def word(self, key: str, known: Mapping[str, _Value]) -> _Value | None:
        """Look up one of some words; gives what it stands for."""
        *others, last = (f'"{word}"' for word in known)
        text = self.text(key, f"write {' or '.join(filter(None, (', '.join(others), last)))}")
        return None if text is None else self._known(key, text, known)

    def words(self, key: str, known: Mapping[str, _Value]) -> list[_Value] | None:
        """Look up a list of different words of some, at least one; gives what they stand for."""
        values = self.items(key, f'write a list of words, {key} = ["{next(iter(known), "…")}"]')
        if values is None:
            return None
        if not values:
            self.fault(key, "is empty", "write at least one word into it, or leave the key out")
        found = [self._listed(key, index, values, known) for index in range(len(values))]
        return [value for value in found if value is not None]

    def raw(self, key: str) -> object | None:
        """Look up what stands at a key, of whatever kind."""
        return self._values.get(key)

    def items(self, key: str, mend: str | None = None) -> list[object] | None:
        """Look up a list; `mend` is what to say where another kind of value stands there."""
        return cast("list[object] | None", self._of_kind(key, list, mend=mend))

    def is_word(self, key: str, word: str) -> bool:
        """Tell whether the key holds just this word, where another kind of value may stand too."""
        return self._values.get(key) == word

    def table(self, key: str, known: Sequence[str]) -> "Table":
        """Look up a table within; one that is missing is empty."""
        values = cast("dict[str, object] | None", self._of_kind(key, dict))
        return Table(values=values or {}, where=(*self._where, key), known=known, notes=self._notes)

    def tables(self, key: str, known: Sequence[str], most: int, mend: str | None = None) -> list["Table"]:
        """Look up an array of tables of at most so many; one that is missing is empty.

        `mend` is what to say where something else stands there.
        """
        items = self._values.get(key, [])
        name = ".".join(part for part in (*self._where, key) if isinstance(part, str))
        if not isinstance(items, list):
            self.fault(key, f"is {kind_name(items)}", mend or f"write [[{name}]], in two pairs of brackets")
            return []
        if len(items) > most:
            self.fault(key, f"there are {len(items)}", f"keep at most {most}", item=(most,))
        found = []
        for index, item in enumerate(items):
            if isinstance(item, dict):
                found.append(Table(values=item, where=(*self._where, key, index), known=known, notes=self._notes))
            else:
                self.fault(key, f"is {kind_name(item)}", mend or f"write [[{name}]] above its keys", item=(index,))
        return found

    def _known(self, key: str, text: str, known: Mapping[str, _Value], *, item: KeyPath = ()) -> _Value | None:
        """Give what a word that stands at a key, or at an item of its list, stands for; note one that is not known."""
        if text in known:
            return known[text]
        near = get_close_matches(text, known, n=1)
        mend = f"did you mean {near[0]}?" if near else f"write one of {', '.join(known)}"
        self.fault(key, f"{quoted(text)} is not known", mend, item=item)
        return None

    def _listed(self, key: str, index: int, values: list[object], known: Mapping[str, _Value]) -> _Value | None:
        value = values[index]
        if not isinstance(value, str):
            self.fault(key, f"is {kind_name(value)}", f"write a list of words of {', '.join(known)}", item=(index,))
        elif value in values[:index]:
            self.fault(key, f"{quoted(value)} stands twice", "take one out", item=(index,))
        else:
            return self._known(key, value, known, item=(index,))
        return None

    def _of_kind(self, key: str, *kinds: type, mend: str | None = None) -> object | None:
        """Look up a value of a kind (exactly: true is no number); None when missing or, noted, of another kind."""
        if key not in self._values:
            return None
        value = self._values[key]
        if type(value) in kinds:
            return value
        self.fault(key, f"is {kind_name(value)}", mend or f"write {_KINDS[kinds[-1]]}")
        return None

    def _between(self, key: str, value: object, least: float, most: float) -> object | None:
        if is_number(value) and least <= cast("float", value) <= most:
            return value
        self.fault(key, f"{quoted(value)} is out of range", f"write a number from {least} to {most}")
        return None
