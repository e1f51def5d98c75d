"""Small JSON objects that are kept or sent: their version and their fields are held before anything is believed."""

import json
from collections.abc import Mapping

from edge.identity.fault import IdentityError

MOST_BYTES = 64 * 1024


def written(version: int, fields: Mapping[str, object]) -> bytes:
    """Write an object with its version, always in the same bytes."""
    return json.dumps({"version": version, **fields}, indent=1, sort_keys=True).encode() + b"\n"


def read(name: str, content: bytes, *, version: int, fields: Mapping[str, type]) -> dict[str, object]:
    """Read an object that has just these fields, each of its kind; raises IdentityError, which quotes nothing of it."""
    try:
        values = json.loads(content) if len(content) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise IdentityError(f"{name}: is no JSON object of at most {MOST_BYTES} bytes — name the file that was meant")
    if type(values.get("version")) is not int or values["version"] != version:
        raise IdentityError(f"{name}: is not of version {version} — use the same Passant on both sides")
    if values.keys() != {"version", *fields}:
        raise IdentityError(f"{name}: has other keys than {', '.join(fields)} — name the file that was meant")
    for key, kind in fields.items():
        if type(values[key]) is not kind:
            raise IdentityError(f"{name}: {key} is no {kind.__name__} — have it made again")
    return values
