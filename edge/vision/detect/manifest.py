"""Which models there are, and the proof that a model's bytes are the ones the manifest was written for."""

import hashlib
import sysconfig
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.contract.report import RoadUser

MANIFEST: Final = "manifest.toml"
VERSION: Final = 1
_KEYS: Final = ("name", "file", "sha256", "licence", "licence_file", "source", "input", "outputs", "labels")


class ModelError(Exception):
    """A model cannot be used; the text says where the fault is and what mends it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelEntry:
    """What the manifest says of one model; no byte of the model has been looked at yet.

    `labels` names the columns of the tensor `logits`, from the first.
    """

    folder: Path
    name: str
    file: str
    sha256: str
    licence: str
    licence_file: str
    source: str
    picture: str
    boxes: str
    logits: str
    labels: tuple[RoadUser, ...]

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


def load_model(name: str, folder: Path | None = None) -> Model:
    """Read one model by its name; raises ModelError where it is not listed, not there or not the listed one."""
    folder = folder or models_folder()
    entries = read_manifest(folder)
    for entry in entries:
        if entry.name == name:
            return verify(entry)
    known = ", ".join(entry.name for entry in entries)
    raise ModelError(f"{folder / MANIFEST}: no model is called {name} — choose one of: {known}")


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
    return ModelEntry(
        folder=path.parent,
        name=_text(where, table, "name"),
        file=_file_name(where, table, "file"),
        sha256=sha256,
        licence=_text(where, table, "licence"),
        licence_file=_file_name(where, table, "licence_file"),
        source=_text(where, _table(where, table, "source"), "package"),
        picture=_text(where, _table(where, table, "input"), "name"),
        boxes=_text(where, _table(where, table, "outputs"), "boxes"),
        logits=_text(where, _table(where, table, "outputs"), "logits"),
        labels=_labels(where, table["labels"]),
    )


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


def _labels(where: str, value: object) -> tuple[RoadUser, ...]:
    names = {user.name.lower(): user for user in RoadUser}
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name in names for name in value):
        raise ModelError(f"{where}: labels are not a list of {', '.join(names)} — restore the file from the release")
    return tuple(names[name] for name in value)
