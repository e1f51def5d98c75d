import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config import Files, SiteError, load
from edge.config.camera import SCENES
from edge.config.site import Broker, CameraSite, Detector, Device, Legal, Line, SourceKind, Zone, ZoneUse
from edge.contract.report import AlarmKind
from edge.vision.camera.scenes import NAMES

Faults = Callable[[str], list[str]]

# What stands in the whole file, what is written in its place, where the fault is told, and its words.
FAULTS = [
    ("version = 1\n", "", "site.toml:1: version: is missing — write it, for example version = 1"),
    ("version = 1", "version = 2", "site.toml:1: version: is 2 — this Passant reads version 1"),
    ("version = 1", 'version = "1"', "site.toml:1: version: is a text — write a whole number"),
    ("version = 1", "version = true", "site.toml:1: version: is true or false — write a whole number"),
    ("version = 1", "version = 1.0", "site.toml:1: version: is a number — write a whole number"),
    ("version = 1", "version = 1\nlinse = 1", "site.toml:2: linse: is not a key of a site file — did you mean lines?"),
    ("version = 1", "version = 1\nxyzzy = 1", "site.toml:2: xyzzy: is not a key of a site file — take it out"),
    ("[device]", "[devise]", "site.toml:1: device: is missing"),
    ("[device]", "[devise]", "site.toml:2: devise: is not a key of a site file — did you mean device?"),
    ('org = "nice"\n', "", "site.toml:2: device.org: is missing"),
    ('"nice"', '"Nice"', "site.toml:3: device.org: 'Nice' is not an id — use 1 to 48 of the characters a-z, 0-9 and -"),
    ('"nice"', '""', "site.toml:3: device.org: is empty"),
    ('"nice"', "1979-05-27", "site.toml:3: device.org: is a date or time — write a text"),
    ('"promenade-042"', f'"{"a" * 49}"', "site.toml:4: device.id: 'aaaa"),
    ('source = "pi"\n', "", "site.toml:5: camera.source: is missing"),
    ('"pi"', '"pie"', "site.toml:6: camera.source: is no source that there is — write pi, v4l2:/dev/video0"),
    ('"pi"', '"v4l2:video0"', "site.toml:6: camera.source: v4l2: needs a device"),
    ('"pi"', '"clip:"', "site.toml:6: camera.source: clip: needs a file"),
    ('"pi"', '"clip:away.mp4"', "site.toml:6: camera.source: 'away.mp4' does not exist"),
    ('"pi"', '"clip:."', "site.toml:6: camera.source: '.' is a directory"),
    ('"pi"', '"clip:a\\u0000b"', "site.toml:6: camera.source: 'a\\x00b' cannot be looked at (not a path)"),
    ('"pi"', '"synthetic:../x"', "site.toml:6: camera.source: '../x' is no scene that there is"),
    ('"pi"', '"synthetic:mars"', "'mars' is no scene that there is — write one of promenade, "),
    ('"pi"', '"synthetic:-night"', "site.toml:6: camera.source: '-night' is no scene that there is"),
    ('"pi"', '"street view.MP4"', "is no source that there is — did you mean clip:street view.MP4?"),
    ('"pi"', '"/dev/video0"', "is no source that there is — did you mean v4l2:/dev/video0?"),
    ('"pi"', '"promenade"', "is no source that there is — did you mean synthetic:promenade?"),
    ('"pi"', '"rtsp://10.0.0.9/s"', "site.toml:6: camera.source: is a network camera — vision has no network"),
    ('"pi"', '"http://10.0.0.9/s"', "site.toml:6: camera.source: is a network camera"),
    ("[1280, 720]", "[1280]", "site.toml:7: camera.size: is not a picture's size"),
    ("[1280, 720]", "[1280, 7200000]", "site.toml:7: camera.size: is not a picture's size"),
    ("[1280, 720]", "[1280.0, 720]", "site.toml:7: camera.size: is not a picture's size"),
    ("[1280, 720]", '"720p"', "site.toml:7: camera.size: is a text — write a list"),
    ("fps = 10", "fps = 0", "site.toml:8: camera.fps: 0 is out of range — write a number from 1 to 120"),
    ("fps = 10", "fps = nan", "site.toml:8: camera.fps: nan is out of range"),
    ("fps = 10", "fps = 1e400", "site.toml:8: camera.fps: inf is out of range"),
    ("fps = 10", f"fps = 0x{'f' * 9000}", "site.toml:8: camera.fps: so large a number is out of range"),
    ("fps = 10", 'fps = "10"', "site.toml:8: camera.fps: is a text — write a number"),
    ("fps = 10", "pace = 4", "site.toml:8: camera.pace: is for recordings only"),
    ("fps = 10", "loop = true", "site.toml:8: camera.loop: is for recordings only"),
    ("fps = 10", "loop = 1", "site.toml:8: camera.loop: is a whole number — write true or false"),
    ('"quai"', '"Quai"', "site.toml:10: lines[0].id: 'Quai' is not an id"),
    ('id = "quai"\n', "", "site.toml:9: lines[0].id: is missing"),
    ("from = [120, 400]", "from = [120]", "site.toml:11: lines[0].from: is not a point — write two numbers"),
    ("from = [120, 400]", "from = [120, true]", "site.toml:11: lines[0].from: is not a point"),
    ("from = [120, 400]", "from = [120, inf]", "site.toml:11: lines[0].from: is not a point"),
    (
        "from = [120, 400]",
        "from = [1281, 4]",
        "site.toml:11: lines[0].from: [1281, 4] lies outside the picture of 1280",
    ),
    ("from = [120, 400]", "from = [-1, 4]", "site.toml:11: lines[0].from: [-1, 4] lies outside the picture"),
    ("size = [1280, 720]", "", "site.toml: no fault"),
    ("to = [980, 420]", "to = [120.0, 400.0]", "site.toml:12: lines[0].to: is the same point as from"),
    ("to = [980, 420]\n", "", "site.toml:9: lines[0].to: is missing"),
    (
        "[[zones]]",
        '[[lines]]\nid="quai"\nfrom=[1,2]\nto=[3,4]\n[[zones]]',
        'site.toml:14: lines[1].id: "quai" is taken by a line — both would be ev/crowd-flow/quai; give each its own id',
    ),
    (
        'id = "promenade"\n',
        'id = "quai"\n',
        'site.toml:14: zones[0].id: "quai" is taken by a line — both would be ev/crowd-flow/quai; give each its own id',
    ),
    (
        "[windows]",
        '[[zones]]\nid = "promenade"\npolygon = [[0, 0], [9, 0], [9, 9]]\n[windows]',
        'zones[1].id: "promenade" is taken by a zone',
    ),
    ("[[lines]]", "[lines]", "site.toml:9: lines: is a table — write [[lines]], in two pairs of brackets"),
    (
        "[[0, 300], [640, 280], [640, 720], [0, 720]]",
        "[[0, 0], [9, 9]]",
        "site.toml:15: zones[0].polygon: has 2 corners",
    ),
    ("[640, 720]", "[640, 721]", "site.toml:15: zones[0].polygon[2]: [640, 721] lies outside"),
    ("[0, 720]]", "[0, 720], [0, 300]]", "site.toml:15: zones[0].polygon[4]: ends in its first corner"),
    (
        "[640, 280], [640, 720]",
        "[640, 720], [640, 280]",
        "site.toml:15: zones[0].polygon[2]: crosses or touches itself",
    ),
    ("[640, 720], [0, 720]]", "[1280, 260]]", "site.toml:15: zones[0].polygon: has no area"),
    (
        '"pedestrian"',
        '"pedestrians"',
        "site.toml:16: zones[0].use: 'pedestrians' is not known — did you mean pedestrian?",
    ),
    ('"pedestrian"', '"q"', "is not known — write one of pedestrian, carriageway, closed"),
    (
        "seconds = 900",
        "seconds = 30",
        "site.toml:18: windows.seconds: 30 is out of range — write a number from 60 to 3600",
    ),
    ("seconds = 900", "seconds = 90", "site.toml:18: windows.seconds: windows of 90 s do not line up with the day"),
    ("seconds = 900", "seconds = 420", "site.toml:18: windows.seconds: windows of 420 s do not line up"),
    ('"statistics"', '"spy"', "site.toml:20: legal.mode: 'spy' is not known — write one of statistics, alert, drill"),
    ('"statistics"', '"alerts"', "site.toml:20: legal.mode: 'alerts' is not known — did you mean alert?"),
    ('"ssdlite-mobilenet-v2-coco"', '"../x"', "site.toml:22: detector.model: is not a model's name"),
    ("tiles = [3, 2]", "tiles = [3, 9]", "site.toml:23: detector.tiles: is not a cut of the picture"),
    ("tiles = [3, 2]", "tiles = [true, 2]", "site.toml:23: detector.tiles: is not a cut of the picture"),
    ("tiles = [3, 2]", 'tiles = "many"', "site.toml:23: detector.tiles: is a text — write [columns, rows], each from"),
    ("tiles = [3, 2]", 'tiles = "many"', ', or "auto"'),
    ("threads = 2", "threads = 0", "site.toml:24: detector.threads: 0 is out of range — write a number from 1 to 8"),
    ("version = 1", "version = 1\nbroker = 3", "site.toml:26: is not TOML: cannot overwrite a value"),
]


@pytest.mark.parametrize(("old", "new", "words"), FAULTS)
def test_a_fault_tells_its_line_and_its_mend(old: str, new: str, words: str, whole: str, faults: Faults) -> None:
    assert old in whole
    found = faults(whole.replace(old, new, 1))
    assert any(words in fault for fault in found) if words != "site.toml: no fault" else not found, found


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://me:hunter2@cam/1",
        "hunter2@cam",
        "me:hunter2@cam/a.mp4",
        "tcp:hunter2",
        "HTTP://hunter2@b",
        "hunter2:x",
        "clip:rtsp://admin:hunter2@10.0.0.9/s",
        "clip: rtsp:admin:hunter2@10.0.0.9",
        "clip:./rtsp://admin:hunter2@10.0.0.9/s",
        "synthetic:rtsp://admin:hunter2@10.0.0.9/s",
    ],
)
def test_a_source_that_is_none_is_not_quoted(source: str, whole: str, faults: Faults) -> None:
    found = faults(whole.replace('"pi"', f'"{source}"'))
    assert found
    assert "hunter2" not in "".join(found)


def test_the_scenes_are_those_that_are_drawn() -> None:
    assert SCENES == NAMES


def test_more_shapes_than_may_cross_the_boundary_are_refused(whole: str, faults: Faults) -> None:
    extra = "".join(f'[[lines]]\nid = "l{n}"\nfrom = [0, 0]\nto = [9, 9]\n' for n in range(16))
    (fault,) = faults(whole + extra)
    assert fault == "site.toml:90: lines[16]: there are 17 — keep at most 16"


def test_a_site_without_line_and_zone_is_refused(whole: str, faults: Faults) -> None:
    head, _, rest = whole.partition("[[lines]]")
    bare = head + "[windows]" + rest.partition("[windows]")[2]
    expected = "site.toml:1: lines: there is neither a line nor a zone — write at least one [[lines]] or [[zones]]"
    assert faults(bare) == [expected]
    assert faults("lines = []\nzones = []\n" + bare) == [expected]


def test_all_faults_are_told_at_once_in_the_order_of_lines(faults: Faults) -> None:
    text = """\
version = 3
[device]
org = "NICE"
[camera]
source = "rtsp://me:hunter2@cam"
pace = "fast"
[[lines]]
id = "a b"
from = [1, 2]
to = [1, 2]
[windows]
seconds = 61
[legal]
mode = "alerts"
[broker]
url = "mqtt://me:hunter2@far"
plaintxt = 1
"""
    found = faults(text)
    places = [fault.split(" ")[0] + fault.split(" ")[1] for fault in found]
    assert places == [
        "site.toml:1:version:",
        "site.toml:2:device.id:",
        "site.toml:3:device.org:",
        "site.toml:5:camera.source:",
        "site.toml:6:camera.pace:",
        "site.toml:8:lines[0].id:",
        "site.toml:10:lines[0].to:",
        "site.toml:12:windows.seconds:",
        "site.toml:14:legal.mode:",
        "site.toml:16:broker.url:",
        "site.toml:17:broker.plaintxt:",
    ]
    assert all(" — " in fault for fault in found)
    assert "hunter2" not in "".join(found)


def test_a_whole_site_is_read_to_the_last_value(folder: Path, whole: str) -> None:
    path = folder / "site.toml"
    path.write_text(whole)
    site = load(path)
    assert site.path == path
    assert site.hash64 == int(hashlib.sha256(whole.encode()).hexdigest()[:16], 16)
    assert site.device == Device(org="nice", id="promenade-042")
    assert site.camera == CameraSite(kind=SourceKind.PI, target="", size=(1280, 720), fps=10)
    assert site.lines == (Line(id="quai", start=(120.0, 400.0), end=(980.0, 420.0)),)
    corners = ((0.0, 300.0), (640.0, 280.0), (640.0, 720.0), (0.0, 720.0))
    raised = frozenset({AlarmKind.VEHICLE, AlarmKind.HEAVY_VEHICLE})
    assert site.zones == (Zone(id="promenade", polygon=corners, use=ZoneUse.PEDESTRIAN, alarms=raised),)
    assert (site.window_s, site.legal) == (900, Legal())
    assert site.detector == Detector(model="ssdlite-mobilenet-v2-coco", tiles=(3, 2), threads=2)
    assert site.broker == Broker(
        host="broker.example",
        port=8884,
        tls=True,
        ca=folder / "ca.pem",
        certificate=folder / "device.pem",
        key=folder / "device.key",
    )


def test_what_is_left_out_has_its_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "site.toml").write_text(
        'version = 1\ndevice = {org = "o", id = "d"}\ncamera = {source = "clip:street.mp4", pace = 2.5, loop = true}\n'
        'lines = [{id = "l", from = [0, 0], to = [10, 0.5]}]\ndetector.tiles = "auto"\n'
        'broker.url = "mqtt://[::1]"\n'
    )
    monkeypatch.chdir(folder)
    site = load(Path("site.toml"))
    clip = str(folder / "street.mp4")
    assert site.camera == CameraSite(kind=SourceKind.CLIP, target=clip, pace=2.5, loop=True)
    assert site.camera.replay
    assert (site.window_s, site.legal, site.detector, site.zones) == (900, Legal(), Detector(), ())
    assert site.broker == Broker(host="::1", port=1883, tls=False)


def test_each_side_asks_only_for_the_files_it_needs(tmp_path: Path, whole: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(whole)
    assert load(path, files=Files.NONE).broker == load(path, files=Files.CLIP).broker
    with pytest.raises(SiteError, match=r"broker\.ca"):
        load(path, files=Files.BROKER)
    path.write_text(whole.partition("[broker]")[0].replace('"pi"', '"clip:street.mp4"'))
    assert load(path, files=Files.BROKER).camera.target == str(tmp_path / "street.mp4")
    with pytest.raises(SiteError, match=r"camera\.source"):
        load(path, files=Files.CLIP)


_VALUES = st.recursive(
    st.sampled_from(
        ["1", "-7", "0.5", "inf", "nan", "true", '"pi"', '"mqtt://x"', "1979-05-27", '"clip:\\u0000"', "''"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(["id", "from", "to", '"é"']), inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    [
        "version",
        "device",
        "org",
        "id",
        "camera",
        "source",
        "size",
        "fps",
        "pace",
        "loop",
        "lines",
        "from",
        "to",
        "zones",
        "polygon",
        "use",
        "windows",
        "seconds",
        "legal",
        "mode",
        "detector",
        "model",
        "tiles",
        "threads",
        "broker",
        "url",
        "ca",
        "certificate",
        "key",
        "username",
        "password_file",
        "plaintext",
        "odd",
        "'q#]'",
        "a.b",
    ]
)
_STATEMENTS = st.one_of(
    st.tuples(_KEYS, _VALUES).map(" = ".join),
    _KEYS.map("[{}]".format),
    _KEYS.map("[[{}]]".format),
    st.text(max_size=12),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=400)
@given(statements=st.lists(_STATEMENTS, max_size=25))
def test_nothing_but_a_site_error_ever_comes_out(statements: list[str], tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("\n".join(["version = 1", *statements]), encoding="utf-8", errors="surrogatepass")
    with pytest.raises(SiteError) as caught:
        load(path)
    assert caught.value.faults
    assert all(fault.cause and fault.mend for fault in caught.value.faults)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_bring_out_anything_else(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(content)
    with pytest.raises(SiteError):
        load(path)
