"""The README shows what is so: its site file is read, its messages keep the schemas, its commands exist."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from edge.__main__ import COMMANDS
from edge.config import Files, load
from edge.config.advice import advice
from edge.config.load import read
from edge.config.site import DEFAULT_ALARMS, Detector, Privacy, PrivacyFill, PrivacyLevel
from edge.contract.capacity import bits_per_hour, capacity
from edge.contract.report import AlarmKind, Metres
from edge.ground.calibration import calibrate
from edge.publisher.clock import Clock
from edge.publisher.events.envelope import KINDS, schema_of, type_of
from edge.publisher.events.schema import schema
from edge.publisher.vitals import Vitals
from edge.vision.camera.scenes import NAMES
from edge.vision.detect.manifest import models_folder, read_manifest

README = (Path(__file__).parents[1] / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _faults(name: str, document: Any) -> list[str]:  # noqa: ANN401 - a JSON value
    resources = [Resource.from_contents(schema(each)) for each in ("parts", "event", *KINDS)]
    registry: Registry[Any] = Registry().with_resources((resource.id() or "", resource) for resource in resources)
    return [error.message for error in Draft202012Validator(schema(name), registry=registry).iter_errors(document)]


def test_the_site_file_can_be_read_with_each_of_its_choices(tmp_path: Path) -> None:
    text, _ = _blocks("toml")
    path = tmp_path / "site.toml"
    path.write_text(text)
    site = load(path, files=Files.NONE)
    assert (site.device.id, site.window_s, site.detector) == ("promenade-042", 900, Detector())
    assert site.privacy == replace(Privacy(), polygons=site.privacy.polygons)
    assert len(site.privacy.polygons) == 1
    for level in PrivacyLevel:
        path.write_text(text.replace('level = "people-and-vehicles"', f'level = "{level.value}"'))
        assert load(path, files=Files.NONE).privacy.level is level
    for how in PrivacyFill:
        path.write_text(text.replace('fill = "solid"', f'fill = "{how.value}"'))
        assert load(path, files=Files.NONE).privacy.fill is how
    assert site.broker is not None
    assert site.broker.key == tmp_path / "device.key"
    replay = (
        text.replace('source = "pi"', 'source = "clip:street.mp4"').replace("# pace", "pace").replace("# loop", "loop")
    )
    path.write_text(replay.replace("broker.example", "127.0.0.1"))
    assert load(path, files=Files.NONE).camera.pace == 4
    for mode in ("carriageway", "closed"):
        path.write_text(text.replace('use = "pedestrian"', f'use = "{mode}"'))
        assert load(path, files=Files.NONE).zones[0].use.value == mode


def test_metres_and_alarms_can_be_written_into_the_same_file(tmp_path: Path) -> None:
    text, more = _blocks("toml")
    head, _, rest = text.partition("[legal]")
    path = tmp_path / "site.toml"
    path.write_text(f"{head}[{rest.partition('[')[2]}\n{more}")
    reading = read(path, files=Files.NONE)
    site = reading.site
    assert site.alarms == tuple(DEFAULT_ALARMS[kind] for kind in AlarmKind)
    assert frozenset().union(*(place.alarms for place in (*site.lines, *site.zones))) == frozenset(AlarmKind)
    assert site.ground is not None
    assert site.camera.size is not None
    plane = calibrate(site.ground, site.camera.size)
    assert plane.state is Metres.VERIFIED
    notes = advice(reading, now_s=site.legal.start_s, size=site.camera.size, plane=plane)
    assert [note.key for note in notes] == ["bollards[0].line"]


def test_the_messages_keep_the_schemas() -> None:
    event, line, zone, alert, status, health, about = map(json.loads, _blocks("json"))
    assert _faults("event", event) == []
    assert _faults("event", alert) == []
    assert _faults("alert", alert["data"]) == []
    assert _faults("alert", event["data"]) != []
    assert _faults("traffic-flow", event["data"]) == []
    assert _faults("traffic-flow", line) != []
    assert _faults("crowd-flow", line) == []
    assert _faults("crowd-flow", zone) == []
    assert status["state"] == "online"
    assert {"isolation", "vision", "outbox", "broker"} <= set(health)
    assert {"lines", "zones", "windows", "capacity"} <= set(about)


def test_the_messages_are_those_of_the_model_and_the_contract_that_ship() -> None:
    event, line, zone, alert, _, health, about = map(json.loads, _blocks("json"))
    model = f"{read_manifest(models_folder())[0].hash64:016x}"
    said = (event["data"], line, zone, alert["data"])
    assert {each["quality"]["model"] for each in said} | {health["vision"]["model"]} == {model}
    # The demo's own film has two lines and a zone, and may raise nothing.
    found = capacity(2, 1, about["windows"]["seconds"], alarms=False)
    assert about["capacity"] == {
        "bitsPerMessage": {one.message.__name__: math.ceil(one.bits) for one in found},
        "messagesPerHour": {one.message.__name__: one.per_hour for one in found},
        "bitsPerHour": math.ceil(bits_per_hour(found)),
    }
    assert f"{math.ceil(bits_per_hour(found)):,} for that site" in README
    assert about["events"] == [{"kind": kind, "type": type_of(kind), "dataschema": schema_of(kind)} for kind in KINDS]
    assert set(health) == set(Vitals(clock=Clock(), started_s=0.0, software="", isolated=True).document())
    assert health["uptimeS"] >= 60
    assert health["isolation"] == {"publisher": "proven", "vision": "proven"}
    listed = event["data"]["byVehicleType"].values()
    assert min(listed) >= event["data"]["privacy"]["leastObjects"]
    words = "18 of the 31 were named cars and 7 lorries"
    assert words in README
    assert [int(word) for word in words.split() if word.isdigit()] == [
        event["data"]["byVehicleType"]["car"],
        event["data"]["intensity"],
        event["data"]["byVehicleType"]["lorry"],
    ]


def test_every_drawn_scene_is_told() -> None:
    (line,) = re.findall(r"# synthetic: (.*), each also with -night", README)
    assert re.split(r", | or ", line) == list(NAMES)


def test_every_command_is_told() -> None:
    table = README.partition("## Commands")[2].partition("## The boundary")[0]
    for name in COMMANDS:
        assert re.search(rf"`{name}\b", table), name


def test_the_subscriber_is_whole() -> None:
    (program,) = _blocks("python")
    compile(program, "README.md", "exec")
    assert len([line for line in program.splitlines() if line]) == 10
