"""The site file: one TOML that an installer writes, read into frozen, checked values."""

from edge.config.disk import Files
from edge.config.fault import Fault, SiteError
from edge.config.load import load
from edge.config.picture import check_inside

__all__ = ["Fault", "Files", "SiteError", "check_inside", "load"]
