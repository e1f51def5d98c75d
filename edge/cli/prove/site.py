"""The site of the proof's film: two lines and a zone over the street, windows of a minute."""

import json
from pathlib import Path
from typing import Final

from edge.cli.prove.street import SIZE, WINDOW_S

PACE: Final = 20.0
ORG, DEVICE = "proof", "proof"


def site_text(film: Path, url: str) -> str:
    """Write the site file for a film and a broker of this machine."""
    width, height = SIZE
    return f"""version = 1
[device]
org = "{ORG}"
id = "{DEVICE}"
[camera]
source = {json.dumps(f"clip:{film}")}
pace = {PACE}
[[lines]]
id = "cut"
from = [{width // 2}, 10]
to = [{width // 2}, {height - 2}]
[[lines]]
id = "pavement"
from = [{width // 3}, 10]
to = [{width // 3}, 66]
[[zones]]
id = "road"
polygon = [[0, 66], [{width - 1}, 66], [{width - 1}, {height - 1}], [0, {height - 1}]]
use = "carriageway"
[windows]
seconds = {WINDOW_S}
[broker]
url = "{url}"
"""
