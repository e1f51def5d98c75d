"""`[privacy]`: how much of a picture is masked, with what, and the parts that nobody looks at."""

from typing import Final

from edge.config.shape import Size, polygons
from edge.config.site import Privacy, PrivacyFill, PrivacyLevel
from edge.config.table import Table

MOST_POLYGONS: Final = 16

# IEC 62676-4 needs 25 px per metre to detect somebody and 250 to tell who it is; this bounds the latter away.
_LEAST_PX_PER_M, _MOST_PX_PER_M = 10, 1_000


def privacy(root: Table, size: Size) -> Privacy:
    """Read `[privacy]`; what is faulty is noted, and what is left out has its default."""
    default = Privacy()
    table = root.table("privacy", ("level", "fill", "polygons", "max_px_per_m"))
    ceiling = table.number("max_px_per_m", _LEAST_PX_PER_M, _MOST_PX_PER_M)
    if "max_px_per_m" in table and "ground" not in root:
        table.fault("max_px_per_m", "needs metres, and there is no [ground]", "write [ground], or take it out")
    return Privacy(
        level=table.choice("level", PrivacyLevel) or default.level,
        fill=table.choice("fill", PrivacyFill) or default.fill,
        polygons=polygons(table, "polygons", size, MOST_POLYGONS),
        max_px_per_m=None if ceiling is None else float(ceiling),
    )
