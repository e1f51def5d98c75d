"""The authority and devices together, over real TLS: claims are good once, names are held, certificates renewed."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.cli.ca.serve import local_address
from edge.identity.certificate import due_s, load_certificate, over_s
from edge.identity.fault import IdentityError
from edge.identity.keep import keep as keep_papers
from tests.cli.ca.served import DEVICE, Pilot, keep, later, papers, rewrite, served

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pilot(tmp_path: Path) -> Iterator[Pilot]:
    with served(tmp_path) as pilot:
        yield pilot


@pytest.fixture
def site(pilot: Pilot) -> Path:
    """A device that got its certificate."""
    site = pilot.device("first")
    pilot.claim(site.parent / "claim.json")
    assert keep(site) == 0
    return site


def test_a_device_gets_its_certificate_and_the_claim_is_gone(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = site.parent
    certificate = load_certificate(folder / "device.pem")
    assert [attribute.value for attribute in certificate.subject] == ["nice", DEVICE]
    assert stat.S_IMODE((folder / "device.key").stat().st_mode) == 0o600
    assert not (folder / "claim.json").exists()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert keep(site) == 0
    assert "due for renewal in 6" in capsys.readouterr().out


def test_keys_and_folder_are_the_owners_alone(pilot: Pilot) -> None:
    assert stat.S_IMODE(pilot.folder.stat().st_mode) == 0o700
    for key in pilot.folder.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(list(pilot.folder.glob("*.key"))) == 2
    (pilot.folder / "ca.key").chmod(0o640)
    with pytest.raises(IdentityError, match="others than its owner"):
        pilot.desk()


def test_a_second_use_of_a_claim_is_refused(pilot: Pilot, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = pilot.device("first"), pilot.device("second")
    pilot.claim(first.parent / "claim.json")
    shutil.copy(first.parent / "claim.json", second.parent / "claim.json")
    assert keep(first) == 0
    assert keep(second) == 1
    assert "this claim was used before" in capsys.readouterr().err
    assert not (second.parent / "device.pem").exists()
    assert len(list((pilot.folder / "issued").iterdir())) == 1


def test_a_device_that_lost_power_before_it_had_its_certificate_gets_the_same(pilot: Pilot) -> None:
    site = pilot.device("first")
    claim = site.parent / "claim.json"
    pilot.claim(claim)
    kept = claim.read_bytes()
    assert keep(site) == 0
    got = (site.parent / "device.pem").read_bytes()
    (site.parent / "device.pem").unlink()
    claim.touch(mode=0o600)
    claim.write_bytes(kept)
    assert keep(site) == 0
    assert (site.parent / "device.pem").read_bytes() == got


def test_a_claim_for_another_device_is_refused_by_device_and_authority(
    pilot: Pilot, capsys: pytest.CaptureFixture[str]
) -> None:
    site = pilot.device("first", device="promenade-043")
    claim = site.parent / "claim.json"
    pilot.claim(claim)
    assert keep(site) == 1
    assert f"is for nice/{DEVICE}" in capsys.readouterr().err
    # Somebody edits the claim, so that the device itself believes it.
    rewrite(claim, id="promenade-043")
    assert keep(site) == 1
    assert "the claim is not good for this device" in capsys.readouterr().err
    assert not (site.parent / "device.pem").exists()


def test_a_signing_request_for_another_name_is_refused(pilot: Pilot, tmp_path: Path) -> None:
    site, other = pilot.device("first"), pilot.device("other", device="promenade-043")
    for each, device in ((site, DEVICE), (other, "promenade-043")):
        pilot.claim(each.parent / "claim.json", device)
        assert main(["identity", "request", str(each), str(each.parent / "request.json")]) == 0
    theirs = (other.parent / "request.json").read_text()
    request = site.parent / "request.json"
    csr = theirs.partition('"csr": "')[2].partition('"')[0].replace("\\n", "\n")
    rewrite(request, csr=csr)
    with pytest.raises(IdentityError, match=f"is not for nice/{DEVICE}"):
        pilot.desk().enrol(request.read_bytes(), later(0))


def test_an_authority_that_is_not_the_claims_is_refused(
    pilot: Pilot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = pilot.device("first")
    claim = site.parent / "claim.json"
    pilot.claim(claim)
    (tmp_path / "elsewhere").mkdir()
    with served(tmp_path / "elsewhere") as stranger:
        rewrite(claim, ca=(stranger.folder / "ca.pem").read_text())
        assert keep(site) == 1
        assert "does not show the claim's authority" in capsys.readouterr().err
        # The claim's secret was not told; with the right authority it is still good.
        rewrite(claim, ca=(pilot.folder / "ca.pem").read_text())
        assert keep(site) == 0
        # Nor does an authority renew what another one has issued.
        rewrite(site.parent / "authority.json", url=stranger.url, ca=(stranger.folder / "ca.pem").read_text())
        with pytest.raises(IdentityError, match="ends TLS"):
            keep_papers(papers(site), later(61))


def test_an_old_claim_and_one_that_was_replaced_are_refused(pilot: Pilot, capsys: pytest.CaptureFixture[str]) -> None:
    site = pilot.device("first")
    claim = site.parent / "claim.json"
    pilot.claim(claim)
    assert main(["identity", "request", str(site), str(site.parent / "request")]) == 0
    request = (site.parent / "request").read_bytes()
    with pytest.raises(IdentityError, match="is not good"):
        pilot.desk().enrol(request, later(31))
    pilot.claim(site.parent / "newer.json")
    with pytest.raises(IdentityError, match="is not good"):
        pilot.desk().enrol(request, later(0))


def test_renewal_at_two_thirds_of_the_certificates_life(pilot: Pilot, site: Path) -> None:
    before = load_certificate(site.parent / "device.pem")
    life_s = over_s(before) - before.not_valid_before_utc.timestamp()
    assert due_s(before) == pytest.approx(over_s(before) - life_s / 3, abs=1)
    assert "is good" in keep_papers(papers(site), due_s(before) - 60)
    key = (site.parent / "device.key").read_bytes()
    assert keep_papers(papers(site), due_s(before)) == "the certificate was renewed"
    after = load_certificate(site.parent / "device.pem")
    assert after.serial_number != before.serial_number
    assert (site.parent / "device.key").read_bytes() == key
    with pytest.raises(IdentityError, match="is over"):
        keep_papers(papers(site), over_s(after) + 1)


def test_a_revoked_device_is_not_renewed(pilot: Pilot, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ca", "revoke", str(pilot.folder), "nice", DEVICE]) == 0
    with pytest.raises(IdentityError, match="revoked"):
        keep_papers(papers(site), later(61))
    capsys.readouterr()
    assert main(["ca", "list", str(pilot.folder)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in told] == ["revoked", "revoked"]
    assert main(["ca", "revoke", str(pilot.folder), "nice", "nobody"]) == 1


def test_a_renewal_without_a_certificate_is_refused(pilot: Pilot, site: Path) -> None:
    from edge.identity.enrol import RENEW, Authority, ask  # noqa: PLC0415

    authority = Authority(url=pilot.url, ca=(pilot.folder / "ca.pem").read_text())
    with pytest.raises(IdentityError, match="shows the certificate"):
        ask(authority, RENEW, b'{"version": 1, "csr": ""}')


def test_a_connection_that_says_nothing_keeps_nobody_waiting(pilot: Pilot) -> None:
    site = pilot.device("first")
    pilot.claim(site.parent / "claim.json")
    port = int(pilot.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
        assert keep(site) == 0


def test_by_hand_without_any_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ca", "init", str(tmp_path / "ca")]) == 0
    pilot = Pilot(folder=tmp_path / "ca", url="", devices=tmp_path / "devices")
    site = pilot.device("first")
    pilot.claim(site.parent / "claim.json")
    assert keep(site) == 1
    assert "passant identity request" in capsys.readouterr().err
    request, certificate = tmp_path / "request.json", tmp_path / "signed.pem"
    assert main(["identity", "request", str(site), str(request)]) == 0
    assert stat.S_IMODE(request.stat().st_mode) == 0o600
    assert main(["ca", "sign", str(pilot.folder), str(request), "--out", str(certificate)]) == 0
    assert main(["identity", "accept", str(site), str(certificate)]) == 0
    assert not (site.parent / "claim.json").exists()
    # Another device takes no certificate but its own.
    other = pilot.device("other")
    pilot.claim(other.parent / "claim.json")
    assert main(["identity", "accept", str(other), str(certificate)]) == 1
    assert "is another key's" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["0.0.0.0:8443", "8.8.8.8:8443", "[::]:8443", "example:8443", "127.0.0.1"])
def test_it_listens_on_loopback_and_local_addresses_only(address: str) -> None:
    with pytest.raises(IdentityError, match="write one of this machine's"):
        local_address(address)
    assert local_address("192.168.1.2:8443") == ("192.168.1.2", 8443)


def test_the_command_serves(tmp_path: Path) -> None:
    assert main(["ca", "init", str(tmp_path / "ca")]) == 0
    command = [sys.executable, "-m", "edge", "ca", "serve", str(tmp_path / "ca"), "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip().removeprefix("answering at ")
            pilot = Pilot(folder=tmp_path / "ca", url=url, devices=tmp_path / "devices")
            site = pilot.device("first")
            pilot.claim(site.parent / "claim.json")
            assert keep(site) == 0
        finally:
            server.terminate()


def test_an_address_that_no_device_could_use_voids_no_claim(pilot: Pilot, capsys: pytest.CaptureFixture[str]) -> None:
    site = pilot.device("first")
    pilot.claim(site.parent / "claim.json")
    for url in ("http://127.0.0.1:1", "https://somebody@127.0.0.1:1", "https://127.0.0.1", "https://127.0.0.1:1/path"):
        out = ["--url", url, "--out", str(site.parent / "other")]
        assert main(["ca", "claim", str(pilot.folder), "nice", DEVICE, *out]) == 1
        assert "write https://ADDRESS:PORT" in capsys.readouterr().err
    assert keep(site) == 0


def test_the_key_is_given_to_the_publishers_user(pilot: Pilot, capsys: pytest.CaptureFixture[str]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    site = pilot.device("first")
    pilot.claim(site.parent / "claim.json")
    assert main(["identity", "keep", str(site), "--owner", "nobody"]) == 0
    key = site.parent / "device.key"
    assert (key.owner(), stat.S_IMODE(key.stat().st_mode)) == ("nobody", 0o600)
    assert (site.parent / "authority.json").owner() == "root"
    assert main(["identity", "keep", str(site), "--owner", "no-such-user"]) == 1
    assert "there is no user" in capsys.readouterr().err


def test_an_authority_is_not_made_over_another(pilot: Pilot) -> None:
    assert main(["ca", "init", str(pilot.folder)]) == 1
