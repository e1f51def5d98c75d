"""Our own strict schemas (JSON Schema, draft 2020-12), and the check that every event passes before the outbox."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from edge.publisher.events.envelope import KINDS, Event, schema_of

ENVELOPE = "urn:passant:schema:event:v1"
_FILES = ("parts", "event", *KINDS)


class EventRefusedError(ValueError):
    """An event that breaks its schema. Its text never quotes the event."""


def schema(name: str) -> dict[str, Any]:
    """Read one of our schemas by its file's name without the ending."""
    return cast("dict[str, Any]", json.loads((files(__package__) / "schemas" / f"{name}.json").read_bytes()))


def check(event: Event) -> None:
    """Check an event against the envelope's schema and its payload's; raises EventRefusedError."""
    whole = event.envelope(sequence=1, recorded=None)
    for schema_id, document in ((ENVELOPE, whole), (schema_of(event.kind), event.data)):
        fault = next(_validator(schema_id).iter_errors(document), None)
        if fault is not None:
            # The path and the rule are our own words; the offending value is left out.
            where = "/".join(str(step) for step in fault.absolute_schema_path)
            raise EventRefusedError(f"an event breaks {schema_id} at {where}") from None


@cache
def _validator(schema_id: str) -> Draft202012Validator:
    formats = FormatChecker()
    if "date-time" not in formats.checkers:
        raise RuntimeError("date-time is not checked: install rfc3339-validator")
    return Draft202012Validator(_registry().contents(schema_id), registry=_registry(), format_checker=formats)


@cache
def _registry() -> Registry[Any]:
    resources = (Resource.from_contents(schema(name)) for name in _FILES)
    return Registry().with_resources((resource.id() or "", resource) for resource in resources)
