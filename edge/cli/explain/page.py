"""The whole page: the picture with all that is drawn over it, and beside it the words."""

from dataclasses import replace
from typing import Final

from edge.cli.explain.desk import Desk
from edge.cli.explain.labels import Labels
from edge.cli.explain.legend import WIDTH, entries, write
from edge.cli.explain.places import draw_lines, draw_zones
from edge.cli.explain.plane import draw_ground, draw_worth
from edge.cli.explain.sheet import Sheet
from edge.config.site import Site
from edge.ground.calibration import Calibration, calibrate

# The picture is drawn at least this wide: words need room whatever its size.
_LEAST_WIDTH: Final = 1152
_TEXT: Final = 15.0


def page(site: Site, size: tuple[int, int], picture: bytes | None) -> Sheet:
    """Draw a site over a picture of `size` (w, h) px, a JPEG's bytes, or over blank paper."""
    scale = max(1.0, _LEAST_WIDTH / size[0])
    width, height = round(size[0] * scale), round(size[1] * scale)
    window = (0.0, 0.0, float(width), float(height))
    title = f"{site.device.id} of {site.device.org}"
    sheet = Sheet(width=width + WIDTH, height=height, window=window, title=title, picture=picture)
    desk = Desk(sheet=sheet, labels=Labels(sheet, _TEXT), scale=scale, size=size)
    plane = _plane(site, size)
    # From the ground upwards: what is drawn later lies over what was drawn before.
    drawn = draw_ground(desk, site, plane) if plane else None
    draw_zones(desk, site)
    draw_lines(desk, site)
    if plane and drawn:
        draw_worth(desk, site, plane, drawn)
    desk.labels.write()
    told = list(entries(site, plane, drawn))
    sheet.height = max(height, round(write(sheet, float(width), title, told)))
    sheet.told = "; ".join(text for _, text in told)
    return sheet


def _plane(site: Site, size: tuple[int, int]) -> Calibration | None:
    return calibrate(replace(site.ground, size=site.ground.size or size), size) if site.ground else None
