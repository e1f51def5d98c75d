import os
from pathlib import Path

import pytest

from edge.config import SiteError, load


def _fault(path: Path) -> str:
    with pytest.raises(SiteError) as caught:
        load(path)
    (fault,) = caught.value.faults
    assert fault.mend
    return str(fault).removeprefix(str(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ": is empty"),
        (b" \n\n", ": is empty"),
        (b"\xef\xbb\xbfversion = 1\n", ":1: begins with a byte order mark — save it as UTF-8 without BOM"),
        (b"version = 1\n# caf\xe9\n", ":2: is not UTF-8 text"),
        (b"version = 1\nid = \n", ":2: is not TOML: invalid value (column 6)"),
        (b"version = 1\r\nid = \r\n", ":2: is not TOML: invalid value"),
        (b"version = 1\n[device\norg = 1\n", ":2: is not TOML: expected ']'"),
        (b"version = 1\nversion = 1\n", ":2: is not TOML: cannot overwrite a value"),
        (b'version = 1\na = """\nno end\n', ":3: is not TOML: "),
        (b"a = " + b"[" * 50_000, ": has brackets in brackets without end"),
        (b"a = " + b"[" * 50_000 + b"]" * 50_000, ": has brackets in brackets without end"),
        (b"a = " + b"9" * 5_000, ": holds a number that is too long"),
        (b"x = 1\n" + b"a." * 100_000 + b"a = 1", ":2: has a key of more than 8 names"),
        (b"[" + b"'a' . " * 40_000 + b"a]", ":1: has a key of more than 8 names"),
        (b'x = {"a"' + b'."a"' * 60_000 + b" = 1}", ":1: has a key of more than 8 names"),
        (b"x = " + b'"""\\' * 60_000, ":1: is not TOML"),
        (b"#" * 262_145, ": is larger than 256 kB"),
    ],
)
def test_a_file_that_holds_no_toml_says_why(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(content)
    assert _fault(path).startswith(words)


@pytest.mark.parametrize(
    "line",
    [
        "# a.b.c.d.e.f.g.h.i.j",
        'x = "a.b.c.d.e.f.g.h.i.j"',
        "x = 'a.b.c.d.e.f.g.h.i.j' # \"",
        'x = """\na.b.c.d.e.f.g.h.i.j = 1\n\\""" """ # """',
        "x = '''\na.b.c.d.e.f.g.h.i.j\n'''",
        "a.b.c.d.e.f.g.h = 1.5",
    ],
)
def test_dots_elsewhere_make_no_key(line: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f"version = 9\n{line}\n")
    with pytest.raises(SiteError, match="this Passant reads version 1"):
        load(path)


def test_a_file_of_the_kernel_is_not_waited_for() -> None:
    # It is a regular file, and reading it waits for as long as the machine has nothing to say.
    assert _fault(Path("/proc/self/status")).startswith(": is empty")


def test_a_file_of_just_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(b"version = 9\n" + b"#" * (262_144 - 12))
    with pytest.raises(SiteError, match="this Passant reads version 1"):
        load(path)


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    assert _fault(tmp_path / "away.toml").startswith(": does not exist")
    assert _fault(tmp_path).startswith(": is a directory")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert _fault(pipe).startswith(": is not a regular file")
    assert _fault(tmp_path / ("n" * 300)).startswith(": cannot be looked at (File name too long)")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert _fault(loop).startswith(": cannot be looked at (Too many levels")


def test_a_file_that_this_user_cannot_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("version = 1\n")
    path.chmod(0)
    if os.geteuid() != 0:
        assert _fault(path).startswith(": cannot be read by this user")
        return
    # Root reads everything, so a child that is nobody looks.
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(0o755)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(65_534)
        try:
            load(path)
        except SiteError as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as words:
        assert ": cannot be read by this user" in words.read()
