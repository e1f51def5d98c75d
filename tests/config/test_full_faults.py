"""Each fault of each key of a site file that says all there is to say, with its line and its mend."""

from collections.abc import Callable

import pytest

Faults = Callable[[str], list[str]]

PAIR = "  {px = [480, 300], m = [0, 20]},\n"
PAIRS = "  {px = [200, 700], m = [0, 0]},\n  {px = [1080, 700], m = [8, 0]},\n"
LENGTH = "  {from = [340, 500], to = [940, 500], metres = 8},\n"
ALERT = 'mode = "alert"\nbasis = "order 2026-117"\n'
ONE_PERMIT = 'kind = "lorry"\ncount = 2\nfrom = 2026-07-14T22:00:00\nto = 2026-07-15T06:00:00+01:00\n'
LATER = "[[zones.permits]]\n" + ONE_PERMIT.replace("-14T22", "-15T05")

# What stands in the full file, what is written in its place, and the fault from its line on.
FAULTS = [
    # Place and time zone.
    ('"Europe/Paris"', '"Europe/Pariss"', "6: place.time_zone: 'Europe/Pariss' is no time zone — did you mean Europe/"),
    ('"Europe/Paris"', '"europe/paris"', "6: place.time_zone: 'europe/paris' is no time zone — did you mean Europe/"),
    ('"Europe/Paris"', '"xyzzy!!"', "6: place.time_zone: 'xyzzy!!' is no time zone — write region and city, such as"),
    ('"Europe/Paris"', '"paris"', "6: place.time_zone: 'paris' is no time zone — did you mean Europe/Paris?"),
    ('"Europe/Paris"', '"../../etc/passwd"', "6: place.time_zone: '../../etc/passwd' is no time zone"),
    ('"Europe/Paris"', '"Europe"', "6: place.time_zone: 'Europe' is no time zone"),
    ('"Europe/Paris"', "1", "6: place.time_zone: is a whole number — write a text"),
    ('time_zone = "Europe/Paris"\n', "", "5: place.time_zone: is missing — write it, for example time_zone = "),
    # The ground.
    (
        "size = [1280, 720]\npoints",
        "size = [1920, 1080]\npoints",
        (
            "11: ground.size: is 1920 x 1080, and camera.size is 1280 x 720 — multiply each px, from and to by"
            " 0.666667 and write size = [1280, 720], or measure it again on a still of 1280 x 720"
        ),
    ),
    (
        "size = [1280, 720]\npoints",
        "size = [640, 480]\npoints",
        "11: ground.size: is 640 x 480, and camera.size is 1280 x 720 — measure it again on a still of 1280 x 720",
    ),
    ("size = [1280, 720]\npoints", "size = [0, 0]\npoints", "11: ground.size: is not a picture's size"),
    (PAIR, "", "12: ground.points: has 3 points and 1 length — measure at least 5 points, or 4 and a length"),
    ("px = [480, 300]", "px = [1300, 300]", "16: ground.points[3].px: [1300, 300] lies outside the picture"),
    ("px = [480, 300]", "px = [201, 700]", "16: ground.points[3].px: is the place of points[0] once more"),
    ("m = [0, 20]", "m = [0, 0]", "16: ground.points[3].m: is the place of points[0] once more"),
    ("m = [0, 20]", "m = [0, 2e9]", "16: ground.points[3].m: is not a place on the ground — write two numbers"),
    ("m = [0, 20]", "m = [20]", "16: ground.points[3].m: is not a place on the ground"),
    (", m = [0, 20]", "", "16: ground.points[3].m: is missing — write it, for example m = [0, 12.5]"),
    ("px = [480, 300]", "px = [640, 700.5]", "12: ground.points: lie in a row in the picture, all but one at most"),
    ("m = [0, 20]", "m = [4, 0.01]", "12: ground.points: lie in a row on the ground, all but one at most"),
    (
        "m = [8, 20]},\n  {px = [480, 300], m = [0, 20]}",
        "m = [0, 20]},\n  {px = [480, 300], m = [8, 20]}",
        (
            "16: ground.points[3]: looks swapped with points[2]: the ground goes round one way there, the picture"
            " the other — compare px and m of both, and swap what is wrong"
        ),
    ),
    (LENGTH, LENGTH * 2, "20: ground.lengths[1]: is lengths[0] once more"),
    (LENGTH, LENGTH + LENGTH.replace("340", "9").replace("940", "340").replace("9,", "940,"), "20: ground.lengths[1]:"),
    ("metres = 8", "metres = 0", "19: ground.lengths[0].metres: 0 is out of range"),
    ("to = [940, 500], ", "", "19: ground.lengths[0].to: is missing"),
    ("[940, 500], m", "[341, 501], m", "19: ground.lengths[0].to: is only 1.4 px from from — draw it at least 8 px"),
    # Lines.
    ("to = [980, 420]", "to = [125, 402]", "24: lines[0].to: is only 5.4 px from from — draw it at least 8 px long"),
    ('"backward"', '"back"', "25: lines[0].one_way: 'back' is not known — did you mean backward?"),
    ('"backward"', "true", '25: lines[0].one_way: is true or false — write "forward" or "backward"'),
    ('one_way = "backward"\n', "", "25: lines[0].when: says when alarms are raised, and this line raises none"),
    # Hours.
    ('"mon", "tue"', '"mon", "monday"', "26: lines[0].when[0].days[1]: 'monday' is not known — did you mean mon?"),
    ('"mon", "tue"', '"mon", "mon"', "26: lines[0].when[0].days[1]: 'mon' stands twice — take one out"),
    ('["mon", "tue"]', "[]", "26: lines[0].when[0].days: is empty — write at least one word into it"),
    ('["mon", "tue"]', "[1]", "26: lines[0].when[0].days[0]: is a whole number — write a list of words of mon, tue"),
    ('["mon", "tue"]', '"mon"', "26: lines[0].when[0].days: is a text — write a list of words, days = "),
    ('to = "06:00"', 'to = "6:00"', "26: lines[0].when[0].to: '6:00' is no time of day — write hours and minutes"),
    ('to = "06:00"', 'to = "24:30"', "26: lines[0].when[0].to: '24:30' is no time of day"),
    ('to = "06:00"', "to = 6", "26: lines[0].when[0].to: is no hour"),
    ('to = "06:00"', "to = 06:00:30", "26: lines[0].when[0].to: is no hour"),
    ('to = "06:00"', 'to = "22:00"', "26: lines[0].when[0].to: leaves no hours, or all of them — write from = "),
    ('from = "22:00"', 'from = "24:00"', "26: lines[0].when[0].to: leaves no hours, or all of them"),
    (', to = "06:00"', "", "26: lines[0].when[0].from: stands without to — write to = "),
    ('{days = ["sun"]}', "{}", "34: zones[0].when[0].days: is missing, and hours are too"),
    ('{days = ["sun"]}', "7", "34: zones[0].when[0]: is a whole number — write when = [{days = "),
    (
        '[{days = ["sun"]}, {from = 09:30:00, to = 17:00:00}]',
        '{days = ["sun"]}',
        "34: zones[0].when: is a table — write when = [",
    ),
    ('[{days = ["sun"]}, {from = 09:30:00, to = 17:00:00}]', "[]", "34: zones[0].when: is empty — leave it out"),
    # Zones.
    ("[640, 280], [640, 720], [0, 720]", "[15, 300], [15, 330]", "29: zones[0].polygon: is tiny: 225 px² — draw it"),
    (
        "[640, 280], [640, 720], [0, 720]",
        "[1280, 300], [1280, 302]",
        "29: zones[0].polygon: is a sliver: 1.0 px wide — draw it at least 3 px wide",
    ),
    (
        "[640, 280], [640, 720]",
        "[640, 720], [640, 280]",
        "29: zones[0].polygon[2]: crosses or touches itself",
    ),
    ('["heavy"]', '["heavies"]', "31: zones[0].closed_to[0]: 'heavies' is not known — did you mean heavy?"),
    ('use = "closed"\n', "", "30: zones[0].closed_to: is for closed zones, and this one is pedestrian — write use"),
    ('use = "carriageway"\n', "", "47: zones[1].direction: is for carriageways, and this zone is pedestrian"),
    ("to = [800, 500]", "to = [700, 303]", "48: zones[1].direction.to: is only 3.0 px from from"),
    ("to = [800, 500]", "to = [1800, 500]", "48: zones[1].direction.to: [1800, 500] lies outside the picture"),
    ("[200, 400], [200, 500]", "[200, 400], [200, 200]", "32: zones[0].obstacles[0]: does not lie inside its zone"),
    ("[[100, 400], [200, 400], [200, 500]]", "[100, 400]", "32: zones[0].obstacles[0]: is not a polygon"),
    (
        "[[[100, 400], [200, 400], [200, 500]]]",
        "[[[100, 400], [200, 400], [200, 500]], [[150, 400], [250, 400], [250, 500]]]",
        "32: zones[0].obstacles[1]: overlaps another",
    ),
    (
        "[[[100, 400], [200, 400], [200, 500]]]",
        "[[[0, 302], [638, 282], [638, 720], [0, 720]]]",
        "32: zones[0].obstacles: leave nowhere to stand",
    ),
    ('"density", ', '"vehicle", ', "33: zones[0].alarms[0]: 'vehicle' is not known — write one of density, crowd-"),
    # Permits.
    ('kind = "lorry"', 'kind = "truck"', "36: zones[0].permits[0].kind: 'truck' is not known — write one of lorry, "),
    ('kind = "lorry"', 'kind = "car"', "36: zones[0].permits[0].kind: is not refused in this zone, and needs no"),
    ("count = 2", "count = 0", "37: zones[0].permits[0].count: 0 is out of range"),
    ("count = 2\n", "", "35: zones[0].permits[0].count: is missing"),
    ("from = 2026-07-14T22:00:00", 'from = "2026-07-14"', "38: zones[0].permits[0].from: is a text — write date and"),
    ("from = 2026-07-14T22:00:00", "from = 2026-07-14", "38: zones[0].permits[0].from: is a date without a time"),
    ("from = 2026-07-14T22:00:00", "from = 22:00:00", "38: zones[0].permits[0].from: is a date or time"),
    ("from = 2026-07-14T22:00:00", "from = 1999-07-14T22:00:00", "38: zones[0].permits[0].from: is in the year 1999"),
    ("from = 2026-07-14T22:00:00", "from = 0001-01-01T00:00:00", "38: zones[0].permits[0].from: is in the year 1 —"),
    ("from = 2026-07-14T22:00:00", "from = 2026-07-15T07:00:00", "39: zones[0].permits[0].to: is not after from"),
    (
        "from = 2026-07-14T22:00:00",
        "from = 2026-03-29T02:30:00",
        "38: zones[0].permits[0].from: never comes: the clocks are put forward then — write 2026-03-29T03:30:00+02:00",
    ),
    (
        "from = 2026-07-14T22:00:00\nto = 2026-07-15T06:00:00+01:00",
        "from = 2026-10-25T02:30:00\nto = 2026-10-26T00:00:00",
        (
            "38: zones[0].permits[0].from: comes twice: the clocks are put back then — write 2026-10-25T02:30:00+02:00"
            " for the first time, or 2026-10-25T02:30:00+01:00 for the second"
        ),
    ),
    (ONE_PERMIT, ONE_PERMIT + LATER, "43: zones[0].permits[1].from: is in the time of another permit of this kind"),
    ("[[zones.permits]]", "[zones.permits]", "35: zones[0].permits: is a table — write [[zones.permits]], in two"),
    ('closed_to = ["heavy"]', 'closed_to = ["person"]', "35: zones[0].permits: are of a zone in which no vehicle"),
    # What a crowd was fitted by.
    ("[0.5, 12, 3, 1]", "[]", "41: zones[0].crowd.weights: are not 1 to 32 numbers — copy them"),
    ("[0.5, 12, 3, 1]", '[0.5, "12", 3, 1]', "41: zones[0].crowd.weights: are not 1 to 32 numbers"),
    ("[0.5, 12, 3, 1]", "[0.5, nan, 3, 1]", "41: zones[0].crowd.weights: are not 1 to 32 numbers"),
    ("error = 0.12", "error = 12", "42: zones[0].crowd.error: 12 is out of range"),
    ("moments = 10\n", "", "40: zones[0].crowd.moments: is missing — write it, for example as passant calibrate-crowd"),
    # Bollards.
    ('id = "gate"', 'id = "quai"', '50: bollards[0].id: "quai" is taken by a line — give each its own id'),
    ("[540, 440], [500, 440]", "[540, 940], [500, 440]", "51: bollards[0].footprint[2]: [540, 940] lies outside"),
    ("[540, 440], [500, 440]", "[510, 410]", "51: bollards[0].footprint: is tiny: 200 px²"),
    ("line = {from = [400, 400], to = [700, 400]}\n", "", "49: bollards[0].line: is missing"),
    ("line = {from = [400, 400], to = [700, 400]}", "line = {from = [400, 400]}", "52: bollards[0].line.to: is miss"),
    ("rise_s = 3.5", "rise_s = 0", "53: bollards[0].rise_s: 0 is out of range"),
    # How long alarms hold.
    ("[alarms.heavy-vehicle]", "[alarms.heavy_vehicle]", "54: alarms.heavy_vehicle: is not a key of a site file — did"),
    ("hold_s = 0.6", "hold_s = 1.5", "55: alarms.heavy-vehicle.hold_s: 1.5 is out of range — write a number from 0.2"),
    ("hold_s = 0.6", "hold_s = 0", "55: alarms.heavy-vehicle.hold_s: 0 is out of range"),
    ("clear_s = 5", "clear_s = 601", "56: alarms.heavy-vehicle.clear_s: 601 is out of range"),
    ("expire_s = 60", "expire_s = 1e9", "57: alarms.heavy-vehicle.expire_s: 1000000000.0 is out of range"),
    ("clear_s = 5", "clear_s = 61", "57: alarms.heavy-vehicle.expire_s: it would expire after 60 s, before it can be"),
    # The legal ground.
    ('basis = "order 2026-117"\n', "", "58: legal.basis: is missing"),
    ('"order 2026-117"', '"a\\nb"', "60: legal.basis: has line breaks or control characters"),
    ('"order 2026-117"', f'"{"x" * 301}"', "60: legal.basis: has 301 characters"),
    (
        'perimeter = ["promenade", "quai"]\n',
        "",
        '58: legal.perimeter: is missing — write it, for example perimeter = ["quai"]',
    ),
    (
        '["promenade", "quai"]',
        '["promenade", "quay"]',
        "63: legal.perimeter[1]: 'quay' is not known — did you mean quai",
    ),
    ('["promenade", "quai"]', '["gate"]', "63: legal.perimeter[0]: 'gate' is not known"),
    ('["promenade", "quai"]', "[]", "63: legal.perimeter: is empty"),
    (
        "from = 2026-07-01T00:00:00+02:00\n",
        "",
        "58: legal.from: is missing — write it, for example from = 2026-07-02T00:00:00",
    ),
    ("to = 2026-08-01T00:00:00\n", "", "58: legal.to: is missing — write it, for example to = 2026-07-31T00:00:00"),
    ("to = 2026-08-01T00:00:00", "to = 2026-07-01T00:00:00", "62: legal.to: is not after from"),
    ('mode = "alert"\n', "", "59: legal.basis: stands without a mode that raises alarms — write mode = "),
    ('mode = "alert"\n', 'mode = "statistics"\n', "63: legal.perimeter: stands without a mode that raises alarms"),
    # Drills and alerts go to brokers of their own.
    (
        '"mqtt://127.0.0.1"',
        '"mqtt://127.0.0.1"\ndrill = true',
        "69: broker.drill: says that only drills end here, and legal.mode is alert — name the broker of alerts",
    ),
    # The ceiling.
    ("max_px_per_m = 120", "max_px_per_m = 5", "65: privacy.max_px_per_m: 5 is out of range"),
]


@pytest.mark.parametrize(("old", "new", "words"), FAULTS)
def test_a_fault_tells_its_line_and_its_mend(old: str, new: str, words: str, full: str, faults: Faults) -> None:
    assert old in full
    found = faults(full.replace(old, new, 1))
    assert any(f"site.toml:{words}" in fault for fault in found), found
