"""Each check on a drawn machine: files as the kernel writes them, and what is made of them."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli.doctor import eyes
from edge.cli.doctor.disk import disk
from edge.cli.doctor.fence import vision_at_work
from edge.cli.doctor.finding import Finding, Verdict
from edge.cli.doctor.heat import temperature
from edge.cli.doctor.memory import memory
from edge.cli.doctor.net import network
from edge.cli.doctor.papers import certificate
from edge.cli.doctor.patient import Patient, environment, lock_holder, patient
from edge.cli.doctor.post import broker
from edge.config import Files, load
from edge.vision.checkup.look import sharpness
from edge.vision.checkup.words import Confined, Sight, Thought, Unable, Word, pack, unpack
from tests.publisher.certificates import Authority
from tests.publisher.mosquitto import Mosquitto, installed
from tests.sites import write_site

ROOT = Path(__file__).parents[3]
SIGHT = Sight(
    state="streaming",
    frames=70,
    width=640,
    height=360,
    first_s=1.0,
    fps=10.0,
    dropped=0,
    backwards=0,
    repeated=0,
    brightness=120.0,
    dark=0.0,
    white=0.0,
    spread=20.0,
    sharpness=0.1,
)


def write(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize(
    ("millidegrees", "bits", "verdict", "why"),
    [
        (52_000, "0", Verdict.PASS, "never slowed down"),
        (76_000, "0", Verdict.WARN, "near where"),
        (85_000, "0", Verdict.FAIL, "so hot"),
        (52_000, "50005", Verdict.FAIL, "voltage now"),
        (52_000, "50000", Verdict.WARN, "voltage since"),
        (52_000, "e0000", Verdict.WARN, "has slowed down"),
    ],
)
def test_temperature(tmp_path: Path, millidegrees: int, bits: str, verdict: Verdict, why: str) -> None:
    write(tmp_path, "class/thermal/thermal_zone0/temp", f"{millidegrees}\n")
    write(tmp_path, "class/thermal/thermal_zone1/temp", "20000\n")
    write(tmp_path, "devices/platform/soc/soc:firmware/get_throttled", f"{bits}\n")
    found = temperature(tmp_path)
    assert found.verdict is verdict
    assert why in found.said
    assert found.figures["celsius"] == millidegrees / 1000


def test_a_machine_that_tells_no_temperature_is_not_passed(tmp_path: Path) -> None:
    assert temperature(tmp_path).verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    ("left_mb", "killed", "verdict"),
    [(800, 0, Verdict.PASS), (800, 2, Verdict.WARN), (100, 0, Verdict.WARN), (30, 0, Verdict.FAIL)],
)
def test_memory(tmp_path: Path, left_mb: int, killed: int, verdict: Verdict) -> None:
    write(tmp_path, "meminfo", f"MemTotal: 1000000 kB\nMemAvailable: {left_mb * 1000} kB\n")
    write(tmp_path, "vmstat", f"pgfault 1\noom_kill {killed}\n")
    assert memory(tmp_path).verdict is verdict


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [
        ("block/mmcblk0/device/life_time", "0x02 0x01\n", Verdict.PASS),
        ("block/mmcblk0/device/life_time", "0x02 0x09\n", Verdict.WARN),
        ("block/mmcblk0/device/life_time", "0x0b 0x01\n", Verdict.FAIL),
        ("block/mmcblk0/device/pre_eol_info", "0x02\n", Verdict.WARN),
        ("block/mmcblk0/device/pre_eol_info", "0x03\n", Verdict.FAIL),
        ("fs/ext4/mmcblk0p2/errors_count", "3\n", Verdict.FAIL),
    ],
)
def test_the_health_of_a_disk(tmp_path: Path, name: str, content: str, verdict: Verdict) -> None:
    healthy = disk(tmp_path / "none", tmp_path / "sys")
    write(tmp_path / "sys", name, content)
    found = disk(tmp_path / "none", tmp_path / "sys")
    assert found.verdict is (healthy.verdict if verdict is Verdict.PASS else verdict)


def test_a_read_only_disk_fails() -> None:
    assert disk(Path("/sys"), Path("/none")).verdict is Verdict.FAIL


def test_the_network_of_a_device(tmp_path: Path) -> None:
    assert network(None, tmp_path, tmp_path).said == "no interface has a carrier"
    write(tmp_path, "class/net/eth0/carrier", "1\n")
    write(tmp_path, "class/net/lo/carrier", "1\n")
    write(tmp_path, "net/route", "Iface Destination Gateway\neth0 0001A8C0 0 0001 0 0 0 00FFFFFF 0\n")
    assert network(None, tmp_path, tmp_path).said == "eth0 up, but no way out"
    write(tmp_path, "net/route", "Iface Destination Gateway\neth0 00000000 0101A8C0 0003 0 0 0 00000000 0\n")
    assert network(None, tmp_path, tmp_path).verdict is Verdict.PASS


def test_who_holds_a_lock_is_read_and_not_tried(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert lock_holder(lock) is None
    lock.touch()
    assert lock_holder(lock) is None
    with subprocess.Popen(["flock", str(lock), "-c", "echo held; read _"], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert lock_holder(lock) == holder.pid
        holder.communicate(b"\n")
    assert lock_holder(lock) is None


def of_site(folder: Path, **settings: int | None) -> Patient:
    site = load(write_site(folder, port=1883), files=Files.NONE)
    return replace(
        Patient(site=site, faults=(), state=folder, vision=None, publisher=False), vision=settings.get("vision")
    )


def test_a_vision_that_works_without_confinement_fails(tmp_path: Path) -> None:
    who = of_site(tmp_path, vision=7)
    write(tmp_path, "7/status", "Name: python\nNoNewPrivs:\t0\nSeccomp:\t0\nCapEff:\t000001ffffffffff\n")
    assert vision_at_work(who, tmp_path).verdict is Verdict.FAIL
    write(tmp_path, "7/status", "Name: python\nNoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\t0\n")
    assert vision_at_work(who, tmp_path).verdict is Verdict.PASS


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A certificate tells its times in GMT; the device's own clock is 14 hours ahead."""
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_certificates_by_their_age(tmp_path: Path, far_east: None) -> None:
    authority = Authority(tmp_path, "ca")
    pair = authority.issue("promenade-042", "DNS:promenade-042")
    who = of_site(tmp_path)
    assert certificate(who).verdict is Verdict.ABSENT
    assert who.site is not None
    assert who.site.broker is not None
    ours = replace(who.site.broker, certificate=pair.certificate, key=pair.key, tls=True)
    who = replace(who, site=replace(who.site, broker=ours))
    now_s, day_s = time.time(), 86_400
    assert certificate(who, now_s).verdict is Verdict.PASS
    assert certificate(who, now_s + 0.7 * day_s).verdict is Verdict.WARN
    assert certificate(who, now_s + 1.1 * day_s).verdict is Verdict.FAIL
    assert certificate(who, now_s - day_s).verdict is Verdict.FAIL
    stranger = authority.issue("crossing-7", "DNS:crossing-7")
    who = replace(who, site=replace(who.site, broker=replace(ours, certificate=stranger.certificate)))
    # Made after the moment above.
    assert "CN=crossing-7, not of promenade-042" in certificate(who).said
    assert certificate(who).verdict is Verdict.WARN


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[Patient, Authority, Path]:
    """A device with a certificate, and the settings of a broker that asks for one."""
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    folder = tmp_path / "ca"
    folder.mkdir()
    authority = Authority(folder, "ca")
    pair = authority.issue("promenade-042", "DNS:promenade-042")
    site = write_site(tmp_path, port=1)
    told = f'ca = "{authority.certificate}"\ncertificate = "{pair.certificate}"\nkey = "{pair.key}"\n'
    site.write_text(site.read_text() + told)
    return patient(None, tmp_path), authority, site


@pytest.mark.parametrize("beside", [False, True])
def test_a_broker_that_asks_for_certificates(
    guarded: tuple[Patient, Authority, Path],
    tmp_path: Path,
    beside: bool,  # noqa: FBT001  a case
) -> None:
    _, authority, site = guarded
    server = authority.issue("localhost", "IP:127.0.0.1")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    stranger = Authority(foreign, "foreign").issue("promenade-042", "DNS:promenade-042")
    settings = (
        *("allow_anonymous true", f"cafile {authority.certificate}", f"certfile {server.certificate}"),
        *(f"keyfile {server.key}", "require_certificate true"),
    )
    with Mosquitto(tmp_path / "broker", settings) as running:
        written = site.read_text().replace("mqtt://127.0.0.1:1", f"mqtts://127.0.0.1:{running.port}")
        site.write_text(written)
        who = replace(patient(site, tmp_path), publisher=beside)
        assert who.faults == ()
        found = broker(who)
        assert found.verdict is Verdict.PASS, found
        assert found.figures["tls"] is True
        assert ("promenade-042-doctor" in running.log) is not beside
        assert who.site is not None
        assert who.site.broker is not None
        wrong = replace(who.site.broker, certificate=stranger.certificate, key=stranger.key)
        assert broker(replace(who, site=replace(who.site, broker=wrong))).verdict is Verdict.FAIL


def judged(*words: Word, fps: float | None = None) -> dict[str, Finding]:
    found = [*eyes._camera(words, fps), eyes._model(words), eyes._isolation(words)]
    return {one.name: one for one in found}


@pytest.mark.parametrize(
    ("change", "name", "verdict"),
    [
        ({"state": "frozen"}, "camera", Verdict.FAIL),
        ({"state": "black"}, "camera", Verdict.FAIL),
        ({"backwards": 2}, "camera", Verdict.FAIL),
        ({"sharpness": 0.01}, "focus", Verdict.WARN),
        ({"sharpness": None}, "focus", Verdict.ABSENT),
        ({"white": 0.4}, "exposure", Verdict.WARN),
        ({"dark": 0.9}, "exposure", Verdict.WARN),
        ({"brightness": 9.0}, "light", Verdict.WARN),
        ({"fps": 6.0}, "fps", Verdict.WARN),
        ({"fps": 2.0}, "fps", Verdict.FAIL),
    ],
)
def test_what_is_made_of_a_picture(change: dict[str, object], name: str, verdict: Verdict) -> None:
    good = judged(SIGHT, fps=10.0)
    bad = judged(replace(SIGHT, **change), fps=10.0)  # type: ignore[arg-type]
    assert {good[one].verdict for one in eyes.NAMES[:5]} == {Verdict.PASS}
    assert bad[name].verdict is verdict
    assert {one for one in eyes.NAMES[:5] if bad[one] != good[one]} >= {name}


def test_what_is_made_of_a_model_and_of_silence() -> None:
    assert judged(Thought(model="m", off=0.1, ms=30.0))["model"].verdict is Verdict.PASS
    assert judged(Thought(model="m", off=3.0, ms=30.0))["model"].verdict is Verdict.FAIL
    assert judged(Thought(model="m", off=None, ms=30.0))["model"].verdict is Verdict.WARN
    changed = judged(Unable(part="model", why="m.tflite: was changed — restore it"))["model"]
    assert (changed.verdict, changed.said, changed.mend) == (Verdict.FAIL, "m.tflite: was changed", "restore it")
    silent = judged()
    assert {silent[one].verdict for one in ("camera", "model", "vision isolated")} == {Verdict.FAIL}
    assert judged(Confined(proven=True))["vision isolated"].verdict is Verdict.PASS


def test_where_isolation_fails_nothing_else_is_said_to_have_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker without libseccomp is not confined, so it must look at nothing.
    (tmp_path / "pyseccomp.py").write_text("raise ImportError")
    monkeypatch.setattr(eyes, "environment", lambda: {**environment(), "PYTHONPATH": f"{tmp_path}:{ROOT}"})
    found = {one.name: one for one in eyes.look(of_site(tmp_path))}
    assert found.pop("vision isolated").said == "libseccomp is missing"
    assert {one.verdict for one in found.values()} == {Verdict.ABSENT}


def test_words_come_back_as_they_were() -> None:
    for word in (SIGHT, Thought(model="m", off=None, ms=1.0), Confined(proven=True), Unable(part="camera", why="é")):
        assert unpack(pack(word)) == word
    with pytest.raises(ValueError, match="not a line"):
        unpack(b'{"Sight": {}}')


def test_a_picture_out_of_focus_is_less_sharp_than_any_in_focus() -> None:
    rng = np.random.default_rng(3)
    street = rng.integers(40, 210, (24, 32)).astype(np.float32).repeat(15, 0).repeat(20, 1)
    assert sharpness(np.full_like(street, 90.0)) is None
    sharp, soft = sharpness(street), sharpness(cv2.GaussianBlur(street, (0, 0), 4))
    assert sharp is not None
    assert soft is not None
    assert soft < eyes._LEAST_SHARPNESS < 0.04 < sharp
