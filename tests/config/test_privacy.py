"""`[privacy]` of a site file: its words, its polygons, and every fault of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config import SiteError, check_inside, load
from edge.config.privacy import MOST_POLYGONS
from edge.config.site import Privacy, PrivacyFill, PrivacyLevel

Faults = Callable[[str], list[str]]

WHOLE = """\
[privacy]
level = "faces-and-plates"
fill = "pixelate"
polygons = [
  [[0, 0], [200, 0], [200, 100], [0, 100]],
  [[600, 300], [700.5, 300], [650, 420]],
]
"""
# Where [privacy] begins when it is put under the whole site of conftest.py.
FIRST = 30

SQUARE = "[0, 100]],"
FAULTS = [
    ('level = "faces-and-plates"', 'level = "face-and-plates"', 1, "level: 'face-and-plates' is not known — did you"),
    ('level = "faces-and-plates"', "level = 1", 1, 'level: is a whole number — write "faces-and-plates", "people-and'),
    ('fill = "pixelate"', 'fill = "none"', 2, "fill: 'none' is not known — write one of solid, pixelate, blur"),
    ('fill = "pixelate"', 'filling = "solid"', 2, "filling: is not a key of a site file — did you mean fill?"),
    (SQUARE, "[0, 1000]],", 4, "polygons[0][3]: [0, 1000] lies outside the picture of 1280 x 720"),
    (SQUARE, '["a", 100]],', 4, "polygons[0][3]: is not a point — write two numbers"),
    (SQUARE, "[0, 100], [0, 0]],", 4, "polygons[0][4]: ends in its first corner"),
    (", [200, 100], [0, 100]],", "],", 4, "polygons[0]: has 2 corners — give 3 to 64"),
    (", [200, 100], [0, 100]],", ", [100, 0]],", 4, "polygons[0]: has no area"),
    ("[200, 0], [200, 100],", "[200, 100], [200, 0],", 4, "polygons[0][2]: crosses or touches itself"),
    ("  [[0, 0], [200, 0], [200, 100], [0, 100]],", "  [0, 0],", 4, "polygons[0]: is not a polygon — write each as"),
    ("  [[0, 0], [200, 0], [200, 100], [0, 100]],", "  7,", 4, "polygons[0]: is not a polygon"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), FAULTS)
def test_every_fault_is_told_with_its_line(
    whole: str, faults: Faults, old: str, new: str, line: int, words: str
) -> None:
    assert WHOLE.count(old) == 1
    found = faults(whole + WHOLE.replace(old, new))
    assert any(fault.startswith(f"site.toml:{FIRST + line}: privacy.{words}") for fault in found), found
    assert len(found) == 1


def test_polygons_that_are_no_list_are_told(whole: str, faults: Faults) -> None:
    (fault,) = faults(f"{whole}[privacy]\npolygons = true\n")
    assert fault.endswith("write a list of polygons, polygons = [[[x, y], [x, y], [x, y]]]")


def test_no_more_polygons_than_there_may_be(whole: str, faults: Faults) -> None:
    corners = "[[0, 0], [9, 0], [9, 9]]"
    most = f"{whole}[privacy]\npolygons = [{', '.join([corners] * MOST_POLYGONS)}]\n"
    assert faults(most) == []
    (fault,) = faults(most.replace("polygons = [", f"polygons = [{corners}, "))
    assert f"privacy.polygons[{MOST_POLYGONS}]: there are {MOST_POLYGONS + 1} — keep at most {MOST_POLYGONS}" in fault


def test_what_is_asked_for_is_read(whole: str, folder: Path) -> None:
    path = folder / "site.toml"
    path.write_text(whole + WHOLE)
    assert load(path).privacy == Privacy(
        level=PrivacyLevel.FACES_AND_PLATES,
        fill=PrivacyFill.PIXELATE,
        polygons=(((0, 0), (200, 0), (200, 100), (0, 100)), ((600, 300), (700.5, 300), (650, 420))),
    )


def test_without_it_people_and_vehicles_are_masked_with_a_colour(whole: str, folder: Path) -> None:
    path = folder / "site.toml"
    path.write_text(whole)
    assert load(path).privacy == Privacy(level=PrivacyLevel.PEOPLE_AND_VEHICLES, fill=PrivacyFill.SOLID, polygons=())


def test_a_polygon_outside_the_real_pictures_is_told(whole: str, folder: Path) -> None:
    path = folder / "site.toml"
    path.write_text(whole + WHOLE)
    site = replace(load(path), lines=(), zones=())
    check_inside(site, (701, 421))
    with pytest.raises(
        SiteError, match=r"privacy\.polygons\[1\]\[1\]: \[700\.5, 300\] lies outside the pictures of 700"
    ):
        check_inside(site, (700, 500))
