"""Site files for tests that run the appliance."""

from pathlib import Path


def write_site(folder: Path, *, port: int, source: str = "synthetic:still", camera: str = "", lines: int = 1) -> Path:
    """Write a small site with windows of 60 s that sends to a loopback port."""
    site = folder / "site.toml"
    drawn = "".join(f'[[lines]]\nid = "line-{n}"\nfrom = [{80 + n}, 10]\nto = [{80 + n}, 85]\n' for n in range(lines))
    site.write_text(
        f"""version = 1
[device]
org = "nice"
id = "promenade-042"
[camera]
source = "{source}"
size = [160, 90]
{camera}
{drawn}
[[zones]]
id = "promenade"
polygon = [[0, 45], [159, 45], [159, 89], [0, 89]]
use = "pedestrian"
[windows]
seconds = 60
[broker]
url = "mqtt://127.0.0.1:{port}"
"""
    )
    return site
