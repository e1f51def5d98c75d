"""What a check says of a run when something is not as it must be."""

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Channel(Enum):
    """Where a finding was made."""

    NETWORK = "network"
    COUNTS = "counts"
    TIMING = "timing"
    FILES = "files"
    LOG = "log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that an honest appliance does not do; the text never quotes what was captured."""

    channel: Channel
    text: str
