"""What is said of a run in the end: a report in JSON for programs, some lines for people."""

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from edge import __version__
from edge.cli.anonymise.inventory import Fault, Item
from edge.vision.files.kind import Kind
from edge.vision.files.orders import Ready, Setup, Written

Json = dict[str, object]


@dataclass(kw_only=True, slots=True)
class Report:
    """A run, as it goes on."""

    source: Path
    output: Path
    setup: Setup
    ready: Ready | None = None
    written: list[tuple[Item, Written]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: list[tuple[PurePath, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 where every picture and film was written."""
        return 1 if self.faults else 0

    def document(self) -> Json:
        """Give the report as JSON values."""
        return {
            "passant": __version__,
            "input": str(self.source),
            "output": str(self.output),
            "level": self.setup.level,
            "fill": self.setup.fill,
            "isolation": "proven" if self.ready and self.ready.isolated else "unproven",
            "models": self.ready.models if self.ready else {},
            "totals": self._totals(),
            "files": [_entry(item, made) for item, made in self.written],
            "skipped": [{"path": str(name), "why": why} for name, why in self.skipped],
            "failed": [{"path": str(one.name), "cause": one.cause, "mend": one.mend} for one in self.faults],
        }

    def text(self) -> str:
        """Write the report as JSON; names that are no text keep their bytes as escapes."""
        return json.dumps(self.document(), indent=1) + "\n"

    def summary(self) -> list[str]:
        """Say the same in lines: each thing that is not as expected, and the totals."""
        totals = self._totals()
        lines = [f"{item.name}: {note}" for item, made in self.written for note in _remarks(made)]
        counted = f"{_number(totals['pictures'], 'picture')} and {_number(totals['films'], 'film')} written"
        lines.append(f"{counted}, {len(self.faults)} failed, {_number(len(self.skipped), 'other file')} skipped")
        frames, regions = _number(totals["frames"], "frame"), _number(totals["regions"], "region")
        lines.append(f"{frames}, {regions} masked, {_number(totals['black'], 'frame')} black")
        lines.append(f"level {self.setup.level}, fill {self.setup.fill}")
        return lines

    def _totals(self) -> dict[str, int]:
        kinds = [item.found.kind for item, _ in self.written]
        made = [one for _, one in self.written]
        return {
            "pictures": kinds.count(Kind.PICTURE),
            "films": kinds.count(Kind.FILM),
            "frames": sum(one.frames for one in made),
            "regions": sum(one.regions for one in made),
            "black": sum(sum(one.black.values()) for one in made),
            "skipped": len(self.skipped),
            "failed": len(self.faults),
        }


def _entry(item: Item, made: Written) -> Json:
    return {
        "path": str(item.name),
        "kind": item.found.kind.value,
        "format": item.write_as.name,
        "width": made.size[0],
        "height": made.size[1],
        "frames": made.frames,
        "fps": made.fps,
        "regions": made.regions,
        "black": {"frames": sum(made.black.values()), "why": made.black},
        "notes": list(made.notes),
    }


def _remarks(made: Written) -> list[str]:
    return [*made.notes, *(f"{_number(number, 'frame')} black: {why}" for why, number in made.black.items())]


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
