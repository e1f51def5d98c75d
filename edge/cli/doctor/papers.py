"""The device's certificate: whether it is valid now, whose it is, and whether it is time to renew it.

Read by the openssl command, which is part of every Debian; no key is looked at here.
"""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.cli.doctor.finding import Figures, Finding, absent, failed, passed, warned
from edge.cli.doctor.patient import Patient

_LIMIT_S: Final = 5.0
_DAY_S: Final = 86_400
_RENEW_AFTER: Final = 2 / 3
_RENEW: Final = "have it renewed by whoever runs the CA, and put the new one beside site.toml"
_DATE: Final = "%b %d %H:%M:%S %Y"


def certificate(patient: Patient, now_s: float | None = None) -> Finding:
    """Look at the certificate that the site file names."""
    name = "certificate"
    if patient.site is None:
        return absent(name, "no site file that can be used", "passant doctor site.toml")
    broker = patient.site.broker
    if broker is None or broker.certificate is None:
        return absent(name, "the site file names none")
    try:
        told = _told(broker.certificate)
    except FileNotFoundError:
        return absent(name, "it is read with openssl, which is not installed", "sudo apt install openssl")
    if told is None:
        return failed(name, f"{broker.certificate} holds no certificate in PEM", "name the device's certificate")
    return _judged(told, patient.site.device.id, time.time() if now_s is None else now_s)


def _judged(told: dict[str, str], device: str, now_s: float) -> Finding:
    begins_s, ends_s = (_seconds(told[key]) for key in ("notBefore", "notAfter"))
    # What the name consists of is written with spaces by some versions and without by others.
    parts = [part.strip().replace(" = ", "=") for part in told.get("subject", "").split(",")]
    days = (ends_s - now_s) / _DAY_S
    figures: Figures = {"subject": told.get("subject", ""), "daysLeft": round(days, 1), "ends": told["notAfter"]}
    if now_s < begins_s:
        return failed("certificate", "it is not valid yet", "set the clock, or ask whoever made it", **figures)
    if now_s >= ends_s:
        return failed("certificate", f"it ended {-days:.0f} days ago", _RENEW, **figures)
    if f"CN={device}" not in parts:
        mend = f"give the device the one that was made for {device}, or correct [device] id"
        return warned("certificate", f"it is of {told.get('subject', 'nobody')}, not of {device}", mend, **figures)
    said = f"valid for {days:.0f} more days, of {device}"
    if now_s - begins_s > _RENEW_AFTER * (ends_s - begins_s):
        return warned("certificate", f"{said}; two thirds of its life are over", _RENEW, **figures)
    return passed("certificate", said, **figures)


def _told(path: Path) -> dict[str, str] | None:
    """Give the lines of openssl by their keys; None where it finds no certificate."""
    run = subprocess.run(
        ["openssl", "x509", "-in", str(path), "-noout", "-startdate", "-enddate", "-subject", "-nameopt", "RFC2253"],
        capture_output=True,
        timeout=_LIMIT_S,
        check=False,
        text=True,
    )
    if run.returncode != 0:
        return None
    return {key: value for key, _, value in (line.partition("=") for line in run.stdout.splitlines())}


def _seconds(text: str) -> float:
    # GMT, whatever the device's own time zone.
    return datetime.strptime(text.removesuffix(" GMT"), _DATE).replace(tzinfo=UTC).timestamp()
