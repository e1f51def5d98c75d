"""A site file for pictures that nobody has drawn lines on yet: two lines down, one across, one zone."""

import json
from pathlib import Path

ORG = "demo"
WINDOW_S = 60

_SITE = """\
version = 1
[device]
org = "{org}"
id = "{device}"
[camera]
source = {source}
size = [{width}, {height}]
{pace}
# Down the picture, top to bottom: forward is to the left.
[[lines]]
id = "left"
from = [{left}, {upper}]
to = [{left}, {lower}]
[[lines]]
id = "right"
from = [{right}, {upper}]
to = [{right}, {lower}]
# Across it, left to right: forward is downwards, towards the camera.
[[lines]]
id = "across"
from = [{west}, {middle}]
to = [{east}, {middle}]
[[zones]]
id = "picture"
polygon = [[0, 0], [{width}, 0], [{width}, {height}], [0, {height}]]
[windows]
seconds = {window_s}
[broker]
url = {url}
"""


def sample_site(*, device: str, source: str, size: tuple[int, int], pace: float | None, url: str) -> str:
    """Write the site file; `size` is (width, height) in px, `pace` None for a live camera.

    Raises UnicodeEncodeError where the source's name is no text.
    """
    width, height = size
    text = _SITE.format(
        org=ORG,
        device=device,
        source=_quoted(source),
        width=width,
        height=height,
        pace="" if pace is None else f"pace = {pace}",
        left=round(width / 3),
        right=round(width * 2 / 3),
        upper=round(height / 5),
        lower=round(height * 19 / 20),
        west=round(width / 20),
        east=round(width * 19 / 20),
        middle=round(height * 11 / 20),
        window_s=WINDOW_S,
        url=_quoted(url),
    )
    text.encode()
    return text


def source_of(clip: Path) -> str:
    """Name a recording as a camera's source."""
    return f"clip:{clip.absolute()}"


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
