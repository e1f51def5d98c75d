"""The ids of a site file: each line, zone and bollard has one of its own."""

from typing import Final

from edge.config.table import Table

BOLLARD: Final = "bollard"

Taken = dict[str, str]
"""Each id that stands in the file already, and what it is the id of."""


def own_id(table: Table, kind: str, taken: Taken) -> str | None:
    """Read an id that nothing else in the file has: one of a line or a zone names the topic of people for both."""
    table.require("id", 'id = "quai"')
    name = table.id("id")
    if name in taken:
        topic = "" if BOLLARD in {kind, taken[name]} else f"both would be ev/crowd-flow/{name}; "
        mend = f"{topic}give each its own id"
        table.fault("id", f'"{name}" is taken by a {taken[name]}', mend)
    elif name:
        taken[name] = kind
    return name
