"""A site file that says all there is to say: what is read from it, and what else may be written."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.cli.summary import summary
from edge.config import Fault, SiteError, load
from edge.config.advice import advice
from edge.config.load import Reading, read
from edge.config.site import (
    DEFAULT_ALARMS,
    AlarmSetting,
    Bollard,
    ClosedTo,
    CrowdFit,
    Ground,
    GroundPair,
    KnownLength,
    Legal,
    LegalMode,
    Line,
    Permit,
    Span,
    Zone,
    ZoneUse,
)
from edge.contract.report import AlarmKind, RoadUser
from edge.ground.calibration import calibrate

Faults = Callable[[str], list[str]]


def _unix(*when: int) -> int:
    """Unix seconds of year, month, day, hour in UTC."""
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.fixture
def site_file(folder: Path, full: str) -> Path:
    path = folder / "site.toml"
    path.write_text(full)
    return path


def test_the_ground_is_read(site_file: Path) -> None:
    assert load(site_file).ground == Ground(
        points=(
            GroundPair(px=(200.0, 700.0), m=(0.0, 0.0)),
            GroundPair(px=(1080.0, 700.0), m=(8.0, 0.0)),
            GroundPair(px=(800.0, 300.0), m=(8.0, 20.0)),
            GroundPair(px=(480.0, 300.0), m=(0.0, 20.0)),
        ),
        lengths=(KnownLength(start=(340.0, 500.0), end=(940.0, 500.0), metres=8.0),),
        size=(1280, 720),
    )


def test_lines_and_zones_are_read_with_what_they_raise_and_when(site_file: Path) -> None:
    site = load(site_file)
    every_day = frozenset(range(7))
    assert site.time_zone == ZoneInfo("Europe/Paris")
    assert site.lines == (
        Line(
            id="quai",
            start=(120.0, 400.0),
            end=(980.0, 420.0),
            one_way=False,
            alarms=frozenset({AlarmKind.WRONG_WAY}),
            when=(Span(days=frozenset({0, 1}), start_min=1320, end_min=360),),
        ),
    )
    assert site.zones == (
        Zone(
            id="promenade",
            polygon=((0.0, 300.0), (640.0, 280.0), (640.0, 720.0), (0.0, 720.0)),
            use=ZoneUse.CLOSED,
            obstacles=(((100.0, 400.0), (200.0, 400.0), (200.0, 500.0)),),
            closed_to=frozenset({ClosedTo.HEAVY}),
            alarms=frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.DENSITY, AlarmKind.CROWD_MOVEMENT}),
            when=(
                Span(days=frozenset({6}), start_min=0, end_min=0),
                Span(days=every_day, start_min=570, end_min=1020),
            ),
            permits=(
                Permit(
                    kinds=frozenset({RoadUser.LORRY}),
                    count=2,
                    start_s=_unix(2026, 7, 14, 20),
                    end_s=_unix(2026, 7, 15, 5),
                ),
            ),
            crowd=CrowdFit(weights=(0.5, 12.0, 3.0, 1.0), error=0.12, moments=10),
        ),
        Zone(
            id="road",
            polygon=((700.0, 300.0), (900.0, 280.0), (900.0, 720.0)),
            use=ZoneUse.CARRIAGEWAY,
            direction=((700.0, 300.0), (800.0, 500.0)),
            alarms=frozenset({AlarmKind.WRONG_WAY, AlarmKind.STOPPED_VEHICLE, AlarmKind.PERSON_ON_CARRIAGEWAY}),
        ),
    )


def test_bollards_alarms_and_their_legal_ground_are_read(site_file: Path) -> None:
    site = load(site_file)
    assert site.bollards == (
        Bollard(
            id="gate",
            footprint=((500.0, 400.0), (540.0, 400.0), (540.0, 440.0), (500.0, 440.0)),
            line=((400.0, 400.0), (700.0, 400.0)),
            rise_s=3.5,
        ),
    )
    heavy, *others = site.alarms
    assert heavy == AlarmSetting(hold_s=0.6, clear_s=5.0, expire_s=60.0)
    assert others == [DEFAULT_ALARMS[kind] for kind in AlarmKind if kind is not AlarmKind.HEAVY_VEHICLE]
    assert site.legal == Legal(
        mode=LegalMode.ALERT,
        basis="order 2026-117",
        start_s=_unix(2026, 6, 30, 22),
        end_s=_unix(2026, 7, 31, 22),
        perimeter=frozenset({"promenade", "quai"}),
    )
    assert site.privacy.max_px_per_m == 120.0


ONE_PERMIT = 'kind = "lorry"\ncount = 2\nfrom = 2026-07-14T22:00:00\nto = 2026-07-15T06:00:00+01:00\n'
LATER = "[[zones.permits]]\n" + ONE_PERMIT.replace("-14T22", "-15T05")


def test_the_full_site_has_no_fault(full: str, faults: Faults) -> None:
    assert faults(full) == []


def test_local_times_need_a_place(full: str, faults: Faults) -> None:
    found = faults(full.replace('[place]\ntime_zone = "Europe/Paris"\n', ""))
    mend = 'write [place] with time_zone = "Europe/Paris"'
    assert found == [
        f"site.toml:{line}: {key}: is local time, and no [place] says of where — {mend}"
        for line, key in (
            (24, "lines[0].when[0].from"),
            (24, "lines[0].when[0].to"),
            (32, "zones[0].when[0].days"),
            (32, "zones[0].when[1].from"),
            (32, "zones[0].when[1].to"),
            (36, "zones[0].permits[0].from"),
            (60, "legal.to"),
        )
    ]


def test_a_ceiling_needs_metres(whole: str, faults: Faults) -> None:
    (fault,) = faults(f"{whole}[privacy]\nmax_px_per_m = 120\n")
    assert "privacy.max_px_per_m: needs metres, and there is no [ground] — write [ground]" in fault


def test_a_zone_that_names_nobody_is_closed_to_all_vehicles(full: str, folder: Path) -> None:
    (folder / "site.toml").write_text(full.replace('closed_to = ["heavy"]\n', ""))
    zone = load(folder / "site.toml").zones[0]
    assert zone.closed_to == {ClosedTo.HEAVY, ClosedTo.VEHICLE}
    assert {AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE} <= zone.alarms


@pytest.mark.parametrize(
    ("who", "raised"),
    [
        ('"heavy"', {AlarmKind.HEAVY_VEHICLE}),
        ('"vehicle"', {AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE}),
        ('"person"', {AlarmKind.PERSON_ON_CARRIAGEWAY}),
        ('"heavy", "person"', {AlarmKind.HEAVY_VEHICLE, AlarmKind.PERSON_ON_CARRIAGEWAY}),
    ],
)
def test_a_closed_zone_raises_what_it_is_closed_to(who: str, raised: set[AlarmKind], full: str, folder: Path) -> None:
    head, _, rest = full.partition("[[zones.permits]]")
    text = head + rest.partition("2026-07-15T06:00:00+01:00\n")[2]
    (folder / "site.toml").write_text(
        text.replace('["heavy"]', f"[{who}]").replace('alarms = ["density", ', "alarms = [")
    )
    assert load(folder / "site.toml").zones[0].alarms == raised | {AlarmKind.CROWD_MOVEMENT}


DRILL = ('mode = "alert"\nbasis = "order 2026-117"\n', 'mode = "drill"\n')
FAR = 'url = "mqtt://city.example"\nplaintext = "I accept that events travel unencrypted"\n'


def test_a_drill_reaches_no_broker_but_this_device_s_or_one_for_drills(full: str, folder: Path, faults: Faults) -> None:
    drill = full.replace(*DRILL)
    assert faults(drill) == []
    assert load(folder / "site.toml").legal.mode is LegalMode.DRILL
    far = drill.replace('url = "mqtt://127.0.0.1"\n', FAR)
    (fault,) = faults(far)
    assert "broker.url: is not on this device, and legal.mode is drill — use a broker on this device, or one" in fault
    assert faults(f"{far}drill = true\n") == []
    broker = load(folder / "site.toml").broker
    assert broker is not None
    assert broker.drill
    assert faults(full.replace('url = "mqtt://127.0.0.1"\n', FAR)) == []


def test_permits_of_other_kinds_or_one_after_the_other_are_no_fault(full: str, faults: Faults) -> None:
    after = LATER.replace("2026-07-15T05", "2026-07-15T07").replace("2026-07-15T06:00:00+01:00", "2026-07-16T06:00:00")
    assert faults(full.replace(ONE_PERMIT, ONE_PERMIT + after)) == []
    heavy = LATER.replace('"lorry"', '"heavy"')
    assert faults(full.replace(ONE_PERMIT, ONE_PERMIT + heavy)) == []


def test_what_is_over_stops_no_device(full: str, faults: Faults) -> None:
    assert faults(full.replace("2026-0", "2021-0")) == []


_VALUES = st.recursive(
    st.sampled_from(
        [
            *("0", "-7", "0.5", "1e300", "inf", "nan", "true", "''", '"quai"', '"forward"', '"closed"', '"22:00"'),
            *("1979-05-27", "9999-12-31T23:59:59-23:59", "2026-03-29T02:30:00", "06:00:00", '"Africa"', '"\\u0000"'),
            *("[0, 0]", "[640, 360]", "[1280, 720]", "[[0, 0], [900, 0], [0, 700]]"),
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(["from", "to", "px", "m", "days", "metres"]), inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_stands_for_a_value_is_told_or_read_to_the_end(data: st.DataObject, full: str, tmp_path: Path) -> None:
    rows = full.splitlines()
    values = [n for n, row in enumerate(rows) if " = " in row and row[0] != " "]
    for n in data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)):
        if not rows[n].endswith("["):
            rows[n] = f"{rows[n].partition(' = ')[0]} = {data.draw(_VALUES)}"
    path = tmp_path / "site.toml"
    path.write_text("\n".join(rows) + "\n")
    try:
        reading = read(path)
    except SiteError as error:
        told = error.faults
    else:
        told = _looked_into(reading)
    assert all(fault.cause and fault.mend and fault.line for fault in told)


def _looked_into(reading: Reading) -> tuple[Fault, ...]:
    """Give the notes of a site, and say it in words, which must not fail either."""
    size = reading.site.camera.size or (1280, 720)
    plane = calibrate(reading.site.ground, size) if reading.site.ground else None
    assert list(summary(reading.site, plane))
    return advice(reading, now_s=1.8e9, size=size, plane=plane)
