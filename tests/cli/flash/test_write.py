"""The writing itself: what reads back otherwise, or changes meanwhile, leaves a card that does not boot."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from edge.cli.flash.fault import FlashError
from edge.cli.flash.manifest import Manifest, verified
from edge.cli.flash.target import target_at
from edge.cli.flash.write import Patch, write_card
from tests.cli.flash.drawn_image import MIB, PARCEL_AT, SIZE, Release, silent, write_release
from tests.cli.flash.loop import loop_device


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return write_release(tmp_path)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.write_bytes(b"\xaa" * (SIZE + 2 * MIB))
    return path


def manifest_of(release: Release) -> Manifest:
    return verified(release.image, release.trust, silent)


def once(doing: str, does: Callable[[], None]) -> Callable[[str, int, int], None]:
    """Give a progress that does something as a step begins, as a failing card or somebody else might."""
    left = [does]

    def tell(what: str, _done: int, _total: int) -> None:
        if what == doing and left:
            left.pop()()

    return tell


def spoil(path: Path) -> Callable[[], None]:
    def does() -> None:
        with path.open("r+b") as file:
            file.seek(5 * MIB + 7)
            file.write(b"spoilt")

    return does


@pytest.mark.parametrize("is_disk", [True, False])
def test_a_card_that_reads_back_otherwise_does_not_boot(release: Release, card: Path, *, is_disk: bool) -> None:
    """On a loop device the kernel's memory of it still holds what was written: only the card itself tells."""
    manifest, patch = manifest_of(release), Patch(start=PARCEL_AT, content=b"parcel")
    progress = once("reading back", spoil(card))
    with loop_device(card) if is_disk else nullcontext(card) as path:
        target = target_at(path, least=SIZE, huge=False)
        with pytest.raises(FlashError, match="reads back otherwise than it was written"):
            write_card(release.image, manifest, target, patch, progress)
    assert card.read_bytes()[:MIB] == bytes(MIB)


def test_an_image_that_changes_while_it_is_written_does_not_boot(release: Release, card: Path) -> None:
    manifest, patch = manifest_of(release), Patch(start=PARCEL_AT, content=b"parcel")
    target = target_at(card, least=SIZE, huge=False)
    with pytest.raises(FlashError, match="changed while it was written"):
        write_card(release.image, manifest, target, patch, once("writing", spoil(release.image)))
    assert card.read_bytes()[:MIB] == bytes(MIB)


@pytest.mark.parametrize("start", [0, MIB - 3, MIB, 3 * MIB - 5, 6 * MIB - 8])
def test_a_patch_lies_where_it_should_across_pieces(start: int) -> None:
    image, patch = bytes(range(256)) * (6 * MIB // 256), Patch(start=start, content=b"12345678")
    pieces = [patch.laid_over(image[at : at + MIB], at) for at in range(0, len(image), MIB)]
    assert b"".join(pieces) == image[:start] + b"12345678" + image[start + 8 :]
