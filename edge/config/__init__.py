"""The site file: one TOML that an installer writes, read into frozen, checked values."""

from edge.config.disk import Files
from edge.config.fault import Fault, SiteError
from edge.config.load import load

__all__ = ["Fault", "Files", "SiteError", "load"]
