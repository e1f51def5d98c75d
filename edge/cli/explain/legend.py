"""The words beside the picture: what the site counts, what its metres are worth, what each colour means."""

import textwrap
from collections.abc import Iterator
from typing import Final

from edge.cli.compass import forward
from edge.cli.explain.desk import GREEN, GREY, INK, ORANGE, PURPLE, RED, TEAL
from edge.cli.explain.places import USES
from edge.cli.explain.plane import KERNEL_M, Drawn
from edge.cli.explain.sheet import LETTER, LINE, Colour, Sheet, Words
from edge.config.site import Site
from edge.contract.report import Metres
from edge.ground.calibration import Calibration

WIDTH: Final = 400
_SIZE: Final = 14.0
_HEADING: Final = 17.0
_SWATCH: Final = 22.0
_LEFT: Final = 18.0
_STATES: Final = {
    Metres.NONE: "there is no [ground]: nothing has metres",
    Metres.REFUSED: "metres are refused",
    Metres.UNVERIFIED: "metres are unverified",
    Metres.VERIFIED: "metres are verified",
}

Entry = tuple[Colour, str]


def entries(site: Site, plane: Calibration | None, drawn: Drawn | None) -> Iterator[Entry]:
    """List what a reader is told, each in its colour."""
    yield from _worth(plane)
    if plane is not None and drawn is not None:
        yield from _ground(site, plane, drawn)
    for line in site.lines:
        yield ORANGE, f"line {line.id}: forward is to the {forward(line.start, line.end)}"
    for zone in site.zones:
        raised = ", ".join(sorted(kind.name.lower().replace("_", "-") for kind in zone.alarms)) or "none"
        yield USES[zone.use], f"zone {zone.id}: {zone.use.value}; alarms: {raised}"
    for bollard in site.bollards:
        yield RED, f"bollard {bollard.id}: footprint, and dashed the line it closes"


def _worth(plane: Calibration | None) -> Iterator[Entry]:
    state = Metres.NONE if plane is None else plane.state
    yield (RED if state is Metres.REFUSED else INK), _STATES[state] + ("" if plane is None else f": {plane.why}")


def _ground(site: Site, plane: Calibration, drawn: Drawn) -> Iterator[Entry]:
    refused = plane.state is Metres.REFUSED
    if plane.valid:
        yield (RED if refused else TEAL), f"grid: {drawn.step_m} m, on the ground"
        inside = "metres would be trusted inside" if refused else "metres are trusted inside"
        yield (RED if refused else GREEN), f"dashed: {inside}"
    if plane.px_per_m:
        yield GREY, f"a metre has {plane.px_per_m[0]:.0f} to {plane.px_per_m[1]:.0f} px there"
    if site.ground and site.ground.points:
        yield INK, "crosses: measured points"
    if site.ground and site.ground.lengths:
        yield INK, "strokes: known lengths, and what the plane makes of them"
    if any(plane.offsets):
        longer = f", drawn {drawn.magnified} times as long" if drawn.magnified > 1 else ""
        yield RED, f"arrows: where the other points put them{longer}"
    if site.zones:
        yield PURPLE, f"circles: who stands that near counts for the density, R = {KERNEL_M:g} m"


def write(sheet: Sheet, left: float, heading: str, told: list[Entry]) -> float:
    """Write a heading and entries from the top; gives where they end, in px."""
    y = _HEADING * 1.5
    sheet.items.append(Words(at=(left + _LEFT, y), text=heading, size=_HEADING, colour=INK))
    y += _HEADING * 0.6
    for colour, text in told:
        y = _entry(sheet, left + _LEFT, y, colour, text)
    return y + _SIZE


def _entry(sheet: Sheet, left: float, top: float, colour: Colour, text: str) -> float:
    letters = int((WIDTH - 2 * _LEFT - _SWATCH) / (LETTER * _SIZE))
    y = top + LINE * _SIZE
    mark = [(left, y - 5), (left + 13, y - 5), (left + 13, y + 5), (left, y + 5)]
    sheet.fill([mark], colour, 1.0)
    for line in textwrap.wrap(text, letters):
        sheet.items.append(Words(at=(left + _SWATCH, y), text=line, size=_SIZE, colour=INK))
        y += LINE * _SIZE
    return y - 0.6 * _SIZE
