"""`passant bench attacks`: a text reader and a face recogniser against masked pictures, at every level and fill.

The attackers know where to look: they get the place of each plate and face. `alone` are masks no larger than the plate
or face itself, as small as a mask can be. What counts is the rate of a solid fill, which leaves nothing to know.
"""

import argparse
import json
import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from edge.cli.bench.data import add_data
from edge.cli.bench.environment import UnobtainableError
from edge.cli.bench.truth import TruthError
from edge.config.site import PrivacyFill

if TYPE_CHECKING:
    from edge.cli.bench.attack_runs import Attack

Goal = tuple[str, bool]

# Readings by chance differ so much in how alike they are to texts.
_MOST_ALIKE: Final = 0.02
# So seldom may luck alone do better than what is allowed.
_LUCK: Final = 0.01
_HEAD = (
    f"{'masks':<21}{'fill':<10}{'plates read':>12}{'alike':>7}{'chance':>8}{'faces known':>13}{'verified':>10}"
    f"{'same fill':>11}{'colours':>9}"
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `passant bench attacks`."""
    parser = subparsers.add_parser(
        "attacks",
        help="a text reader and a face recogniser against masked pictures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data(parser, "plates/ and faces/")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Attack and print; exit 0 when no attack did better than on a solid fill."""
    from edge.cli.bench.attack_runs import attacks  # noqa: PLC0415 - numpy is for those who attack
    from edge.vision.detect.manifest import ModelError  # noqa: PLC0415

    try:
        found = list(attacks(args.data, lambda text: print(text, file=sys.stderr)))
    except (TruthError, OSError, UnobtainableError, ModelError) as error:
        print(f"not attacked: {error}", file=sys.stderr)
        return 2
    goals = judged(found)
    if args.json:
        print(json.dumps({"attacks": [asdict(attack) for attack in found], "goals": dict(goals)}, indent=1))
    else:
        print(table(found))
        for goal, is_met in goals:
            print(f"{'met   ' if is_met else 'MISSED'}  {goal}")
    return 0 if all(is_met for _, is_met in goals) else 1


def judged(found: "list[Attack]") -> list[Goal]:
    """Hold each fill against the solid one behind the same masks, and both against chance."""
    solid = {attack.masks: attack for attack in found if attack.fill == PrivacyFill.SOLID.value}
    goals = []
    for attack in found:
        if attack.fill:
            goals += _judged(attack, solid[attack.masks])
    return goals


def _judged(attack: "Attack", solid: "Attack") -> list[Goal]:
    named = f"{attack.masks}, {attack.fill}"
    plates, faces = attack.plates, attack.faces
    allowed = max(solid.faces.clear, by_luck(faces.faces))
    alike = max(plates.by_chance, solid.plates.alike) + _MOST_ALIKE
    return [
        (f"{named}: no plate read; {plates.exact}", plates.exact <= solid.plates.exact),
        (
            f"{named}: readings as alike as by chance; {plates.alike:.3f} to {plates.by_chance:.3f}",
            plates.alike <= alike,
        ),
        (f"{named}: at most {allowed} faces known, as in solid or by luck; {faces.clear}", faces.clear <= allowed),
    ]


def by_luck(number: int) -> int:
    """Give how many of so many faces a guess knows in a gallery of as many, in all but 1 % of cases."""
    hits, chance = 0, 0.0
    while True:
        chance += math.comb(number, hits) * (1 / number) ** hits * (1 - 1 / number) ** (number - hits)
        if chance >= 1 - _LUCK:
            return hits
        hits += 1


def table(found: "list[Attack]") -> str:
    """Write one line an attack, under a head, and what its columns are."""
    words = (
        "faces known: nearest of a clear gallery of all; verified: nearer than the recogniser's threshold;\n"
        "same fill and colours: nearest of altered copies behind the same masks, by the recogniser and by bare colours"
    )
    return "\n".join([_HEAD, *map(_line, found), words])


def _line(attack: "Attack") -> str:
    plates, faces = attack.plates, attack.faces
    return (
        f"{attack.masks:<21}{attack.fill:<10}{f'{plates.exact}/{plates.plates}':>12}{plates.alike:>7.3f}"
        f"{plates.by_chance:>8.3f}{f'{faces.clear}/{faces.faces}':>13}{faces.verified:>10}{faces.same_fill:>11}"
        f"{faces.colours:>9}"
    )
