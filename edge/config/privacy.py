"""`[privacy]`: how much of a picture is masked, with what, and the parts that nobody looks at."""

from typing import Final

from edge.config.shape import Size, polygons
from edge.config.site import Privacy, PrivacyFill, PrivacyLevel
from edge.config.table import Table

MOST_POLYGONS: Final = 16


def privacy(root: Table, size: Size) -> Privacy:
    """Read `[privacy]`; what is faulty is noted, and what is left out has its default."""
    default = Privacy()
    table = root.table("privacy", ("level", "fill", "polygons"))
    return Privacy(
        level=table.choice("level", PrivacyLevel) or default.level,
        fill=table.choice("fill", PrivacyFill) or default.fill,
        polygons=polygons(table, "polygons", size, MOST_POLYGONS),
    )
