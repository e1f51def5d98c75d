"""A drawn crowd: a ground seen by a camera at some height, people on it in perspective, the far ones first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from crowd.backdrop import backdrop, cut, plain, thing
from crowd.figure import FOOT_M, PX_PER_M, SIDES, figure, mips
from crowd.pen import Light, Pen, Picture
from crowd.sensor import sensed

SIZE: Final = 256
# How steeply figures are seen, in radians; each view has so many figures of each side.
DOWNS: Final = (0.08, 0.3, 0.52, 0.75, 1.0)
EACH: Final = 22
MOST_PEOPLE: Final = 900
# People so far beside the picture reach into it.
ASIDE_PX: Final = 20.0
# A head of which less is seen is not labelled: nobody could count it.
LEAST_SEEN: Final = 0.35

Layers = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Person:
    """A figure at each size, where its head is from its feet (right, up) m, and the head's height in m."""

    sizes: list[Layers]
    head: tuple[float, float]
    head_m: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Drawn:
    """A picture, uint8 (SIZE, SIZE, 3) RGB, and the heads in it: float32 (n, 3), x, y and height in px."""

    picture: Picture
    heads: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A camera `above` m over the ground, of focal length `focal` px, the horizon at row `horizon`."""

    above: float
    focal: float
    horizon: float

    @classmethod
    def drawn(cls, pen: Pen) -> Self:
        """Choose one that shows heads of 4 to 60 px and looks down by at most 63 degrees."""
        while True:
            nearest = pen.ratio(20, 260)
            above, focal = pen.ratio(2.2, 30), pen.ratio(500, 2_500)
            if nearest * above / focal < math.tan(1.1):
                return cls(above=above, focal=focal, horizon=SIZE - nearest * above)

    def scale(self, row: float) -> float:
        """Tell the px a metre of things whose feet are at a row."""
        return (row - self.horizon) / self.above

    def down(self, row: float) -> float:
        """Tell how steeply a row's ground is seen, in radians."""
        return math.atan((row - self.horizon) / self.focal)


class Painter:
    """Draws crowds with a stock of people and photographs; the same seed and number draw the same.

    `hard` pictures have more of real places behind and between people, and real surfaces' grain upon them: drawn people
    are smooth, and a network that has seen no others takes each fold of a real coat for somebody. `empty` ones have
    nobody: things, places, plain surfaces.
    """

    def __init__(self, photographs: Sequence[Picture], seed: int, *, hard: bool = False, empty: bool = False) -> None:
        self._photographs = photographs
        self._hard = hard or empty
        self._empty = empty
        self._grains = [_grain(picture) for picture in photographs] if self._hard else []
        pen = Pen(rng=np.random.default_rng([seed, 1]))
        self._stock = {
            (down, side): [_person(pen, side, down) for _ in range(EACH)] for down in DOWNS for side in SIDES
        }

    def draw(self, seed: int, number: int) -> Drawn:
        """Draw one picture."""
        pen = Pen(rng=np.random.default_rng([seed, 2, number]))
        view = View.drawn(pen)
        real = 0.6 if self._hard else 0.3
        if self._empty and pen.chance(0.3):
            canvas = plain(pen, (SIZE, SIZE))
        else:
            canvas = backdrop(pen, (SIZE, SIZE), view.horizon, self._photographs, real)
        nobody = 0.2 if self._hard else 0.1
        feet = np.empty((0, 2)) if self._empty or pen.chance(nobody) else _feet(pen, view)
        heads = self._people(pen, view, canvas, feet)
        picture = sensed(pen, canvas, night=0.4 if self._empty else 0.14)
        if pen.chance(0.5):
            picture = np.ascontiguousarray(picture[:, ::-1])
            heads[:, 0] = SIZE - heads[:, 0]
        return Drawn(picture=picture, heads=heads)

    def _people(self, pen: Pen, view: View, canvas: Picture, feet: NDArray[np.float64]) -> NDArray[np.float32]:
        """Draw people, far ones first, and things between them; gives the heads that can be seen."""
        owner = np.zeros((SIZE, SIZE), np.int32)
        easel = _Easel(pen=pen, canvas=canvas, owner=owner)
        heads = np.zeros((len(feet), 3), np.float32)
        sizes = np.zeros(len(feet))
        faced = pen.rng.dirichlet(pen.one(((1, 1, 1, 1), (6, 0.4, 0.5, 0.5), (0.4, 6, 0.5, 0.5), (3, 3, 0.3, 0.3))))
        rough = pen.between(0.1, 0.6) if self._hard else 0.0
        cluttered = pen.between(0.0, 0.02 if len(feet) > 60 else 0.12)  # noqa: PLR2004
        for index, (x, row) in enumerate(feet):
            scale = view.scale(row)
            if pen.chance(cluttered):
                before = canvas.copy()
                self._thing(pen, canvas, (x + pen.between(-1, 1) * scale, row), scale)
                owner[np.any(before != canvas, axis=2)] = 0
            who = self._someone(pen, view.down(row), faced)
            heads[index] = x + who.head[0] * scale, row - who.head[1] * scale, who.head_m * scale
            grain = pen.one(self._grains) * rough if self._grains else None
            sizes[index] = easel.lay(who, (x, row), scale, index + 1, grain)
        if not len(feet):
            for row in np.sort(pen.rng.uniform(max(view.horizon + 5, 0), SIZE * 1.2, int(pen.rng.integers(0, 40)))):
                self._thing(pen, canvas, (pen.between(0, SIZE), row), view.scale(row))
        seen = np.bincount(owner.ravel(), minlength=len(feet) + 1)[1:]
        inside = np.all((heads[:, :2] >= 0) & (heads[:, :2] < SIZE), axis=1)
        return heads[inside & (seen >= LEAST_SEEN * np.maximum(sizes, 1))]

    def _thing(self, pen: Pen, canvas: Picture, foot: tuple[float, float], scale: float) -> None:
        """Draw something that is nobody, or put a piece of a photograph there."""
        if not self._hard or pen.chance(0.5):
            thing(pen, canvas, foot, scale)
            return
        wide, high = (int(np.clip(scale * pen.between(0.3, 2.0), 4, SIZE)) for _ in range(2))
        x, y = (int(np.clip(place, 0, SIZE - 4)) for place in (foot[0], foot[1] - high))
        part = cut(pen, (wide, high), pen.one(self._photographs))[: SIZE - y, : SIZE - x]
        canvas[y : y + part.shape[0], x : x + part.shape[1]] = part

    def _someone(self, pen: Pen, down: float, faced: NDArray[np.float64]) -> Person:
        nearest = min(DOWNS, key=lambda each: abs(each - down))
        return pen.one(self._stock[nearest, SIDES[int(pen.rng.choice(4, p=faced))]])


def _grain(picture: Picture) -> Light:
    """Take the fine light and dark of a surface from a photograph: (SIZE, SIZE), mean 0, deviation 1 at the most."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    height, width = grey.shape
    grey = np.tile(grey, (-(-SIZE // height), -(-SIZE // width)))[:SIZE, :SIZE]
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 12)
    return np.asarray((fine / max(float(fine.std()), 12.0)).clip(-2.5, 2.5), np.float32)


def _person(pen: Pen, side: str, down: float) -> Person:
    one = figure(pen, side, down)
    return Person(sizes=mips(one), head=one.head, head_m=one.head_m)


def _feet(pen: Pen, view: View) -> NDArray[np.float64]:
    """Choose where people stand: px (n, 2), x and row, the far ones first.

    They stand on a shaken grid on the ground, so dense here and thin there as smooth noise says; some in pairs.
    """
    dense = pen.ratio(0.12, 7.0)
    # So near that of who stands there only the head is in the picture; so far that heads are under 4 px.
    near_row = SIZE + 1.8 * view.scale(SIZE)
    far_row = max(view.horizon + 16 * view.above, -20.0)
    near, far = (view.focal * view.above / (row - view.horizon) for row in (near_row, far_row))
    half = 0.6 * SIZE / max(view.scale(far_row), 1.0)
    step = 1 / math.sqrt(dense)
    if (far - near) * 2 * half * dense > MOST_PEOPLE * 12:
        far = near + MOST_PEOPLE * 12 / (2 * half * dense)
    x, z = np.meshgrid(np.arange(-half, half, step), np.arange(near, far, step))
    x, z = (axis.ravel() + pen.rng.uniform(-0.42, 0.42, axis.size) * step for axis in (x, z))
    x, z = _paired(pen, x, z)
    column = SIZE / 2 + x * view.focal / z
    row = view.horizon + view.focal * view.above / z
    kept = (column > -ASIDE_PX) & (column < SIZE + ASIDE_PX) & _field(pen, column, row)
    feet = np.stack([column, row], axis=1)[kept]
    if len(feet) > MOST_PEOPLE:
        feet = feet[pen.rng.permutation(len(feet))[:MOST_PEOPLE]]
    return feet[np.argsort(feet[:, 1])]


def _paired(
    pen: Pen, x: NDArray[np.float64], z: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give some of them somebody at their side."""
    with_ = pen.rng.random(len(x)) < pen.one((0.0, 0.1, 0.35))
    aside = pen.rng.choice([-1, 1], with_.sum()) * pen.rng.uniform(0.4, 0.7, with_.sum())
    return np.concatenate([x, x[with_] + aside]), np.concatenate([z, z[with_] + pen.rng.normal(0, 0.15, with_.sum())])


def _field(pen: Pen, column: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Thin a crowd out by smooth noise over the picture, or not at all."""
    how = pen.rng.random()
    if how < 0.3:  # noqa: PLR2004
        return np.ones(len(column), bool)
    field = pen.clouds((64, 64), pen.between(2, 7))
    cells = field[np.clip(row * 64 / SIZE, 0, 63).astype(int), np.clip(column * 64 / SIZE, 0, 63).astype(int)]
    if how < 0.65:  # noqa: PLR2004
        return np.asarray(cells > pen.between(-0.8, 1.0))
    return np.asarray(pen.rng.random(len(column)) < 1 / (1 + np.exp(-2.0 * cells - pen.between(-1.5, 1.0))))


def _resized(source: Layers, size: tuple[int, int]) -> Layers:
    smaller = size[0] <= source.shape[1] and size[1] <= source.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    # OpenCV takes four channels at the most.
    return np.dstack([cv2.resize(part, size, interpolation=how) for part in (source[..., :4], source[..., 4])])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Easel:
    """The picture that is drawn, and whose head each px shows: 0 for nobody's."""

    pen: Pen
    canvas: Picture
    owner: NDArray[np.int32]

    def lay(self, who: Person, foot: tuple[float, float], scale: float, mark: int, grain: Light | None) -> float:
        """Lay a person over the picture, in place, and mark the head's pixels; gives how many px the head has."""
        wanted = scale / PX_PER_M
        level = min(len(who.sizes) - 1, max(0, math.floor(-math.log2(max(wanted, 1e-3)))))
        source = who.sizes[level]
        zoom = wanted * 2**level
        width, height = max(2, round(source.shape[1] * zoom)), max(4, round(source.shape[0] * zoom))
        layers = _resized(source, (width, height))
        left, top = round(foot[0] - width / 2), round(foot[1] - height + FOOT_M * scale)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, SIZE), min(top + height, SIZE)
        head_px = float(np.count_nonzero(layers[..., 4] > 127))  # noqa: PLR2004
        if x0 >= x1 or y0 >= y1:
            return head_px
        part = layers[y0 - top : y1 - top, x0 - left : x1 - left]
        alpha = part[..., 3:4].astype(np.uint16)
        under = self.canvas[y0:y1, x0:x1]
        tone: float | Light = np.float32(self.pen.rng.uniform(0.75, 1.2))
        if grain is not None:
            down, right = (
                self.pen.rng.integers(0, SIZE - part.shape[0] + 1),
                self.pen.rng.integers(0, SIZE - part.shape[1] + 1),
            )
            rough = grain[down : down + part.shape[0], right : right + part.shape[1], None]
            tone = np.asarray(tone * np.clip(1 + rough, 0.2, 2.0), np.float32)
        under[:] = np.minimum(part[..., :3] * tone + under * ((255 - alpha) / np.float32(255)), 255)
        marks = self.owner[y0:y1, x0:x1]
        marks[alpha[..., 0] > 127] = 0  # noqa: PLR2004
        marks[part[..., 4] > 127] = mark  # noqa: PLR2004
        return head_px
