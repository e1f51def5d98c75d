"""An authority that answers on loopback, and devices that ask it, all by the commands that people use."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from edge.__main__ import main
from edge.cli.ca.desk import Desk
from edge.cli.ca.folder import Folder
from edge.cli.ca.serve import Server
from edge.config.disk import Files
from edge.config.load import load
from edge.identity.keep import Papers, papers_of
from tests.sites import write_site

DEVICE = "promenade-042"


@dataclass(frozen=True)
class Pilot:
    """An authority's folder, where it answers, and where devices are made."""

    folder: Path
    url: str
    devices: Path

    def desk(self) -> Desk:
        return Desk(folder=Folder(self.folder))

    def claim(self, out: Path, device: str = DEVICE) -> None:
        assert main(["ca", "claim", str(self.folder), "nice", device, "--url", self.url, "--out", str(out)]) == 0

    def device(self, name: str, *, device: str = DEVICE, port: int = 8883) -> Path:
        """Write the site file of a device that wants a certificate; gives its path."""
        folder = self.devices / name
        folder.mkdir(parents=True)
        site = write_site(folder, port=1883)
        url = f'"mqtts://127.0.0.1:{port}"\nca = "ca.pem"\ncertificate = "device.pem"\nkey = "device.key"'
        text = site.read_text().replace('"mqtt://127.0.0.1:1883"', url)
        site.write_text(text.replace(DEVICE, device))
        (folder / "ca.pem").write_bytes((self.folder / "ca.pem").read_bytes())
        return site


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Pilot]:
    assert main(["ca", "init", str(folder / "ca")]) == 0
    with Server(Desk(folder=Folder(folder / "ca")), "127.0.0.1", 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Pilot(folder=folder / "ca", url=f"https://127.0.0.1:{server.port}", devices=folder / "devices")
        finally:
            server.shutdown()
            thread.join()


def papers(site: Path) -> Papers:
    return papers_of(load(site, files=Files.NONE))


def keep(site: Path) -> int:
    return main(["identity", "keep", str(site)])


def rewrite(claim: Path, **fields: object) -> None:
    """Change fields of a claim's file in place, as somebody might who found it."""
    claim.write_text(json.dumps({**json.loads(claim.read_text()), **fields}))


def later(days: float) -> float:
    return time.time() + days * 86_400
