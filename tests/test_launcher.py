"""The launcher in a checkout of its own: a tiny package stands for the locked ones, in a wheelhouse of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
MAIN = """
import importlib.util, sys
from importlib.metadata import version
print("edge", *sys.argv[1:], sys.prefix)
print("tiny", version("tiny") if importlib.util.find_spec("tiny") else None)
"""
TOOLS = ["cat", "cmp", "cp", "dirname", "env", "flock", "grep", "id", "mkdir", "rm", "sh", "tail", "uname"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """A checkout with the real launcher, a small `edge`, and a wheelhouse."""

    root: Path
    house: Path

    def start(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the launcher in a clean environment."""
        return subprocess.run(
            [self.root / "passant", *words], env=self.env(**env), capture_output=True, text=True, check=False
        )

    def env(self, **more: str) -> dict[str, str]:
        """Give the environment of a start."""
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.root), "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
        return {**plain, "PASSANT_PYTHON": sys.executable, "PASSANT_WHEELHOUSE": str(self.house), **more}

    def lock(self, version: str) -> Path:
        """Lock a version of the tiny package, which is put into the wheelhouse; give its wheel."""
        wheel = self.house / f"tiny-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", "")
            folder = f"tiny-{version}.dist-info"
            archive.writestr(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{folder}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / "firmware_config/wheels.lock").write_text(f"tiny=={version} --hash=sha256:{digest}\n")
        return wheel


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "a checkout"
    (root / "edge").mkdir(parents=True)
    (root / "firmware_config").mkdir()
    shutil.copy(HERE / "passant", root / "passant")
    shutil.copy(HERE / "edge/__init__.py", root / "edge/__init__.py")
    (root / "edge/__main__.py").write_text(MAIN)
    made = Checkout(root=root, house=tmp_path / "wheelhouse")
    made.house.mkdir()
    made.lock("1.0")
    return made


@pytest.fixture
def fake_path(tmp_path: Path) -> Callable[[str], str]:
    """Make a PATH whose only Python believes what is written into it first."""

    def _make(belief: str, name: str = "python3") -> str:
        folder = tmp_path / "bin"
        folder.mkdir()
        for tool in TOOLS:
            (folder / tool).symlink_to(str(shutil.which(tool)))
        if belief:
            python = folder / name
            python.write_text(f'#!/bin/sh\n[ "$1" = -I ] && exit 1\nexec {sys.executable} -c "{belief}\n$2"\n')
            python.chmod(0o755)
        return str(folder)

    return _make


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_shells_read_it(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    subprocess.run([shell, "-n", HERE / "passant"], check=True)


@pytest.mark.parametrize("script", ["passant", "firmware_config/lock", ".ci/run"])
def test_shellcheck_finds_nothing(script: str) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck here: sudo apt install shellcheck")
    result = subprocess.run(["shellcheck", HERE / script], capture_output=True, text=True, check=False)
    assert result.stdout == ""


def test_it_makes_an_environment_once_and_anew_when_the_lock_changes(checkout: Checkout) -> None:
    first = checkout.start("run", "a b", "--c")
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"edge run a b --c {checkout.root}/.venv\ntiny 1.0\n"
    assert first.stderr.splitlines() == [
        f"passant: making an environment in {checkout.root}/.venv",
        "passant: installing the locked packages (once, a minute or two)",
    ]
    second = checkout.start("run")
    assert (second.stdout, second.stderr) == (f"edge run {checkout.root}/.venv\ntiny 1.0\n", "")
    checkout.lock("2.0")
    third = checkout.start("run")
    assert third.stdout.endswith("tiny 2.0\n")
    assert third.stderr == "passant: installing the locked packages (once, a minute or two)\n"
    # A checkout that was moved finds itself again.
    moved = Checkout(root=checkout.root.rename(checkout.root.with_name("moved")), house=checkout.house)
    assert moved.start("run").stdout.endswith("tiny 2.0\n")


@pytest.mark.parametrize("wreck", ["empty", "unfinished", "dangling"])
def test_a_half_made_environment_is_made_anew(wreck: str, checkout: Checkout) -> None:
    made = checkout.root / ".venv"
    (made / "bin").mkdir(parents=True)
    if wreck == "unfinished":
        (made / "unfinished").touch()
    if wreck == "dangling":
        (made / "pyvenv.cfg").touch()
        (made / "bin/python").symlink_to("/usr/bin/python2.3")
    (made / "rubble").touch()
    result = checkout.start("run")
    assert (result.returncode, result.stdout) == (0, f"edge run {made}\ntiny 1.0\n")
    assert not (made / "rubble").exists()
    assert not (made / "unfinished").exists()


def test_an_install_that_is_killed_is_done_again(checkout: Checkout) -> None:
    assert checkout.start("run").returncode == 0
    made = checkout.root / ".venv"
    checkout.lock("2.0").unlink()
    killed = checkout.start("run")
    assert killed.returncode == 1
    assert (made / "unfinished").exists()
    checkout.lock("2.0")
    result = checkout.start("run")
    assert result.stdout.endswith("tiny 2.0\n")
    assert "making an environment" in result.stderr


def test_two_starts_at_once_make_one_environment(checkout: Checkout) -> None:
    starts = [
        subprocess.Popen([checkout.root / "passant", "run"], env=checkout.env(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for start in starts:
        out, _ = start.communicate()
        assert out.endswith("tiny 1.0\n")


@pytest.mark.parametrize(
    ("belief", "words"),
    [
        ("import sys; sys.version_info = (3, 9, 2)", "passant: Python 3.9 is too old, it takes 3.11 — use Debian 12"),
        ("import sys; sys.maxsize = 2**31 - 1", "passant: this Python is 32-bit, and the detector is not — install"),
        ("import os; os.uname = lambda: os.uname_result(['riscv64'] * 5)", "passant: there is no detector for "),
        (
            "import importlib.util as u; u.find_spec = lambda name: None",
            "passant: Python cannot make environments — sudo apt install python3-venv",
        ),
        ("", "passant: there is no python3 — sudo apt install python3 python3-venv"),
    ],
)
def test_it_says_in_one_line_what_is_missing(
    belief: str, words: str, checkout: Checkout, fake_path: Callable[[str], str]
) -> None:
    env = {**checkout.env(), "PATH": fake_path(belief)}
    del env["PASSANT_PYTHON"]
    for command in ("run", "check"):
        result = subprocess.run(
            [checkout.root / "passant", command], env=env, capture_output=True, text=True, check=False
        )
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith(words)
        assert result.stderr.count("\n") == 1
    assert not (checkout.root / ".venv").exists()


def test_a_newer_python_beside_one_that_is_too_old_is_found(
    checkout: Checkout, fake_path: Callable[[str], str]
) -> None:
    folder = fake_path("import sys; sys.version_info = (3, 9, 2)")
    Path(folder, "python3.11").symlink_to(sys.executable)
    result = checkout.start("check", PATH=folder, PASSANT_PYTHON="")
    assert (result.returncode, result.stderr) == (0, "")


def test_what_needs_nothing_installs_nothing(checkout: Checkout) -> None:
    for words in (["--help"], ["check", "site.toml"], [], ["run", "--help"], ["bench", "speed", "-h"]):
        result = checkout.start(*words)
        assert (result.returncode, result.stderr) == (0, "")
    assert not (checkout.root / ".venv").exists()


def test_help_that_needs_the_packages_gets_them(checkout: Checkout) -> None:
    (checkout.root / "edge/__main__.py").write_text(f"import tiny\n{MAIN}")
    result = checkout.start("watch", "--help")
    assert result.stdout == f"edge watch --help {checkout.root}/.venv\ntiny 1.0\n"
    assert "installing the locked packages" in result.stderr


def test_without_a_network_it_says_what_to_do(checkout: Checkout) -> None:
    closed = "http://127.0.0.1:9/simple"
    result = checkout.start("run", PASSANT_WHEELHOUSE="", PIP_INDEX_URL=closed, PIP_FIND_LINKS="")
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("passant: the packages cannot be fetched — connect to a network, or PASSANT_WHEELHOUSE=")


def test_a_wheelhouse_that_lacks_something_says_so(checkout: Checkout) -> None:
    absent = checkout.start("run", PASSANT_WHEELHOUSE="/nowhere")
    assert "passant: there is no folder /nowhere" in absent.stderr
    checkout.lock("1.0").unlink()
    assert "passant: the wheelhouse lacks a package — " in checkout.start("run").stderr


def test_a_package_that_was_tampered_with_is_refused(checkout: Checkout) -> None:
    wheel = checkout.lock("1.0")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("evil.py", "")
    result = checkout.start("run")
    assert (result.returncode, result.stdout) == (1, "")
    assert "passant: a package is not the one that was locked" in result.stderr


def test_a_place_that_cannot_be_written_says_where_else(checkout: Checkout) -> None:
    result = checkout.start("run", PASSANT_VENV="/proc/passant/venv")
    assert result.returncode == 1
    assert result.stderr.startswith("passant: /proc/passant is read-only — PASSANT_VENV=")


def test_a_place_that_holds_something_else_is_left_alone(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.txt").touch()
    result = checkout.start("run", PASSANT_VENV=str(tmp_path / "photos"))
    assert "photos holds something else — name another place in PASSANT_VENV" in result.stderr
    assert (tmp_path / "photos/cat.txt").exists()
    elsewhere = checkout.start("run", PASSANT_VENV=str(tmp_path / "new place"))
    assert elsewhere.stdout == f"edge run {tmp_path}/new place\ntiny 1.0\n"


@pytest.fixture
def activated(checkout: Checkout, tmp_path: Path) -> Path:
    """An environment with this version of Passant installed, as pip would leave it."""
    root = tmp_path / "activated"
    venv.create(root, symlinks=True)
    (packages,) = root.glob("lib/python3*/site-packages")
    shutil.copytree(checkout.root / "edge", packages / "edge")
    from edge import __version__ as version  # noqa: PLC0415 - only this fixture asks

    info = packages / f"passant-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: passant\nVersion: {version}\n")
    return root


def test_an_activated_environment_that_has_it_is_used(checkout: Checkout, activated: Path) -> None:
    result = checkout.start("run", VIRTUAL_ENV=str(activated))
    assert (result.stdout, result.stderr) == (f"edge run {activated}\ntiny None\n", "")
    # The demo needs more than that environment has.
    (checkout.root / "firmware_config/demo.lock").touch()
    for command in ("demo", "prove"):
        started = checkout.start(command, VIRTUAL_ENV=str(activated))
        assert started.stdout.startswith(f"edge {command} {checkout.root}/.venv")
    (info,) = activated.glob("lib/python3*/site-packages/passant-*")
    shutil.rmtree(info)
    assert checkout.start("run", VIRTUAL_ENV=str(activated)).stdout.startswith(f"edge run {checkout.root}/.venv")


def test_test_runs_every_step_and_fails_when_one_does(checkout: Checkout, activated: Path, tmp_path: Path) -> None:
    (packages,) = activated.glob("lib/python3*/site-packages")
    program = "import os, sys\nsys.exit(sys.argv[0].endswith(os.environ['FAIL'] + '.py'))"
    for name in ("iotcore", "hypothesis", "pytest", "mypy", "ruff"):
        (packages / f"{name}.py").write_text(program)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("mosquitto", "mosquitto_sub"):
        (tools / tool).symlink_to("/bin/true")
    env = {"VIRTUAL_ENV": str(activated), "PATH": f"{tools}:{os.environ['PATH']}", "CI": "true"}
    steps = ["== ruff check", "== ruff format --check", "== mypy"]
    result = checkout.start("test", "-k", "x y", **env, FAIL="none")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n")[1::2] == [*steps, "== pytest -m not full -k x y"]
    full = checkout.start("test", "--full", **env, FAIL="mypy")
    assert full.returncode == 1
    assert full.stdout.split("\n")[1::2] == [*steps, "== pytest -m "]
    assert full.stderr == "passant: failed: mypy\n"


def test_the_locks_name_no_index_and_hash_every_package() -> None:
    for name in ("wheels", "demo", "test"):
        text = (HERE / f"firmware_config/{name}.lock").read_text()
        assert "://" not in text
        entries = text.replace("\\\n", " ").splitlines()
        assert entries
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
