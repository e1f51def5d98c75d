"""The README shows what is so: its site file is read, its messages keep the schemas, its commands exist."""

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from edge.__main__ import COMMANDS
from edge.config import Files, load
from edge.config.site import Detector
from edge.publisher.events.schema import schema

README = (Path(__file__).parents[1] / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _faults(name: str, document: Any) -> list[str]:  # noqa: ANN401 - a JSON value
    resources = [Resource.from_contents(schema(each)) for each in ("parts", "event", "traffic-flow", "crowd-flow")]
    registry: Registry[Any] = Registry().with_resources((resource.id() or "", resource) for resource in resources)
    return [error.message for error in Draft202012Validator(schema(name), registry=registry).iter_errors(document)]


def test_the_site_file_can_be_read_with_each_of_its_choices(tmp_path: Path) -> None:
    (text,) = _blocks("toml")
    path = tmp_path / "site.toml"
    path.write_text(text)
    site = load(path, files=Files.NONE)
    assert (site.device.id, site.window_s, site.detector) == ("promenade-042", 900, Detector())
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


def test_the_messages_keep_the_schemas() -> None:
    event, line, zone, status, health, about = map(json.loads, _blocks("json"))
    assert _faults("event", event) == []
    assert _faults("traffic-flow", event["data"]) == []
    assert _faults("traffic-flow", line) != []
    assert _faults("crowd-flow", line) == []
    assert _faults("crowd-flow", zone) == []
    assert status["state"] == "online"
    assert {"isolation", "vision", "outbox", "broker"} <= set(health)
    assert {"lines", "zones", "windows", "capacity"} <= set(about)


def test_every_command_is_told() -> None:
    table = README.partition("## Commands")[2].partition("## The boundary")[0]
    for name in COMMANDS:
        assert re.search(rf"`{name}\b", table), name


def test_the_subscriber_is_whole() -> None:
    (program,) = _blocks("python")
    compile(program, "README.md", "exec")
    assert len([line for line in program.splitlines() if line]) == 10
