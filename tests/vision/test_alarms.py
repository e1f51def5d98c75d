"""Alarms in the words of the contract: numbers that no two runs share, and nothing out of bounds."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.config.site import CameraSite, Detector, Device, Legal, LegalMode, Site, SourceKind
from edge.contract import bounds, wire
from edge.contract.report import FROM_VISION, Advice, AlarmKind, AlarmPhase, AlarmReport, Severity
from edge.units import NS_PER_S
from edge.vision.alarms import Herald
from edge.vision.judge.alarm import Alarm, BollardAdvice
from edge.vision.register import Under

AT_NS = 1_800_000_000 * NS_PER_S
UNDER = Under(site=1, model=2, replay=False, isolated=True)
ALARM = Alarm(
    number=3,
    revision=1,
    kind=AlarmKind.HEAVY_VEHICLE,
    phase=AlarmPhase.UPDATED,
    severity=Severity.CRITICAL,
    at_line=False,
    place=2,
    since_ns=AT_NS - 450_000_000,
    at_ns=AT_NS,
    valid_s=30.0,
    advice=(BollardAdvice(bollard=1, inhibit=True, valid_s=1.0, arrival_s=4.26),),
)


def site_of(mode: LegalMode) -> Site:
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=SourceKind.PI, target=""),
        lines=(),
        zones=(),
        window_s=60,
        legal=Legal(mode=mode),
        detector=Detector(),
        broker=None,
    )


def told(*alarms: Alarm, mode: LegalMode = LegalMode.ALERT) -> list[AlarmReport]:
    reports: list[AlarmReport] = []
    herald = Herald(site_of(mode), UNDER, reports.append)
    for alarm in alarms:
        herald.alarm(alarm)
    return reports


def test_an_alarm_crosses_with_what_and_where_and_when() -> None:
    (report,) = told(ALARM)
    assert wire.decode(wire.encode(report), FROM_VISION) == report
    assert (report.kind, report.phase, report.severity, report.at_line, report.place) == (
        AlarmKind.HEAVY_VEHICLE,
        AlarmPhase.UPDATED,
        Severity.CRITICAL,
        False,
        2,
    )
    assert (report.since_tenths, report.at_tenths, report.valid_tenths) == (17_999_999_995, 18_000_000_000, 300)
    assert report.advice == (Advice(bollard=1, inhibit=True, valid_tenths=10, arrival_tenths=43),)
    assert (report.site, report.model, report.replay, report.isolated) == (1, 2, False, True)


def test_messages_about_one_alarm_share_its_number_and_another_has_another() -> None:
    first, later, other = told(ALARM, replace(ALARM, revision=2), replace(ALARM, number=4))
    assert first.serial == later.serial
    assert other.serial == first.serial + 1


@pytest.mark.parametrize("mode", [LegalMode.ALERT, LegalMode.DRILL])
def test_a_drill_marks_everything(mode: LegalMode) -> None:
    assert [report.drill for report in told(ALARM, mode=mode)] == [mode is LegalMode.DRILL]


def test_what_is_out_of_bounds_is_cut_to_them_and_still_told() -> None:
    advice = BollardAdvice(bollard=0, inhibit=False, valid_s=0.0, arrival_s=1e6)
    (report,) = told(replace(ALARM, revision=10**6, since_ns=0, valid_s=1e9, advice=(advice,) * 20))
    assert wire.decode(wire.encode(report), FROM_VISION) == report
    assert len(report.advice) == 8
    assert report.at_tenths - report.since_tenths == bounds.MOST_ALARM_AGE_S * 10


def test_advice_holds_no_longer_than_the_alarm_it_is_about() -> None:
    advice = BollardAdvice(bollard=0, inhibit=False, valid_s=60.0, arrival_s=None)
    reports = told(replace(ALARM, advice=(advice,)), replace(ALARM, valid_s=0.7, advice=(advice,)))
    assert [report.advice[0].valid_tenths for report in reports] == [20, 7]


def test_a_judge_made_anew_gives_no_number_again() -> None:
    first = [replace(ALARM, number=number, revision=0) for number in (1, 2)]
    again = [replace(ALARM, number=1, revision=0), replace(ALARM, number=1, revision=1)]
    serials = [report.serial for report in told(*first, *again)]
    assert serials[2] == serials[3]
    assert len(set(serials)) == 3
