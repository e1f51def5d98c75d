"""Which models there are, and the proof that a model's bytes are the ones the manifest was written for."""

import hashlib
import sysconfig
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edge.contract.report import RoadUser

MANIFEST: Final = "manifest.toml"
VERSION: Final = 1
_KEYS: Final = ("name", "task", "file", "sha256", "licence", "licence_file", "source", "input", "outputs")
_DTYPES: Final = ("uint8", "float32")
_COLOURS: Final = "RGB"
_GREY: Final = "GREY"
# Smaller or larger ones are a slip of the pen.
_SIDES_PX: Final = (32, 4096)


class ModelError(Exception):
    """A model cannot be used; the text says where the fault is and what mends it."""


class Task(StrEnum):
    """What a model finds, as the manifest writes it."""

    ROAD_USERS = "road-users"
    FACES = "faces"
    PLATES = "plates"
    CROWD = "crowd"


# What each task's network gives, in the order in which its decoder takes it; where none is named: as listed there.
_OUTPUTS: Final[Mapping[Task, tuple[str, ...]]] = {
    Task.ROAD_USERS: ("boxes", "logits"),
    Task.FACES: ("heatmap", "scale", "offset"),
    Task.PLATES: (),
    Task.CROWD: ("density",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelEntry:
    """What the manifest says of one model; no byte of the model has been looked at yet.

    `picture` names the input tensor, (1, height, width, 3) in `dtype`, red first, and `outputs` the output tensors in
    the order in which the task's decoder takes them. `labels` names the columns of the tensor `logits`, from the first;
    only what finds road users has some.

    What counts crowds may be a network of others: `grey` ones take (1, height, width, 1), those with a `size` (width,
    height) in px no other: those are shown the whole picture squeezed into it or, with `longest_px`, tiles of that size
    from a copy whose longer side is about so long. All others see such a copy whole. `error` is the mean error over
    the mean count where it was measured, 0..1.
    """

    folder: Path
    name: str
    task: Task
    file: str
    sha256: str
    licence: str
    licence_file: str
    source: str
    picture: str
    dtype: str
    outputs: tuple[str, ...]
    labels: tuple[RoadUser, ...] = ()
    grey: bool = False
    size: tuple[int, int] | None = None
    longest_px: int | None = None
    error: float | None = None

    @property
    def hash64(self) -> int:
        """The first 64 bits of the SHA-256, big-endian, by which a report names its model."""
        return int(self.sha256[:16], 16)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Model:
    """A model whose bytes are the ones the manifest names."""

    entry: ModelEntry
    content: bytes


def models_folder() -> Path:
    """Find the folder of the models: beside the package in a checkout, else where the package was installed."""
    beside = Path(__file__).resolve().parents[3] / "models"
    installed = Path(sysconfig.get_path("data")) / "share" / "passant" / "models"
    return beside if (beside / MANIFEST).is_file() else installed


def read_manifest(folder: Path) -> tuple[ModelEntry, ...]:
    """Read every entry of a folder's manifest; raises ModelError."""
    path = folder / MANIFEST
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no manifest — reinstall passant, its models are missing") from None
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror} — let this user read it") from None
    except ValueError as error:
        raise ModelError(f"{path}: is not TOML ({error}) — restore the file from the release") from None
    if document.get("version") != VERSION:
        raise ModelError(f"{path}: version is not {VERSION} — manifest and program are of different releases")
    tables = document.get("model")
    if not isinstance(tables, list) or not tables:
        raise ModelError(f"{path}: lists no [[model]] — restore the file from the release")
    return tuple(_entry(path, number, table) for number, table in enumerate(tables, 1))


def load_model(name: str, folder: Path | None = None, *, task: Task = Task.ROAD_USERS) -> Model:
    """Read one model by its name; raises ModelError where it is not listed, not there, not the listed one or for else.

    A model of another task than the wanted one is refused before its file is looked at.
    """
    folder = folder or models_folder()
    entries = read_manifest(folder)
    named = next((entry for entry in entries if entry.name == name), None)
    if named is not None and named.task is task:
        return verify(named)
    cause = f"no model is called {name}" if named is None else f"{name} finds {named.task}, not {task}"
    known = ", ".join(of_task(entries, task))
    mend = f"choose one of: {known}" if known else "restore the file from the release"
    raise ModelError(f"{folder / MANIFEST}: {cause} — {mend}")


def of_task(entries: Sequence[ModelEntry], task: Task) -> list[str]:
    """List the names of the models of one task."""
    return [entry.name for entry in entries if entry.task is task]


def verify(entry: ModelEntry) -> Model:
    """Read a model's file once and compare the hash of those very bytes; raises ModelError."""
    path = entry.folder / entry.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{path}: the file is missing — reinstall passant or build it with models/") from None
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror} — let this user read it") from None
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        raise ModelError(
            f"{path}: its SHA-256 begins with {found[:16]}, the manifest's with {entry.sha256[:16]}: "
            "the file was changed or cut off — restore it from the release"
        )
    return Model(entry=entry, content=content)


def _entry(path: Path, number: int, table: object) -> ModelEntry:
    where = f"{path}: [[model]] {number}"
    if not isinstance(table, dict):
        raise ModelError(f"{where}: is not a table — restore the file from the release")
    for key in _KEYS:
        if key not in table:
            raise ModelError(f"{where}: has no {key} — restore the file from the release")
    sha256 = _text(where, table, "sha256")
    if len(sha256) != hashlib.sha256().digest_size * 2 or not set(sha256) <= set("0123456789abcdef"):
        raise ModelError(f"{where}: sha256 is not 64 small hexadecimal digits — restore the file from the release")
    task = _task(where, table)
    picture = _picture(where, table, task)
    return ModelEntry(
        folder=path.parent,
        name=_text(where, table, "name"),
        task=task,
        file=_file_name(where, table, "file"),
        sha256=sha256,
        licence=_text(where, table, "licence"),
        licence_file=_file_name(where, table, "licence_file"),
        source=_text(where, _table(where, table, "source"), "package"),
        picture=_text(where, picture, "name"),
        dtype=_text(where, picture, "dtype"),
        outputs=_outputs(where, table, task),
        labels=_labels(where, table, task),
        grey=picture["order"] == _GREY,
        size=_size(where, picture) if task is Task.CROWD else None,
        longest_px=_longest(where, picture),
        error=_error(where, table) if task is Task.CROWD else None,
    )


def _task(where: str, table: Mapping[str, Any]) -> Task:
    return Task(_one_of(where, table, "task", [task.value for task in Task]))


def _picture(where: str, table: Mapping[str, Any], task: Task) -> Mapping[str, Any]:
    """Give the table of the input tensor, with a type and an order of colours that the program can feed."""
    picture = _table(where, table, "input")
    _text(where, picture, "name")
    orders = (_COLOURS, _GREY) if task is Task.CROWD else (_COLOURS,)
    for key, known in (("dtype", _DTYPES), ("order", orders)):
        _one_of(where, picture, key, known)
    return picture


def _size(where: str, picture: Mapping[str, Any]) -> tuple[int, int] | None:
    """Give the one size (width, height) that a network takes; None where both sides are -1: free."""
    shape = picture.get("shape")
    channels = 1 if picture["order"] == _GREY else 3
    if not isinstance(shape, list) or len(shape) != 4 or shape[0] != 1 or shape[3] != channels:  # noqa: PLR2004
        raise ModelError(f"{where}: input.shape is not [1, height, width, {channels}] — write the tensor's own shape")
    height, width = shape[1:3]
    if height == width == -1:
        return None
    if not all(isinstance(side, int) and _SIDES_PX[0] <= side <= _SIDES_PX[1] for side in (height, width)):
        least, most = _SIDES_PX
        raise ModelError(f"{where}: input.shape: height and width are not {least} to {most}, nor both -1 for any size")
    return width, height


def _longest(where: str, picture: Mapping[str, Any]) -> int | None:
    value = picture.get("longest_px")
    least, most = _SIDES_PX
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= most):
        return value
    raise ModelError(
        f"{where}: input.longest_px is not {least} to {most} — write the px of the longer side, or nothing"
    )


def _error(where: str, table: Mapping[str, Any]) -> float | None:
    """Read how far off a crowd network was where it was measured; nothing is said of one that was not."""
    accuracy = table.get("accuracy", {})
    value = accuracy.get("error") if isinstance(accuracy, dict) else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ModelError(f"{where}: accuracy.error is not 0 to 1 — write mean error over mean count, or leave it out")
    return float(value)


def _outputs(where: str, table: Mapping[str, Any], task: Task) -> tuple[str, ...]:
    outputs = _table(where, table, "outputs")
    names = _OUTPUTS[task] or tuple(outputs)
    if not names:
        raise ModelError(f"{where}: outputs names no tensor — restore the file from the release")
    return tuple(_text(where, outputs, name) for name in names)


def _one_of(where: str, table: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    value = _text(where, table, key)
    if value not in known:
        raise ModelError(f"{where}: {key} is none of {', '.join(known)} — restore the file from the release")
    return value


def _text(where: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ModelError(f"{where}: {key} is not a text — restore the file from the release")
    return value


def _table(where: str, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table[key]
    if not isinstance(value, dict):
        raise ModelError(f"{where}: {key} is not a table — restore the file from the release")
    return value


def _file_name(where: str, table: Mapping[str, Any], key: str) -> str:
    name = _text(where, table, key)
    if Path(name).name != name:
        raise ModelError(f"{where}: {key} leads out of the models' folder — restore the file from the release")
    return name


def _labels(where: str, table: Mapping[str, Any], task: Task) -> tuple[RoadUser, ...]:
    if task is not Task.ROAD_USERS:
        if "labels" in table:
            raise ModelError(f"{where}: what finds {task} has no labels — restore the file from the release")
        return ()
    names = {user.name.lower(): user for user in RoadUser}
    value = table.get("labels")
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name in names for name in value):
        raise ModelError(f"{where}: labels are not a list of {', '.join(names)} — restore the file from the release")
    return tuple(names[name] for name in value)
