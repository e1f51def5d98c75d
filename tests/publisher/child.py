"""A publisher as a process of its own: `python -m tests.publisher.child SETTINGS`, settings as JSON.

At its end it writes the modules it has loaded, and its peak memory in kB, to the file that `told` names.
"""

import json
import logging
import re
import sys
from dataclasses import replace
from pathlib import Path

from edge.publisher.process import run
from tests.publisher.street import alert_site, site_at

settings = json.loads(sys.argv[1])
logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
paths = {name: Path(value) for name, value in settings["files"].items()}
site = site_at(settings["port"], host=settings["host"], tls=settings["tls"], username=settings["username"], **paths)
if settings["alerts"]:
    site = alert_site(site)
if settings["device"]:
    site = replace(site, device=replace(site.device, id=settings["device"]))
# Opened before the process gives up its rights. Not getrusage: its peak is of before exec, too, when we were a copy of
# whoever started us.
with Path("/proc/self/status").open(encoding="ascii") as status:
    code = run(site, Path(settings["state"]), Path(settings["channel"]), isolation=settings["isolation"])
    peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
assert peak is not None
told = {"modules": sorted(sys.modules), "kilobytes": int(peak[1])}
Path(settings["told"]).write_text(json.dumps(told))
sys.exit(code)
