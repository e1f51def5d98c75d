import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.config.fault import KeyPath
from edge.config.locate import key_lines

AWKWARD = r'''# a comment with [brackets] = "and quotes
top = "a # no comment" # a comment

[ a . "b.c" ]
d . 'e f' = 1
long = """
[not.a.table]
x = 1 \""" still
in it"""" # three and one
raw = '''

AWKWARD += """'''
'it's' # not a comment
'''
after = 3
[[list]]
x = [ # [
  1, "]",
  # a comment, with a comma
  [ 2, 3 ],
  { y = [ 4,
  5 ], "z\\u0041" = 6 },
]
[list.inner]
k = 1979-05-27 07:32:00
[[list]]
x = 7
[list.inner]
k = { }
[[list.more]]
[[list.more]]
w = []
"""


def _paths(value: Any, path: KeyPath = ()) -> set[KeyPath]:  # noqa: ANN401 - a TOML value is one of many
    """List every key path of a document."""
    found: set[KeyPath] = {path} if path else set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= _paths(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found |= _paths(inner, (*path, index))
    return found


def test_every_kind_of_key_is_found_on_its_line() -> None:
    lines = key_lines(AWKWARD)
    assert set(lines) >= _paths(tomllib.loads(AWKWARD))
    assert lines == {
        ("top",): 2,
        ("a",): 4,
        ("a", "b.c"): 4,
        ("a", "b.c", "d"): 5,
        ("a", "b.c", "d", "e f"): 5,
        ("a", "b.c", "long"): 6,
        ("a", "b.c", "raw"): 10,
        ("a", "b.c", "after"): 13,
        ("list",): 14,
        ("list", 0): 14,
        ("list", 0, "x"): 15,
        ("list", 0, "x", 0): 16,
        ("list", 0, "x", 1): 16,
        ("list", 0, "x", 2): 18,
        ("list", 0, "x", 2, 0): 18,
        ("list", 0, "x", 2, 1): 18,
        ("list", 0, "x", 3): 19,
        ("list", 0, "x", 3, "y"): 19,
        ("list", 0, "x", 3, "y", 0): 19,
        ("list", 0, "x", 3, "y", 1): 20,
        ("list", 0, "x", 3, "zA"): 20,
        ("list", 0, "inner"): 22,
        ("list", 0, "inner", "k"): 23,
        ("list", 1): 24,
        ("list", 1, "x"): 25,
        ("list", 1, "inner"): 26,
        ("list", 1, "inner", "k"): 27,
        ("list", 1, "more"): 28,
        ("list", 1, "more", 0): 28,
        ("list", 1, "more", 1): 29,
        ("list", 1, "more", 1, "w"): 30,
    }


_KEYS = st.text(alphabet="ab.# ]=\"'\\é", min_size=1, max_size=4)
_TEXTS = st.text(alphabet="a#[]{},=\"'\\é\n\t", max_size=8)


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


_VALUES = st.recursive(
    st.integers().map(str)
    | _TEXTS.map(_quoted)
    | _TEXTS.filter(lambda text: "'" not in text).map(lambda text: f"'''{text}'''")
    | _TEXTS.map(lambda text: f'"""\n{_quoted(text)[1:-1]}"""'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[ # [\n" + ",\n".join(items) + "\n]")
        | st.dictionaries(_KEYS, inner, max_size=3).map(
            lambda pairs: "{" + ",".join(f"{_quoted(key)} = {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=10,
)


@given(pairs=st.dictionaries(_KEYS, _VALUES, max_size=5), tables=st.lists(st.dictionaries(_KEYS, _VALUES, max_size=3)))
def test_every_path_of_any_document_has_a_line_that_holds_it(
    pairs: dict[str, str], tables: list[dict[str, str]]
) -> None:
    text = "".join(f"{_quoted(key)} = {value} # end\n" for key, value in pairs.items())
    for table in tables:
        text += "[['tables']]\n" + "".join(f"  {_quoted(key)} = {value}\n" for key, value in table.items())
    lines = key_lines(text)
    assert set(lines) == _paths(tomllib.loads(text))
    rows = text.split("\n")
    for path, line in lines.items():
        if isinstance(path[-1], str) and path != ("tables",):
            assert _quoted(path[-1]) in rows[line - 1]
