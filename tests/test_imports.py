"""Who may import whom: read off the source, indirect imports included, and asked of the running processes."""

import ast
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.publisher.mosquitto import Mosquitto, installed
from tests.sites import write_site

ROOT = Path(__file__).parents[1]
EDGE = ROOT / "edge"

# Inside vision a stage imports itself and the stages named here; the files beside the stages know them all.
STAGES = {
    "camera": set(),
    "detect": {"camera"},
    "track": {"detect"},
    "measure": {"track"},
    "crowd": {"detect", "measure", "track"},
    "judge": {"measure", "track"},
    "aggregate": {"judge", "measure", "track"},
    "anonymise": {"detect", "track"},
}
# The one file that may import each.
ONLY_IN = {
    "ai_edge_litert": "edge.vision.detect.litert",
    "tflite_runtime": "edge.vision.detect.litert",
    "picamera2": "edge.vision.camera.pi",
    "libcamera": "edge.vision.camera.pi",
    "pyseccomp": "edge.confine.syscalls",
    "sqlite3": None,
}
NETWORK = frozenset({"paho", "ssl", "_ssl", "http", "sqlite3", "_sqlite3", "urllib.request", "ftplib", "smtplib"})
PICTURES = frozenset({"numpy", "cv2", "PIL", "ai_edge_litert", "tflite_runtime", "picamera2"})


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in sorted(EDGE.rglob("*.py"))}


@cache
def imported(module: str) -> frozenset[str]:
    """All that a module's source imports, inside functions too; not what is for the type checker only."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found = set(_imports(tree))
    found |= {name.rpartition(".")[0] for name in found if name not in MODULES and name.rpartition(".")[0] in MODULES}
    return frozenset(name for name in found if not name.startswith("edge") or name in MODULES)


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            module = child.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in child.names if module.startswith("edge"))
        elif isinstance(child, ast.Call) and ast.unparse(child.func).endswith("import_module"):
            yield from (arg.value for arg in child.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
        yield from _imports(child)


def reached(*starts: str) -> dict[str, str]:
    """All modules of ours and others that the starts import, however indirectly; each with the one that imports it."""
    found = dict.fromkeys(starts, "")
    todo = list(starts)
    while todo:
        module = todo.pop()
        parents = [".".join(module.split(".")[:end]) for end in range(1, module.count(".") + 1)]
        for name in {*imported(module), *(parent for parent in parents if parent in MODULES)}:
            if name not in found:
                found[name] = module
                if name in MODULES:
                    todo.append(name)
    return found


def within(package: str) -> tuple[str, ...]:
    return tuple(module for module in MODULES if module == package or module.startswith(f"{package}."))


def chosen(found: dict[str, str], refused: frozenset[str]) -> dict[str, str]:
    """The refused among what was found, with who imports it."""
    return {name: by for name, by in found.items() if any(name == bad or name.startswith(f"{bad}.") for bad in refused)}


def test_the_walk_sees_imports_of_every_form() -> None:
    tree = ast.parse(
        "import a.b as c\nfrom d import e\ndef f():\n    import g\nif TYPE_CHECKING:\n    import h\n"
        "import_module('i')\nclass J:\n    from k.l import m\ntry:\n    import n\nexcept ImportError:\n    import o\n"
    )
    assert set(_imports(tree)) == {"a.b", "d", "g", "i", "k.l", "n", "o"}


def test_vision_reaches_no_network_library_and_no_publisher() -> None:
    found = reached(*within("edge.vision"))
    assert "numpy" in found
    assert chosen(found, NETWORK | {"edge.publisher", "edge.setup", "edge.cli"}) == {}


def test_the_publisher_reaches_no_picture_code_and_no_vision() -> None:
    found = reached(*within("edge.publisher"))
    assert "sqlite3" in found
    assert chosen(found, PICTURES | {"edge.vision", "edge.cli"}) == {}


def test_the_publisher_knows_nothing_of_the_stills() -> None:
    found = reached(*within("edge.publisher"))
    assert "edge.contract.channel" in found
    assert chosen(found, frozenset({"edge.contract.stills", "edge.contract.jpeg", "edge.contract.peer"})) == {}


def test_the_contract_needs_the_standard_library_and_itself() -> None:
    found = reached(*within("edge.contract"))
    ours = {name for name in found if name.startswith("edge")}
    assert ours <= {"edge", "edge.units", *within("edge.contract")}
    assert {name.partition(".")[0] for name in found} - {"edge"} <= sys.stdlib_module_names


def test_the_site_file_is_read_with_the_standard_library() -> None:
    found = reached(*within("edge.config"))
    assert {name for name in found if name.startswith("edge.")} <= {
        *("edge.units", *within("edge.contract"), *within("edge.config"), *within("edge.ground"))
    }
    assert {name.partition(".")[0] for name in found} - {"edge"} <= sys.stdlib_module_names


def test_confinement_needs_only_the_seccomp_library() -> None:
    found = reached(*within("edge.confine"))
    assert {name for name in found if name.startswith("edge.")} <= {*within("edge.confine")}
    assert {name.partition(".")[0] for name in found} - {"edge", "pyseccomp"} <= sys.stdlib_module_names


def test_identity_sees_no_pixel_and_neither_process_makes_keys() -> None:
    found = reached(*within("edge.identity"))
    assert "cryptography" in {name.partition(".")[0] for name in found}
    assert chosen(found, PICTURES | {"edge.vision", "edge.publisher", "edge.cli"}) == {}
    processes = reached(*within("edge.vision"), *within("edge.publisher"))
    assert chosen(processes, frozenset({"edge.identity", "cryptography"})) == {}


@pytest.mark.parametrize("library", ONLY_IN)
def test_some_libraries_belong_to_one_file(library: str) -> None:
    importers = {module for module in MODULES if chosen(dict.fromkeys(imported(module), ""), frozenset({library}))}
    if ONLY_IN[library] is None:
        # The proof reads the outbox that a run has left.
        assert all(module.startswith("edge.publisher.") for module in importers - {"edge.cli.prove.files"})
    else:
        assert importers <= {ONLY_IN[library]}


def test_only_one_file_of_the_appliance_imports_paho() -> None:
    importers = {module for module in MODULES if any(name.startswith("paho") for name in imported(module))}
    assert {module for module in importers if not module.startswith("edge.cli")} == {"edge.publisher.mqtt"}


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_of_vision_imports_only_earlier_ones(stage: str) -> None:
    allowed = {stage, *STAGES[stage]}
    for module in within(f"edge.vision.{stage}"):
        for name in imported(module):
            other = name.removeprefix("edge.vision.").partition(".")[0]
            if name.startswith("edge.vision.") and other in STAGES:
                assert other in allowed, f"{module} imports {name}"


def test_there_is_no_import_cycle() -> None:
    state: dict[str, str] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert state.get(module) != "open", f"a cycle: {' -> '.join((*path, module))}"
        if module in state:
            return
        state[module] = "open"
        for name in sorted(imported(module)):
            # A package that only holds its modules is no step of a cycle.
            if name in MODULES and name != module and not module.startswith(f"{name}."):
                visit(name, (*path, module))
        state[module] = "done"

    for module in MODULES:
        visit(module, ())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """The modules of a real vision and a real publisher after a run from first frame to last event."""
    if not installed():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    folder = tmp_path_factory.mktemp("loaded")
    with Mosquitto(folder / "broker") as broker:
        site = write_site(folder, port=broker.port, camera="pace = 1000\nfps = 2")
        command = [sys.executable, "-m", "tests.loaded"]
        options = [str(site), "--state", str(folder / "state")]
        with subprocess.Popen([*command, "publisher", *options], cwd=ROOT, stdout=subprocess.PIPE) as publisher:
            vision = subprocess.run([*command, "vision", *options], cwd=ROOT, stdout=subprocess.PIPE, check=False)
            publisher.send_signal(signal.SIGTERM)
            told, _ = publisher.communicate(timeout=60)
    runs = {"vision": json.loads(vision.stdout), "publisher": json.loads(told)}
    assert {name: run["code"] for name, run in runs.items()} == {"vision": 0, "publisher": 0}
    return {name: frozenset(run["modules"]) for name, run in runs.items()}


def test_a_running_vision_has_loaded_no_network_library(loaded: dict[str, frozenset[str]]) -> None:
    assert {"numpy", "cv2", "edge.vision.pipeline", "edge.vision.detect.litert"} <= loaded["vision"]
    refused = NETWORK | {"edge.publisher"}
    assert chosen(dict.fromkeys(loaded["vision"], ""), refused) == {}


def test_where_alarms_may_not_be_raised_nothing_that_raises_them_is_loaded(loaded: dict[str, frozenset[str]]) -> None:
    assert "edge.vision.bench" in loaded["vision"]
    assert {name for name in loaded["vision"] if name.startswith("edge.vision.judge.")} == {"edge.vision.judge.alarm"}


def test_only_the_bench_makes_a_judge() -> None:
    importers = {module for module in MODULES if "edge.vision.judge.judge" in imported(module)}
    assert {module for module in importers if not module.startswith(("edge.cli.", "edge.vision.judge."))} == {
        "edge.vision.bench"
    }


def test_a_running_publisher_has_loaded_no_picture_code(loaded: dict[str, frozenset[str]]) -> None:
    assert {"paho.mqtt.client", "sqlite3", "edge.publisher.outbox"} <= loaded["publisher"]
    assert chosen(dict.fromkeys(loaded["publisher"], ""), PICTURES | {"edge.vision"}) == {}
