"""The text reader and the face recogniser against real pictures: clear ones they know, masked ones they don't."""

import os
from pathlib import Path

import pytest

from edge.cli.bench.attack_runs import ALONE, CLEAR, Attack, attacks
from edge.cli.bench.attackers import find_attackers
from edge.cli.bench.attacks import judged, table
from edge.cli.bench.environment import UnobtainableError
from edge.config.site import PrivacyFill, PrivacyLevel

DATA = os.environ.get("PASSANT_DATA")

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not DATA, reason="PASSANT_DATA does not say where the test data is"),
]


@pytest.fixture(scope="module")
def found() -> list[Attack]:
    try:
        find_attackers(lambda _: None)
    except UnobtainableError as error:
        pytest.skip(f"the attackers cannot be had here: {error}")
    return list(attacks(Path(DATA or ""), print))


def test_the_attackers_are_able(found: list[Attack]) -> None:
    """Who reads nothing in the clear proves nothing."""
    clear = next(attack for attack in found if attack.masks == CLEAR)
    assert clear.plates.exact > 0.5 * clear.plates.plates
    assert clear.faces.clear == clear.faces.verified == clear.faces.faces
    assert clear.faces.same_fill > 0.9 * clear.faces.faces


def test_every_level_and_fill_is_attacked(found: list[Attack]) -> None:
    masks = {ALONE, *(level.value for level in PrivacyLevel)}
    wanted = {(CLEAR, "")} | {(mask, how.value) for mask in masks for how in PrivacyFill}
    assert {(attack.masks, attack.fill) for attack in found} == wanted


def test_no_attack_does_better_than_on_a_solid_fill(found: list[Attack]) -> None:
    assert [goal for goal, is_met in judged(found) if not is_met] == [], table(found)
