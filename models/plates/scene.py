"""One picture of the training set: cars with and without plates before a background, as a camera takes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.backdrop import backdrop, cut, plain
from plates.car import FIRMS, MARGIN, Face, face
from plates.clutter import MOST_THINGS, MOST_THINGS_HARD, strew
from plates.lettering import Lettering
from plates.pen import Pen
from plates.plate import Plate, any_plate
from plates.sensor import sensed
from plates.sheet import Alpha, Picture, Sheet, laid
from plates.view import View, any_view, moved, side, warped

# Plates are so wide in the picture, in px; sizes are drawn evenly over the logarithm.
LEAST_PX = 13.0
MOST_PX = 215.0
# A face is drawn finer than it is shown, but never coarser or finer than this, in px per metre.
FINEST = 420.0
COARSEST = 70.0
# Plates of which less is in the picture are none.
LEAST_SEEN = 0.55
# Pictures are coarsened until plates had about so many px before they were enlarged.
COARSEST_PLATE = 14.0
COARSEST_HARD = 11.0
# Grey levels (standard deviation) by which a plate differs in itself.
LEAST_CONTRAST = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What goes into the pictures; the ablation leaves out one at a time."""

    backgrounds: bool = True
    cars: bool = True
    distractors: bool = True
    night: bool = True


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Drawn:
    """A picture, uint8 (H, W, 3) RGB, the corners of its plates (n, 4, 2) in px, and their families."""

    picture: Picture
    corners: NDArray[np.float32]
    families: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Painter:
    """Draws pictures of `size` (width, height); a seed and a number always give the same one.

    Hard ones are fuller of what is no plate, and coarser.
    """

    lettering: Lettering
    photographs: Sequence[Picture]
    recipe: Recipe = Recipe()
    hard: bool = False
    size: tuple[int, int] = (224, 128)

    def draw(self, seed: int, number: int) -> Drawn:
        """Draw one picture."""
        pen = Pen(rng=np.random.default_rng((seed, number)), lettering=self.lettering)
        canvas = backdrop(pen, self.size, self.photographs) if self.recipe.backgrounds else plain(pen, self.size)
        if self.recipe.distractors:
            _signs(pen, canvas)
        corners, families = self._cars(pen, canvas)
        if self.recipe.distractors and pen.chance(0.7):
            most = MOST_THINGS_HARD if self.hard else MOST_THINGS
            strew(pen, canvas, corners, self.photographs if self.recipe.backgrounds else (), most)
        if pen.chance(0.05):
            _post(pen, canvas)
        picture = sensed(
            pen, canvas, corners, night=self.recipe.night, coarsest=COARSEST_HARD if self.hard else COARSEST_PLATE
        )
        if pen.chance(0.1):
            _padded(pen, picture, corners)
        shown = [index for index, quad in enumerate(corners) if _visible(quad, picture)]
        return Drawn(picture=picture, corners=corners[shown], families=tuple(families[index] for index in shown))

    def _cars(self, pen: Pen, canvas: Picture) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        wide = float(np.exp(pen.between(np.log(LEAST_PX), np.log(MOST_PX))))
        number = 0 if pen.chance(0.07) else 1 + (wide < 50 and pen.chance(0.4)) + (wide < 30 and pen.chance(0.4))  # noqa: PLR2004
        shown: list[NDArray[np.float32]] = []
        families: list[str] = []
        for turn in range(number):
            plate = None if pen.chance(0.17) else any_plate(pen)
            if not self.recipe.cars and plate is None:
                continue
            middle = self._place(pen, turn, number)
            drawn_car = self.recipe.cars and pen.chance(0.93)
            found, alpha = (self._car if drawn_car else self._alone)(pen, canvas, plate, wide, middle)
            # What a later car hides of an earlier one is no plate any more.
            open_ones = [index for index, quad in enumerate(shown) if not _hidden(quad, alpha)]
            shown, families = [shown[index] for index in open_ones], [families[index] for index in open_ones]
            if plate is not None and _seen(found[0], self.size):
                shown.append(found[0])
                families.append(plate.family)
        return np.array(shown, np.float32).reshape(-1, 4, 2), tuple(families)

    def _place(self, pen: Pen, turn: int, number: int) -> NDArray[np.float32]:
        share = (turn + pen.between(0.12, 0.88)) / max(1, number)
        return np.array((share * self.size[0], pen.between(0.1, 0.95) * self.size[1]), np.float32)

    def _car(
        self, pen: Pen, canvas: Picture, plate: Plate | None, wide: float, middle: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Alpha]:
        scale = wide / (plate.size[0] if plate else 0.5)
        drawn = face(pen, plate, float(np.clip(1.3 * scale, COARSEST, FINEST)), distractors=self.recipe.distractors)
        if self.photographs and self.recipe.backgrounds and pen.chance(0.5):
            drawn = _reflecting(pen, drawn, self.photographs)
        view = any_view(pen, scale, middle)
        corners = _metres(drawn)
        _flanks(pen, canvas, view, corners, drawn)
        picture, matrix = warped(drawn.pixels, view.seen(corners), self.size)
        alpha = warped(drawn.alpha, view.seen(corners), self.size)[0]
        laid(canvas, picture, alpha, (0, 0))
        return moved(drawn.corners, matrix), alpha

    def _alone(
        self, pen: Pen, canvas: Picture, plate: Plate | None, wide: float, middle: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Alpha]:
        """Show a plate on nothing drawn."""
        if plate is None:
            return np.empty((0, 4, 2), np.float32), np.zeros(canvas.shape[:2], np.uint8)
        view = any_view(pen, wide / plate.size[0], middle)
        half = np.array(plate.size) / 2
        corners = np.array([(x * half[0], y * half[1], 0) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))], np.float32)
        quad = view.seen(corners)
        coarse = min(1.0, 1.5 * wide / plate.pixels.shape[1])
        small = cv2.resize(plate.pixels, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA)
        if pen.chance(0.6):
            grown = quad.mean(axis=0) + (quad - quad.mean(axis=0)) * np.float32(pen.between(1.05, 1.6))
            cv2.fillConvexPoly(
                canvas, np.round(grown * 16).astype(np.int32), pen.near((60, 60, 62), 50), cv2.LINE_AA, 4
            )
        picture, _ = warped(small, quad, self.size)
        alpha, _ = warped(np.full(small.shape[:2], 255, np.uint8), quad, self.size)
        laid(canvas, picture, alpha, (0, 0))
        return quad[None], alpha


def _metres(drawn: Face) -> NDArray[np.float32]:
    """Give the corners of a face in metres (4, 3), the plate's middle at the origin."""
    height, width = drawn.pixels.shape[:2]
    middle = drawn.corners[0].mean(axis=0) if len(drawn.corners) else np.array((width / 2, height * 0.75))
    own = (np.array([(0, 0), (width, 0), (width, height), (0, height)]) - middle) / drawn.scale
    return np.concatenate([own, np.zeros((4, 1))], axis=1).astype(np.float32)


def _flanks(pen: Pen, canvas: Picture, view: View, corners: NDArray[np.float32], drawn: Face) -> None:
    """Draw the car's sides behind its face, and its shadow."""
    inset = np.array((MARGIN, 0, 0), np.float32)
    left, right = corners[[0, 3]] + inset, corners[[1, 2]] - inset
    depth, tone = pen.between(1.0, 3.5), pen.near(drawn.body, 25)
    lift = np.array([(0, 0.45, 0), (0, -0.08, 0)], np.float32)
    side(
        canvas,
        view,
        np.stack([left[1] - (0.1, 0.1, 0), right[1] + (0.1, -0.1, 0)])[::-1].astype(np.float32),
        depth,
        (22, 22, 24),
    )
    for edge in (left, right):
        side(canvas, view, edge + lift, depth, tone)
        side(
            canvas,
            view,
            edge + np.array([(0, 0.15, 0.2), (0, -len(drawn.pixels) / drawn.scale * 0.55, 0.2)], np.float32),
            depth * 0.8,
            (40, 46, 52),
        )


def _reflecting(pen: Pen, drawn: Face, pictures: Sequence[Picture]) -> Face:
    """Let the world shine in paint and glass, not in the plate."""
    height, width = drawn.pixels.shape[:2]
    world = cv2.resize(
        cut(pen, (max(8, width // 4), max(8, height // 4)), pen.one(pictures)),
        (width, height),
        interpolation=cv2.INTER_LINEAR,
    )
    share = pen.between(0.05, 0.35)
    mixed = cv2.addWeighted(drawn.pixels, 1 - share, world, share, 0)
    for quad in drawn.corners.astype(int):
        (x0, y0), (x1, y1) = quad[0], quad[2]
        mixed[y0:y1, x0:x1] = drawn.pixels[y0:y1, x0:x1]
    return Face(
        pixels=np.asarray(mixed, np.uint8), alpha=drawn.alpha, scale=drawn.scale, corners=drawn.corners, body=drawn.body
    )


def _signs(pen: Pen, canvas: Picture) -> None:
    """Set texts and boards before the background: none of them is a plate."""
    height, width = canvas.shape[:2]
    for _ in range(int(pen.rng.integers(0, 4)) if pen.chance(0.5) else 0):
        ink = pen.ink(pen.text(pen.one((*FIRMS, "STOP", "AAAA", "00", "Parking", "Hotel AA"))))
        high = pen.between(5, 40)
        wide = high * min(8.0, ink.shape[1] / ink.shape[0])
        place = (pen.between(-20, width), pen.between(-10, height * 0.8), wide, high)
        sheet = Sheet((width, height), 1.0, (0, 0, 0))
        sheet.pixels = canvas
        dark, light = pen.near((30, 30, 60), 30), pen.near((225, 225, 215), 30)
        ground, tone = (dark, light) if pen.chance(0.5) else (light, dark)
        if pen.chance(0.5):
            margin = high * pen.between(0.2, 1.2)
            sheet.box(
                (place[0] - margin, place[1] - margin, wide + 2 * margin, high + 2 * margin), ground, margin * 0.3
            )
        sheet.letters(ink, place, tone)


def _post(pen: Pen, canvas: Picture) -> None:
    x, wide = pen.between(0, canvas.shape[1]), pen.between(2, 7)
    cv2.line(
        canvas,
        (int(x), 0),
        (int(x + pen.between(-20, 20)), canvas.shape[0]),
        pen.near((90, 90, 90), 60),
        int(wide),
        cv2.LINE_AA,
    )


def _seen(quad: NDArray[np.float32], size: tuple[int, int]) -> bool:
    """Tell whether enough of a plate is in the picture, and it is not seen edge on."""
    area = float(cv2.contourArea(quad))
    inside, _ = cv2.intersectConvexConvex(quad, np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32))
    return area > 16 and inside > LEAST_SEEN * area and float(np.ptp(quad[:, 0])) > 8  # noqa: PLR2004 - two cells by one


def _visible(quad: NDArray[np.float32], picture: Picture) -> bool:
    """Tell whether night and glare left something of a plate: what nobody can see, nobody shall guess at."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.2)
    shape = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(shape, np.round(quad).astype(np.int32), 255)
    return float(cv2.meanStdDev(grey, mask=shape)[1][0, 0]) > LEAST_CONTRAST


def _hidden(quad: NDArray[np.float32], alpha: Alpha) -> bool:
    """Tell whether something lies over a plate's middle or a corner's neighbourhood."""
    height, width = alpha.shape
    points = np.concatenate([quad.mean(axis=0, keepdims=True), (quad + quad.mean(axis=0)) / 2])
    columns, rows = np.clip(points, 0, (width - 1, height - 1)).astype(int).T
    return bool((alpha[rows, columns] > 0).any())


def _padded(pen: Pen, picture: Picture, corners: NDArray[np.float32]) -> None:
    """Leave the right or lower part empty and grey, as a letterbox does, where no plate is."""
    axis = int(pen.rng.integers(2))
    free = int(corners[..., axis].max()) + 2 if len(corners) else 0
    start = int(pen.rng.integers(min(free, picture.shape[1 - axis]), picture.shape[1 - axis] + 1))
    picture[(slice(None), slice(start, None)) if axis == 0 else slice(start, None)] = 127
