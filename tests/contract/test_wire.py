"""Messages to bytes and back: every good one survives, everything else is refused before it means anything."""

import dataclasses
from dataclasses import replace
from enum import IntEnum
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import bounds, report, wire
from edge.contract.report import (
    FROM_PUBLISHER,
    FROM_VISION,
    AlarmKind,
    AlarmPhase,
    AlarmReport,
    Answer,
    CameraState,
    CrowdEstimator,
    DirectionCounts,
    Hello,
    LineReport,
    Metres,
    Severity,
    Verdict,
    VisionHealth,
    WindowReport,
    ZoneReport,
)
from edge.contract.wire import ContractError, decode, encode

ALL = (*FROM_VISION, *FROM_PUBLISHER)
EMPTY_REPORT = WindowReport(
    sequence=1,
    site=0,
    model=0,
    window_start_s=bounds.WINDOW_START_S.least,
    window_s=60,
    revision=0,
    observed_permille=0,
    replay=False,
    isolated=True,
    lines=(),
    zones=(),
)


def _values(declared: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  a type expression has no narrower type
    """All values that a declaration permits, read off the declaration alone."""
    if declared is bool:
        return st.booleans()
    if isinstance(declared, type) and issubclass(declared, IntEnum):
        return st.sampled_from(declared)
    if dataclasses.is_dataclass(declared):
        hints = get_type_hints(declared, include_extras=True)
        return st.builds(declared, **{name: _values(hint) for name, hint in hints.items()})
    assert get_origin(declared) is Annotated
    inner, bound = get_args(declared)
    if isinstance(bound, bounds.UpTo):
        return st.lists(_values(get_args(inner)[0]), max_size=bound.most).map(tuple)
    numbers = st.integers(0, bound.size - 1).map(lambda index: bound.least + index * bound.step)
    optional = isinstance(inner, UnionType) and NoneType in get_args(inner)
    return st.none() | numbers if optional else numbers


@given(st.one_of([_values(message_type) for message_type in ALL]))
def test_a_good_message_comes_back_as_it_was(message: report.Message) -> None:
    data = encode(message)
    assert decode(data, ALL) == message
    assert len(data) <= wire.most_bytes((type(message),))


@given(_values(WindowReport), st.data())
def test_a_message_cut_short_or_drawn_out_is_refused(message: WindowReport, data: st.DataObject) -> None:
    whole = encode(message)
    shorter = whole[: data.draw(st.integers(0, len(whole) - 1))]
    longer = whole + data.draw(st.binary(min_size=1, max_size=8))
    for bad in (shorter, longer):
        with pytest.raises(ContractError):
            decode(bad, ALL)


@given(st.binary(max_size=wire.most_bytes(ALL) + 10))
def test_any_bytes_are_a_good_message_or_are_refused(data: bytes) -> None:
    try:
        message = decode(data, ALL)
    except ContractError:
        return
    assert encode(message) == data


@given(st.binary(min_size=1, max_size=wire.most_bytes(ALL)), st.integers(1, len(ALL)))
def test_bytes_behind_a_good_head_are_a_good_message_or_are_refused(body: bytes, kind: int) -> None:
    data = bytes((wire.WIRE_VERSION, kind)) + body
    try:
        message = decode(data, ALL)
    except ContractError:
        return
    assert encode(message) == data


@pytest.mark.parametrize("message_type", FROM_VISION)
def test_what_only_vision_may_say_is_refused_from_the_publisher(message_type: type) -> None:
    message = {
        Hello: Hello(site=1, model=1, replay=False, isolated=True),
        WindowReport: EMPTY_REPORT,
        VisionHealth: VisionHealth(
            camera=CameraState.BLACK,
            isolated=True,
            replay=False,
            fps_tenths=1,
            frames_dropped=0,
            detector_ms=1,
            reports_waiting=0,
            reports_lost=0,
        ),
        AlarmReport: AlarmReport(
            serial=1,
            revision=0,
            site=1,
            model=1,
            kind=AlarmKind.DENSITY,
            phase=AlarmPhase.RAISED,
            severity=Severity.HIGH,
            at_line=False,
            place=0,
            since_tenths=bounds.INSTANT_TENTHS.least,
            at_tenths=bounds.INSTANT_TENTHS.least,
            valid_tenths=1,
            level=2,
            drill=False,
            replay=False,
            isolated=True,
        ),
    }[message_type]
    with pytest.raises(ContractError):
        decode(encode(message), FROM_PUBLISHER)


@pytest.mark.parametrize(
    "bad",
    [
        replace(EMPTY_REPORT, sequence=0),
        replace(EMPTY_REPORT, sequence=2**32),
        replace(EMPTY_REPORT, sequence=True),
        replace(EMPTY_REPORT, sequence=1.0),
        replace(EMPTY_REPORT, replay=1),
        replace(EMPTY_REPORT, site=-1),
        replace(EMPTY_REPORT, site=None),
        replace(EMPTY_REPORT, window_start_s=bounds.WINDOW_START_S.least + 1),
        replace(EMPTY_REPORT, window_s=61),
        replace(EMPTY_REPORT, window_s=0),
        replace(EMPTY_REPORT, observed_permille=1001),
        replace(EMPTY_REPORT, revision=4),
        replace(EMPTY_REPORT, lines=[]),
        replace(EMPTY_REPORT, lines=(ZoneReport(),)),
        replace(EMPTY_REPORT, zones=(ZoneReport(),) * (bounds.MOST_ZONES + 1)),
        replace(EMPTY_REPORT, zones=(ZoneReport(people_max="many"),)),  # type: ignore[arg-type]
        replace(EMPTY_REPORT, zones=(ZoneReport(people_max=4096),)),
        Answer(sequence=1, verdict=0),  # type: ignore[arg-type]
        object(),
        b"picture",
    ],
)
def test_what_breaks_the_contract_is_never_written(bad: Any) -> None:  # noqa: ANN401  whatever somebody may hand over
    with pytest.raises(ContractError) as caught:
        encode(bad)
    assert "picture" not in str(caught.value)


@pytest.mark.parametrize("count", [1, 4])
def test_a_class_below_five_cannot_be_listed(count: int) -> None:
    line = LineReport(
        forward=DirectionCounts(people=0, vehicles=9, car=count), backward=DirectionCounts(people=0, vehicles=0)
    )
    with pytest.raises(ContractError):
        encode(replace(EMPTY_REPORT, lines=(line,)))


def test_no_field_of_the_contract_can_hold_a_text_a_picture_or_a_fraction() -> None:
    seen: set[Any] = set()

    def look(declared: Any) -> None:  # noqa: ANN401  a type expression has no narrower type
        if dataclasses.is_dataclass(declared):
            for hint in get_type_hints(declared, include_extras=True).values():
                look(hint)
        elif get_origin(declared) is Annotated:
            inner, bound = get_args(declared)
            if isinstance(bound, bounds.UpTo):
                look(get_args(inner)[0])
            else:
                assert inner in (int, int | None)
                assert type(bound) is bounds.Range
        else:
            seen.add(declared)

    for message_type in ALL:
        look(message_type)
    assert seen == {bool, AlarmKind, AlarmPhase, CameraState, CrowdEstimator, Metres, Severity, Verdict}
