"""What a card brings: laid out once, whole, and only as files of the device's own folder."""

import base64
import hashlib
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.identity import parcel
from edge.identity.fault import IdentityError

FILES = {"site.toml": b"version = 1", "claim.json": b"{}", "ca.pem": b"PEM", "password": b"secret"}


@given(st.dictionaries(st.from_regex(r"[a-z_-][a-z0-9._-]{0,20}", fullmatch=True), st.binary(max_size=200), max_size=5))
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    assert parcel.unpack(parcel.pack(files) + bytes(1000)) == files


def test_it_is_laid_out_with_secrets_for_the_owner_alone(tmp_path: Path) -> None:
    area, folder = tmp_path / "area", tmp_path / "state/site"
    area.write_bytes(parcel.pack(FILES).ljust(parcel.LEAST_ROOM, b"\0"))
    assert parcel.take(area, folder) == tuple(sorted(FILES))
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("claim.json", "password"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_used_claim_does_not_come_back_and_a_new_card_is_taken(tmp_path: Path) -> None:
    area, folder = tmp_path / "area", tmp_path / "site"
    area.write_bytes(parcel.pack(FILES))
    parcel.take(area, folder)
    (folder / "claim.json").unlink()
    (folder / "device.key").write_text("its own")
    assert parcel.take(area, folder) == ()
    assert not (folder / "claim.json").exists()
    area.write_bytes(parcel.pack({**FILES, "site.toml": b"version = 1 # newer"}))
    assert parcel.take(area, folder)
    assert (folder / "site.toml").read_bytes().endswith(b"newer")
    assert (folder / "device.key").read_text() == "its own"


def test_cut_short_at_any_file_it_begins_anew(tmp_path: Path) -> None:
    area = tmp_path / "area"
    area.write_bytes(parcel.pack(FILES))
    for name in FILES:
        folder = tmp_path / f"without-{name}"
        folder.mkdir()
        # Where a file should be, a folder stands: the laying out ends there with an error.
        (folder / name).mkdir()
        with pytest.raises(OSError, match="irectory"):
            parcel.take(area, folder)
        assert not (folder / "site.toml").is_file()
        (folder / name).rmdir()
        assert parcel.take(area, folder) == tuple(sorted(FILES))
        assert not [
            path for path in folder.iterdir() if path.name.startswith(".site") or path.name.startswith(".claim")
        ]


def wrapped(body: bytes) -> bytes:
    return parcel.MAGIC + f"{len(body)} {hashlib.sha256(body).hexdigest()}\n".encode() + body


@pytest.mark.parametrize("name", ["../site.toml", "/etc/passwd", ".parcel", "a/b", "", "a\n", "a" * 65])
def test_a_file_goes_nowhere_else(tmp_path: Path, name: str) -> None:
    area = tmp_path / "area"
    body = {"site.toml": "", name: base64.b64encode(b"x").decode()}
    area.write_bytes(wrapped(json.dumps(body).encode()))
    with pytest.raises(IdentityError, match="flash the card again"):
        parcel.take(area, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"site.toml": 1}', b'{"site.toml": "no base 64!"}', b"[" * 100_000])
def test_what_is_no_parcel_is_refused(body: bytes) -> None:
    with pytest.raises(IdentityError, match="flash the card again"):
        parcel.unpack(wrapped(body))


def test_a_damaged_parcel_and_an_empty_card_are_refused(tmp_path: Path) -> None:
    whole = bytearray(parcel.pack(FILES))
    whole[-5] ^= 1
    with pytest.raises(IdentityError, match="is damaged"):
        parcel.unpack(bytes(whole))
    with pytest.raises(IdentityError, match="no parcel"):
        parcel.unpack(bytes(1024))
    area = tmp_path / "area"
    area.write_bytes(parcel.pack({}))
    with pytest.raises(IdentityError, match="no site file"):
        parcel.take(area, tmp_path / "site")
