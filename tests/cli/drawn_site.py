"""A site file over the drawn promenade, whose ground is known exactly."""

from collections.abc import Sequence
from pathlib import Path

from edge.vision.camera.world import View

Metres = tuple[float, float]

POINTS: Sequence[Metres] = ((-4, 9), (4, 9), (-6, 20), (6.5, 22), (0.5, 14), (-3, 14))
ZONE: Sequence[Metres] = ((-5, 8.5), (5.9, 8.5), (7, 15.3), (-5, 15.3))
HOLE: Sequence[Metres] = ((0.8, 11), (2.2, 11), (2.2, 12.4), (0.8, 12.4))
ROAD: Sequence[Metres] = ((-9, 15.8), (9, 15.8), (11, 23.6), (-11, 23.6))
POST: Sequence[Metres] = ((-5.6, 12), (-4.4, 12), (-4.4, 13.5), (-5.6, 13.5))


def write_drawn(folder: Path, size: tuple[int, int] = (1280, 720), *, without: str = "") -> Path:
    """Write it; `without` leaves out the bollards, the ground, the picture's size or all but two points."""
    view = View(width=size[0], height=size[1])

    def px(*places: Metres) -> str:
        seen = (view.project((x, z, 0.0)) for x, z in places)
        return ", ".join(f"[{u:.2f}, {v:.2f}]" for u, v in seen)

    parts = [
        'version = 1\n[device]\norg = "nice"\nid = "promenade-042"\n[camera]\nsource = "synthetic:promenade"',
        "" if without == "size" else f"size = [{size[0]}, {size[1]}]",
        f'[[lines]]\nid = "quai"\nfrom = {px((-2, 8.5))}\nto = {px((-2.5, 15))}',
        f'[[zones]]\nid = "promenade"\npolygon = [{px(*ZONE)}]\nobstacles = [[{px(*HOLE)}]]\nalarms = ["density"]',
        f'[[zones]]\nid = "road"\nuse = "carriageway"\npolygon = [{px(*ROAD)}]',
        f"direction = {{from = {px((-4, 18))}, to = {px((4, 18))}}}",
    ]
    if without != "bollards":
        line = f"{{from = {px((-5, 9))}, to = {px((-5, 15))}}}"
        parts.append(f'[[bollards]]\nid = "north"\nfootprint = [{px(*POST)}]\nline = {line}\nrise_s = 3.5')
    if without != "ground":
        places = POINTS[:2] if without == "points" else POINTS
        pairs = ", ".join(f"{{px = {px(m)}, m = [{m[0]}, {m[1]}]}}" for m in places)
        parts.append(f"[ground]\npoints = [{pairs}]")
    path = folder / "site.toml"
    path.write_text("\n".join(part for part in parts if part) + "\n")
    return path
