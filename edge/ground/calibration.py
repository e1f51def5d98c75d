"""From what an installer measured to a ground plane, and to whether its metres can be believed.

`residual` is what the plane is off where it was not fitted: each point left out in turn, and how far the others put
it from where it is; the root of the mean square, over the diagonal of the points' hull on the ground. With four points
nothing can be left out: then it is how far known lengths are off, each over itself. Of lengths alone, each is left out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge.contract.report import Metres
from edge.ground.homography import LEAST_POINTS, Fit, Homography, Pair, Point, fit
from edge.ground.lengths import LEAST_LENGTHS, fit_lengths, measured
from edge.ground.matrix import SingularError
from edge.ground.region import area, diagonal, hull
from edge.ground.trust import trusted

if TYPE_CHECKING:
    # Not at run time: the configuration itself imports the ground.
    from edge.config.site import Ground, KnownLength

MOST_RESIDUAL: Final = 0.05
# Beyond it a click that is off by a pixel moves places by metres: four places, three of them nearly in a row.
MOST_CONDITION: Final = 150.0
# A point is left out only where the others tell a plane almost as well: else it is their error that would show. Four
# corners and the middle without a corner are three in a row.
MOST_LEFT_CONDITION: Final = 20.0
MOST_WORSE: Final = 3.0
# Lengths tell less: 100 is a focal length known to some 10 % by lengths good to 1 %.
MOST_LENGTHS_CONDITION: Final = 400.0
# Points that span less of the picture than this say nothing about the rest of it.
LEAST_SPAN: Final = 0.002
_MEND_ROW: Final = "measure points at the corners of the place, no three of them in a row"
_MEND_LENGTHS: Final = "measure lengths near and far, along the street and across it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """A ground plane and what it is worth.

    `homography` is None where there is none to speak of. `residual` is None where it cannot be told. `valid` is the
    picture's polygon, in px, where metres may be trusted. `offsets` has for each point how far, in m, the others
    put it from where it was measured; None where they cannot tell. `diagonal_m` is the hull's on the ground; 0: none.
    `px_per_m` are the fewest and the most pixels that a metre has in the valid area. `why` says in words, with a mend,
    what is wrong or what is missing; of a good calibration what it rests on.
    """

    state: Metres
    why: str
    homography: Homography | None = None
    residual: float | None = None
    condition: float = math.inf
    valid: tuple[Point, ...] = ()
    offsets: tuple[Point | None, ...] = ()
    diagonal_m: float = 0.0
    px_per_m: tuple[float, float] | None = None

    @property
    def usable(self) -> bool:
        """Whether there are metres at all."""
        return self.state in {Metres.UNVERIFIED, Metres.VERIFIED}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    """How far a fit is off where it was not fitted: `residual`, each point's offset, and the worst in words."""

    residual: float | None
    worst: str = ""
    offsets: tuple[Point | None, ...] = ()


def calibrate(ground: "Ground", size: tuple[int, int]) -> Calibration:
    """Work out the ground plane of pictures of `size` (w, h) px.

    The ground's own pixels are of pictures of its own size, where it has one, and of this size else.
    """
    pairs, lengths = _scaled(ground, size)
    by_points = len(pairs) >= LEAST_POINTS
    if not by_points and len(lengths) < LEAST_LENGTHS:
        few = f"{len(pairs)} points and {len(lengths)} lengths are too few"
        return Calibration(state=Metres.REFUSED, why=f"{few} — measure 5 points, or 4 and a length, or 4 lengths")
    fault = _fault(pairs, size) if by_points else ""
    try:
        fitted = fit(pairs) if by_points else fit_lengths(lengths, size)
    except SingularError as error:
        return Calibration(state=Metres.REFUSED, why=fault or f"{error} — {_MEND_ROW if by_points else _MEND_LENGTHS}")
    fault = fault or (_bad_points(fitted, pairs) if by_points else _bad_lengths(fitted, lengths))
    if fault:
        return Calibration(state=Metres.REFUSED, why=fault, condition=fitted.condition)
    return _judged(fitted, pairs if by_points else (), lengths, size)


def _scaled(ground: "Ground", size: tuple[int, int]) -> "tuple[tuple[Pair, ...], tuple[KnownLength, ...]]":
    """Give what was measured in pixels of pictures of this size."""
    own = ground.size or size
    x, y = size[0] / own[0], size[1] / own[1]
    lengths = tuple(
        type(each)(
            start=(each.start[0] * x, each.start[1] * y), end=(each.end[0] * x, each.end[1] * y), metres=each.metres
        )
        for each in ground.lengths
    )
    return tuple(((pair.px[0] * x, pair.px[1] * y), pair.m) for pair in ground.points), lengths


def _fault(pairs: Sequence[Pair], size: tuple[int, int]) -> str:
    """Say what is wrong with the points before anything is fitted; empty: nothing."""
    for i, (px, m) in enumerate(pairs):
        for j, (other_px, other_m) in enumerate(pairs[:i]):
            if px == other_px or m == other_m:
                return f"points {j + 1} and {i + 1} are one place — measure another"
    of_m, of_px = hull([m for _, m in pairs]), hull([px for px, _ in pairs])
    if area(of_m) <= 1e-3 * diagonal(of_m) ** 2 or area(of_px) <= 1e-3 * diagonal(of_px) ** 2:
        return f"the points lie on one straight line — {_MEND_ROW}"
    if area(of_px) < LEAST_SPAN * size[0] * size[1]:
        return "the points lie in one corner of the picture — measure points that are farther apart"
    return ""


def _bad_points(fitted: Fit, pairs: Sequence[Pair]) -> str:
    """Say why points give no street's ground plane; empty: they do."""
    if any(fitted.homography.nearness(px) <= 0 for px, _ in pairs):
        return "the points are crossed: the picture shows them in another order — compare each px with its m"
    if not fitted.condition <= MOST_CONDITION:
        return f"the points tell the plane too badly (condition {fitted.condition:.0f}) — {_MEND_ROW}"
    return ""


def _bad_lengths(fitted: Fit, lengths: "Sequence[KnownLength]") -> str:
    if not fitted.condition <= MOST_LENGTHS_CONDITION:
        return f"the lengths tell the plane too badly (condition {fitted.condition:.0f}) — {_MEND_LENGTHS}"
    if any(math.isnan(measured(fitted.homography, each)) for each in lengths):
        return "a length lies above the horizon that the others tell — compare each length's ends with its metres"
    return ""


def _judged(fitted: Fit, pairs: Sequence[Pair], lengths: "Sequence[KnownLength]", size: tuple[int, int]) -> Calibration:
    plane = fitted.homography
    places = [m for _, m in pairs] or [plane.to_metres(px) for each in lengths for px in (each.start, each.end)]
    span = diagonal(hull(places))
    check = _checked(fitted, pairs, lengths, size)
    state, why = _state(check, pairs, lengths)
    valid = trusted(plane, places, size)
    return Calibration(
        state=state,
        why=why,
        homography=plane,
        residual=check.residual,
        condition=fitted.condition,
        valid=valid.polygon,
        offsets=check.offsets,
        diagonal_m=span,
        px_per_m=valid.px_per_m,
    )


def _state(check: _Check, pairs: Sequence[Pair], lengths: "Sequence[KnownLength]") -> tuple[Metres, str]:
    if check.residual is None:
        mend = "measure a fifth point, or a length" if pairs else "measure a fourth length"
        told = f"{len(pairs)} points" if pairs else f"{len(lengths)} lengths"
        return Metres.UNVERIFIED, f"nothing checks {told} — {mend}"
    told = f"{check.residual:.1%}" if check.residual < 1 else "wholly"
    off = f"{told} off where it was not fitted"
    if pairs and sum(offset is not None for offset in check.offsets) == 1 and not lengths:
        off = f"{off}, told by one point alone"
    if not check.residual <= MOST_RESIDUAL:
        return Metres.REFUSED, f"{off}, more than {MOST_RESIDUAL:.0%}: {check.worst} — measure and mark that one anew"
    return Metres.VERIFIED, off


def _checked(fitted: Fit, pairs: Sequence[Pair], lengths: "Sequence[KnownLength]", size: tuple[int, int]) -> _Check:
    """Hold a plane against what it was not fitted to: points or lengths left out in turn, lengths beside points."""
    if not pairs:
        return _of_lengths(_left_out_lengths(lengths, size))
    beside = _of_lengths([_relative(fitted.homography, each) for each in lengths])
    most = max(MOST_LEFT_CONDITION, MOST_WORSE * fitted.condition)
    offsets = tuple(_left_out(pairs, i, most) for i in range(len(pairs)))
    off = [math.hypot(*offset) if offset else None for offset in offsets]
    span = diagonal(hull([m for _, m in pairs]))
    points = _worst(off, span, "point {} is {:.2f} m from where the others put it")
    suspect = _suspect(pairs)
    if suspect is not None:
        points = replace(points, worst=f"without point {suspect + 1} the others agree best")
    worse = max((points, beside), key=lambda check: -1.0 if check.residual is None else check.residual)
    return _Check(residual=worse.residual, worst=worse.worst, offsets=offsets)


def _of_lengths(off: Sequence[float | None]) -> _Check:
    """Make a check of lengths' errors, each over the length itself."""
    return _worst(off, 1.0, "length {} is off by {:.0%}")


def _worst(off: Sequence[float | None], scale: float, words: str) -> _Check:
    known = [(value, i) for i, value in enumerate(off) if value is not None]
    if not known:
        return _Check(residual=None)
    most, which = max(known)
    residual = math.sqrt(sum(value**2 for value, _ in known) / len(known)) / scale
    return _Check(residual=residual, worst=words.format(which + 1, most))


def _suspect(pairs: Sequence[Pair]) -> int | None:
    """Find the point without which the others agree best; None where so few others always do.

    That which is farthest from where the others put it need not be wrong: a wrong one among the others moves them all.
    """
    if len(pairs) < LEAST_POINTS + 2:
        return None
    return min(range(len(pairs)), key=lambda i: _disagreement([*pairs[:i], *pairs[i + 1 :]]))


def _disagreement(pairs: Sequence[Pair]) -> float:
    """Compute how far points are from the plane fitted to them: the sum of squares in m²."""
    try:
        plane = fit(pairs).homography
    except SingularError:
        return math.inf
    off = sum(math.dist(plane.to_metres(px), m) ** 2 for px, m in pairs)
    return math.inf if math.isnan(off) else off


def _left_out(pairs: Sequence[Pair], i: int, most_condition: float) -> Point | None:
    """Tell how far the other points put one from where it was measured, in m; None where they cannot tell."""
    px, m = pairs[i]
    others = [*pairs[:i], *pairs[i + 1 :]]
    if len(others) < LEAST_POINTS:
        return None
    try:
        fitted = fit(others)
    except SingularError:
        return None
    if not fitted.condition <= most_condition:
        return None
    x, y = fitted.homography.to_metres(px)
    # Beyond the horizon of the others: as far off as can be.
    return (math.inf, math.inf) if math.isnan(x) else (x - m[0], y - m[1])


def _left_out_lengths(lengths: "Sequence[KnownLength]", size: tuple[int, int]) -> list[float | None]:
    if len(lengths) <= LEAST_LENGTHS:
        return []
    return [_left_out_length(lengths, i, size) for i in range(len(lengths))]


def _left_out_length(lengths: "Sequence[KnownLength]", i: int, size: tuple[int, int]) -> float | None:
    try:
        fitted = fit_lengths([*lengths[:i], *lengths[i + 1 :]], size)
    except SingularError:
        return None
    return _relative(fitted.homography, lengths[i]) if fitted.condition <= MOST_LENGTHS_CONDITION else None


def _relative(plane: Homography, length: "KnownLength") -> float:
    found = measured(plane, length)
    return math.inf if math.isnan(found) else abs(found - length.metres) / length.metres
