"""Cards that are written: onto files and loop devices, with what stands on them read back from the card alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest

from edge.__main__ import main
from edge.identity import parcel
from edge.identity.claim import Claim, new_secret, save_claim
from tests.cli.flash.drawn_image import MIB, PARCEL_AT, PARCEL_SIZE, SIZE, Release, write_keys, write_release
from tests.cli.flash.loop import loop_device
from tests.sites import write_site

ROOT = Path(__file__).parents[3]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return write_release(tmp_path)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return write_site(tmp_path / "site", port=1883)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.write_bytes(b"\xaa" * (SIZE + 3 * MIB))
    return path


def flash(release: Release, card: Path, site: Path, *more: str) -> int:
    return main(["flash", str(release.image), str(card), "--site", str(site), "--trust", str(release.trust), *more])


def with_certificate(site: Path) -> Claim:
    """Let a site ask for a certificate, and give its device a claim beside it."""
    (site.parent / "ca.pem").write_text("the city's own")
    url = '"mqtts://127.0.0.1:8883"\nca = "ca.pem"\ncertificate = "device.pem"\nkey = "device.key"'
    site.write_text(site.read_text().replace('"mqtt://127.0.0.1:1883"', url))
    claim = Claim(
        org="nice",
        id="promenade-042",
        url="https://127.0.0.1:8443",
        secret=new_secret(),
        expires_s=int(time.time()) + 600,
        ca="PEM",
    )
    save_claim(site.parent / "claim.json", claim)
    return claim


def refused(capsys: pytest.CaptureFixture[str], card: Path) -> str:
    """What was said, where nothing was written."""
    assert set(card.read_bytes()) == {0xAA}
    return capsys.readouterr().err


@pytest.mark.parametrize("gpt", [True, False])
def test_a_card_holds_the_image_and_the_site_file(tmp_path: Path, site: Path, card: Path, *, gpt: bool) -> None:
    release = write_release(tmp_path, gpt=gpt)
    assert flash(release, card, site, "--yes") == 0
    wrote, image = card.read_bytes(), release.image.read_bytes()
    assert parcel.unpack(wrote[PARCEL_AT : PARCEL_AT + PARCEL_SIZE]) == {"site.toml": site.read_bytes()}
    assert wrote[:PARCEL_AT] == image[:PARCEL_AT]
    assert wrote[PARCEL_AT + PARCEL_SIZE : SIZE] == image[PARCEL_AT + PARCEL_SIZE :]
    # Where an older table's copy would lie.
    assert wrote[-MIB:] == bytes(MIB)


def test_a_loop_device_is_written_as_a_disk(tmp_path: Path, release: Release, site: Path, card: Path) -> None:
    with loop_device(card) as device:
        assert flash(release, device, site, "--yes") == 0
    assert card.read_bytes()[PARCEL_AT + PARCEL_SIZE : SIZE] == release.image.read_bytes()[PARCEL_AT + PARCEL_SIZE :]
    target = tmp_path / "device"
    with card.open("rb") as file, target.open("wb") as part:
        file.seek(PARCEL_AT)
        part.write(file.read(PARCEL_SIZE))
    assert parcel.take(target, tmp_path / "state") == ("site.toml",)
    assert (tmp_path / "state/site.toml").read_bytes() == site.read_bytes()


def test_the_label_tells_device_and_claim_and_no_secret(
    release: Release, site: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = with_certificate(site)
    assert flash(release, card, site, "--claim", str(site.parent / "claim.json"), "--yes") == 0
    label = site.parent / "label-promenade-042.png"
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(label)))
    assert text == f"passant:1?device=nice/promenade-042&claim={claim.fingerprint}"
    out, err = capsys.readouterr()
    assert "nice / promenade-042" in out
    assert claim.secret not in out + err + text
    files = parcel.unpack(card.read_bytes()[PARCEL_AT:])
    assert set(files) == {"site.toml", "ca.pem", "claim.json"}
    assert json.loads(files["claim.json"])["secret"] == claim.secret


def test_the_name_of_the_device_is_typed_to_confirm(
    release: Release, site: Path, card: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for typed, code in (("yes\n", 1), ("", 1), ("card\n", 0)):
        (site.parent / "typed").write_text(typed)
        with (site.parent / "typed").open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            assert flash(release, card, site) == code
        if code:
            assert "nothing was written" in refused(capsys, card)


def test_faults_of_the_site_file_are_told_first(
    release: Release, site: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.write_text(site.read_text().replace("seconds = 60", "seconds = 61").replace('"pedestrian"', '"park"'))
    release.image.unlink()
    assert flash(release, card, site, "--yes") == 1
    told = refused(capsys, card)
    assert "windows.seconds" in told
    assert "zones[0].use" in told


def test_an_image_that_is_not_what_was_signed_is_refused(
    release: Release, site: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = bytearray(release.image.read_bytes())
    whole[5 * MIB] ^= 1
    release.image.write_bytes(whole)
    assert flash(release, card, site, "--yes") == 1
    assert "its SHA-256 differs" in refused(capsys, card)
    release.image.write_bytes(whole[:-512])
    assert flash(release, card, site, "--yes") == 1
    assert "its manifest says" in refused(capsys, card)


def test_a_manifest_of_somebody_else_is_refused(
    tmp_path: Path, release: Release, site: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, other = write_keys(tmp_path, "other")
    assert flash(Release(image=release.image, trust=other, key=release.key), card, site, "--yes") == 1
    assert "was not signed by the owner" in refused(capsys, card)
    manifest = tmp_path / "passant.img.manifest"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert flash(release, card, site, "--yes") == 1
    assert "was not signed by the owner" in refused(capsys, card)


def test_openssl_takes_the_signature_too(tmp_path: Path, release: Release) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(release.trust)]
    files = ["-sigfile", f"{release.image}.manifest.sig", "-in", f"{release.image}.manifest"]
    assert subprocess.run([*command, *files], check=False, capture_output=True).returncode == 0


def test_a_claim_must_be_for_this_device_and_nobody_elses_to_read(
    release: Release, site: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_certificate(site)
    claim = site.parent / "claim.json"
    assert flash(release, card, site, "--yes") == 1
    assert "add --claim FILE" in refused(capsys, card)
    claim.chmod(0o644)
    assert flash(release, card, site, "--claim", str(claim), "--yes") == 1
    assert "others than its owner" in refused(capsys, card)
    claim.chmod(0o600)
    site.write_text(site.read_text().replace("promenade-042", "promenade-043"))
    assert flash(release, card, site, "--claim", str(claim), "--yes") == 1
    assert "is for nice/promenade-042" in refused(capsys, card)


def test_an_interrupted_card_does_not_boot_and_that_is_said(tmp_path: Path, site: Path) -> None:
    release = write_release(tmp_path)
    # Large enough that it is not over before it is stopped: sparse, and zeros are written all the same.
    os.truncate(release.image, 256 * MIB)
    assert main(["sign-image", str(release.image), "--key", str(release.key)]) == 0
    card = tmp_path / "card"
    card.write_bytes(release.image.read_bytes()[:SIZE])
    os.truncate(card, 256 * MIB)
    command = [sys.executable, "-m", "edge", "flash", str(release.image), str(card), "--yes"]
    options = ["--site", str(site), "--trust", str(release.trust)]
    with subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        while "writing" not in (line := program.stderr.readline()):
            assert line, "it ended before it wrote"
        program.send_signal(signal.SIGTERM)
        told = program.stderr.read()
    assert program.returncode == 130
    assert "does not boot now" in told
    with card.open("rb") as file:
        assert file.read(MIB) == bytes(MIB)
