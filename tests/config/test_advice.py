"""What is odd about a site file and no fault: told with its line, at a time that the test tells."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.config.advice import advice
from edge.config.load import read
from edge.ground.calibration import calibrate

SIZE = (1280, 720)

Notes = Callable[..., list[str]]


@pytest.fixture
def notes(folder: Path) -> Notes:
    """Read a text as site.toml and give its notes at a day and hour (UTC) of 2026, each from the line on."""

    def _notes(
        text: str, month: int = 7, day: int = 10, hour: int = 0, size: tuple[int, int] | None = SIZE
    ) -> list[str]:
        path = folder / "site.toml"
        path.write_text(text)
        reading = read(path)
        ground = reading.site.ground
        plane = calibrate(ground, size) if ground and size else None
        now_s = datetime(2026, month, day, hour, tzinfo=UTC).timestamp()
        found = advice(reading, now_s=now_s, size=size, plane=plane)
        return [str(note).removeprefix(f"{path}:") for note in found]

    return _notes


def _but_bollards(found: list[str]) -> list[str]:
    return [note for note in found if not note.startswith(("49: bollards", "52: bollards"))]


def test_of_a_site_as_it_should_be_there_is_little_to_say(full: str, notes: Notes) -> None:
    assert _but_bollards(notes(full)) == []


def test_what_is_over_or_yet_to_come_is_noted(full: str, notes: Notes) -> None:
    assert _but_bollards(notes(full, 6, 30)) == [
        "61: legal.from: is yet to come: no alarm is raised before — nothing, if that is what is meant"
    ]
    permit = "39: zones[0].permits[0].to: is over: it permits nothing any more — take it out"
    assert _but_bollards(notes(full, 7, 15)) == []
    assert _but_bollards(notes(full, 7, 16)) == [permit]
    legal = "62: legal.to: is over: no alarm is raised any more — name the basis that holds now, with its from and to"
    # It ends before midnight in Paris, which is 22:00 in UTC.
    assert _but_bollards(notes(full, 7, 31, 21)) == [permit]
    found = _but_bollards(notes(full, 7, 31, 22))
    assert found[0] == permit
    assert found[1].startswith(legal)


def test_in_statistics_no_time_runs_out(whole: str, notes: Notes) -> None:
    assert notes(whole, 12, 31) == []


def test_a_perimeter_without_alarms_is_noted(full: str, notes: Notes) -> None:
    text = full.replace('one_way = "backward"\nwhen = [{days = ["mon", "tue"], from = "22:00", to = "06:00"}]\n', "")
    (note,) = [note for note in notes(text) if "bollards" not in note]
    assert note.startswith("61: legal.perimeter: quai: raises no alarm — write one_way for a line")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "metres = 8}",
            "metres = 11}",
            "no metres: 27",
        ),
        ("lengths = [\n  {from = [340, 500], to = [940, 500], metres = 8},\n]\n", "", "metres unverified: nothing che"),
    ],
)
def test_ground_that_is_not_verified_is_noted_with_what_it_costs(
    old: str, new: str, words: str, full: str, notes: Notes
) -> None:
    assert old in full
    found = notes(full.replace(old, new))
    assert found[0].startswith(f"12: ground.points: {words}")
    assert any("zones[0].alarms: density is not raised without verified metres — mend [ground]" in n for n in found)
    refused = words.startswith("no metres")
    assert any("crowd-movement is not raised without metres" in note for note in found) is refused
    assert any("bollards: nobody can tell when a vehicle arrives" in note for note in found) is refused


def test_density_without_ground_is_noted(full: str, notes: Notes) -> None:
    head, _, rest = full.partition("[ground]")
    text = head + "[[lines]]" + rest.partition("[[lines]]")[2].replace("max_px_per_m = 120\n", "")
    found = notes(text)
    assert any("density is not raised without verified metres — write [ground] with 5 points" in n for n in found)


def test_a_mirror_image_and_unused_points_are_noted(full: str, notes: Notes) -> None:
    assert not any("mirror image" in note for note in notes(full))
    towards = full.replace("m = [8, 20]", "m = [8, -20]").replace("m = [0, 20]", "m = [0, -20]")
    assert any("12: ground.points: are a mirror image of x to the right and y away" in note for note in notes(towards))
    pair = "  {px = [1080, 700], m = [8, 0]},\n"
    length = "  {from = [340, 500], to = [940, 500], metres = 8},\n"
    more = length.replace("500", "600") + length.replace("500", "400") + length
    found = notes(full.replace(pair, "").replace(length, more))
    assert any("ground.points: are fewer than 4: only the lengths are used" in note for note in found)


def test_ground_of_pictures_of_no_known_size_is_noted(full: str, notes: Notes) -> None:
    found = notes(full.replace("size = [1280, 720]\n", ""), size=None)
    assert any("ground.points: is not looked into: nobody says of which picture its pixels are" in n for n in found)
    assert not any("is not raised" in note or "arrives" in note for note in found)


def test_what_lies_beyond_the_measured_ground_is_noted(full: str, notes: Notes) -> None:
    sky = '[[zones]]\nid = "sky"\npolygon = [[0, 0], [1280, 0], [1280, 60]]\n'
    line = '[[lines]]\nid = "roof"\nfrom = [300, 20]\nto = [900, 30]\n'
    found = notes(full.replace("[[bollards]]", f"{sky}{line}[[bollards]]"))
    assert any("zones[2].polygon: lies wholly beyond the measured ground: no metres there" in note for note in found)
    assert any("lines[1].from: lies beyond the measured ground: no metres there" in note for note in found)


def test_a_polygon_over_the_whole_picture_is_noted(full: str, notes: Notes) -> None:
    text = full.replace("[[[0, 0], [200, 0], [200, 100]]]", "[[[0, 0], [1280, 0], [1280, 720], [0, 720]]]")
    (note,) = [note for note in notes(text) if "privacy" in note]
    assert note == "66: privacy.polygons[0]: covers the whole picture: nothing is seen at all — draw it smaller"
    assert not any("whole picture" in note for note in notes(text, size=(2560, 1440)))


def test_what_lies_under_a_polygon_is_noted(full: str, notes: Notes) -> None:
    text = full.replace("[[[0, 0], [200, 0], [200, 100]]]", "[[[0, 270], [1280, 270], [1280, 450], [0, 450]]]")
    bollard = "lies under privacy.polygons[0], where nobody is seen: its advice is always inhibit"
    under = "is wholly under privacy.polygons[0]: nobody is seen there — draw one of both elsewhere"
    assert [note for note in notes(text) if "under" in note] == [
        f"23: lines[0].from: {under}",
        f"51: bollards[0].footprint: {bollard} — draw one of both elsewhere",
    ]
    text = full.replace("[[[0, 0], [200, 0], [200, 100]]]", "[[[0, 270], [700, 270], [700, 720], [0, 720]]]")
    assert [note for note in notes(text) if "under" in note] == [
        f"29: zones[0].polygon: {under}",
        f"51: bollards[0].footprint: {bollard} — draw one of both elsewhere",
    ]


def test_a_ceiling_under_which_nobody_is_found_is_noted(full: str, notes: Notes) -> None:
    assert any("65: privacy.max_px_per_m: is so low" in n for n in notes(full.replace("m = 120", "m = 20")))


def test_a_bollard_that_is_seen_too_late_is_noted(full: str, notes: Notes) -> None:
    (note,) = [note for note in notes(full) if "bollards" in note]
    assert note.startswith("52: bollards[0].line: seen ")
    assert "94 m for 50 km/h" in note


def test_a_bollard_that_no_alarm_advises_is_noted(full: str, notes: Notes) -> None:
    found = notes(full.replace('["promenade", "quai"]', '["quai"]'))
    assert any("49: bollards: no zone in legal.perimeter raises heavy-vehicle" in note for note in found)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[[zones]]\nid = "a"\npolygon = [[0, 0], [99, 0], [99, 99]]\nuse = "closed"\n', "33: zones[1].use"),
        ('[[zones]]\nid = "a"\npolygon = [[0, 0], [99, 0], [99, 99]]\nalarms = ["density"]\n', "33: zones[1].alarms"),
        ('[[lines]]\nid = "a"\nfrom = [0, 0]\nto = [99, 99]\none_way = "forward"\n', "34: lines[1].one_way"),
        ("[alarms.density]\nhold_s = 60\n", "30: alarms"),
    ],
)
def test_what_is_there_for_alarms_is_noted_once_in_statistics(more: str, key: str, whole: str, notes: Notes) -> None:
    text = whole + more
    (note,) = [
        note for note in notes(text + more.replace('"a"', '"b"') * ("alarms." not in more)) if "metres" not in note
    ]
    assert note.startswith(f"{key}: no alarm is raised here: legal.mode is statistics — write [legal] with mode = ")


def test_bollards_and_permits_are_there_for_alarms_too(full: str, notes: Notes) -> None:
    head, _, rest = full.partition("[legal]")
    text = f"{head}[privacy]{rest.partition('[privacy]')[2]}"
    assert [note.partition(":")[0] for note in notes(text) if "no alarm is raised here" in note] == ["25"]
    assert not any("no alarm is raised here" in note for note in notes(full))


def test_a_crowd_fit_of_another_version_is_noted(full: str, notes: Notes) -> None:
    (note,) = [note for note in notes(full.replace("[0.5, 12, 3, 1]", "[0.5, 12]")) if "crowd" in note]
    assert note == (
        "41: zones[0].crowd.weights: are 2, and this version has 4: people are counted one by one"
        " — run passant calibrate-crowd again"
    )


def test_of_a_length_that_does_not_fit_it_is_said_which_way_it_is_off(full: str, notes: Notes) -> None:
    words = "length 1 is off by 27%; of length 1 you say 11 m, the points make it 8.0 m — measure"
    assert words in notes(full.replace("metres = 8}", "metres = 11}"))[0]
    assert not any("the points make it" in note for note in notes(full.replace("metres = 8}", "metres = 8.3}")))
