"""Whether what passes is counted: a drawn film whose truth is known by its making, through the real pipeline."""

import json
from collections.abc import Callable
from pathlib import Path

from hwtests import film
from hwtests.device import Device
from hwtests.post import Post, eventually

_SECONDS = 24
_WINDOWS = 2
# A minute each, as fast as the drawn camera goes, and some for the start.
_PATIENCE_S = 150.0
_SITE = """\
version = 1
[device]
org = "hwtests"
id = "counts"
[camera]
source = "clip:street.avi"
{lines}"""
_DRAW = """\
import pathlib, runpy, sys, tempfile
folder = pathlib.Path(tempfile.mkdtemp(prefix="passant-hwtests-"))
(folder / "film.py").write_text({film!r})
(folder / "site.toml").write_text({site!r})
sys.argv = ["film.py", str(folder / "street.avi"), "{seconds}"]
runpy.run_path(str(folder / "film.py"), run_name="__main__")
print(folder)
"""


def test_a_film_with_known_truth_is_counted_right(device: Device) -> None:
    script = Path(film.__file__).read_text(encoding="utf-8")
    program = _DRAW.format(film=script, site=_SITE.format(lines=film.LINES), seconds=_SECONDS)
    drawn = device.python(program)
    assert drawn.code == 0, drawn.err
    folder = drawn.out.strip()
    try:
        told = device.passant("analyse", f"{folder}/street.avi", "--site", f"{folder}/site.toml", "--json")
        assert told.code == 0, told.err
        (line,) = json.loads(told.out)["lines"]
        assert line["forward"]["total"] == film.passes(_SECONDS)
        assert line["backward"]["total"] == 0
    finally:
        device.run("rm", "-r", folder)


def test_what_passes_the_camera_arrives_at_the_broker(post: Post, working: Device, able: Callable[[str], None]) -> None:
    """The running product, whose camera is the drawn film; the seam of its loop may cost or bring one a window."""
    able("injection")
    truth = film.passes(60)

    def windows() -> list[int]:
        events = [one for one in post.events if one["subject"] == "line/quai/forward"]
        return [one["data"]["intensity"] for one in events if one["data"]["window"]["coverage"] > 0.9]

    assert eventually(lambda: len(windows()) >= _WINDOWS, _PATIENCE_S), f"windows that arrived: {windows()}"
    assert all(abs(count - truth) <= 1 for count in windows()), f"{windows()}, in truth {truth} each"
