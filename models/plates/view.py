"""How a flat face comes to lie in the picture: turned, seen from above, from near or far."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from plates.pen import Pen
from plates.sheet import Colour, Picture

Points = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class View:
    """A camera: `turn` (3, 3) rotates metres, `scale` in px per metre, `away` in metres, `shift` (2,) in px."""

    turn: NDArray[np.float32]
    scale: float
    away: float
    shift: Points

    def seen(self, points: NDArray[np.float32]) -> Points:
        """Project points (n, 3) in metres to px (n, 2)."""
        turned = points @ self.turn.T
        return (turned[:, :2] * self.scale / (1 + turned[:, 2:] / self.away) + self.shift).astype(np.float32)


def any_view(pen: Pen, scale: float, middle: Points) -> View:
    """Choose a view in which the origin lies at `middle` px."""
    steep = pen.chance(0.2)
    yaw = np.radians(pen.rng.normal(0, 22) if pen.chance(0.7) else pen.between(-60, 60))
    pitch = np.radians(pen.between(15, 50) if steep else pen.between(-8, 20))
    roll = np.radians(pen.rng.normal(0, 4))
    turn = _about(2, float(roll)) @ _about(0, float(pitch)) @ _about(1, float(yaw))
    return View(turn=turn.astype(np.float32), scale=scale, away=float(np.exp(pen.between(1.3, 3.7))), shift=middle)


def warped(picture: Picture, corners: Points, size: tuple[int, int]) -> tuple[Picture, NDArray[np.float64]]:
    """Warp a picture so that its corners come to lie there; gives it and the homography."""
    height, width = picture.shape[:2]
    own = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(own, corners)
    return np.asarray(cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR), np.uint8), matrix


def moved(corners: Points, matrix: NDArray[np.float64]) -> Points:
    """Move corners (n, 4, 2) by a homography."""
    if not len(corners):
        return corners
    return np.asarray(cv2.perspectiveTransform(corners.reshape(-1, 1, 2), matrix), np.float32).reshape(-1, 4, 2)


def side(under: Picture, view: View, edge: Points, depth: float, tone: Colour) -> None:
    """Fill the side of a car, from an edge of its face (upper, lower; metres) backwards."""
    back = edge + np.array((0, 0, depth), np.float32)
    quad = view.seen(np.stack([edge[0], back[0], back[1], edge[1]]))
    cv2.fillConvexPoly(under, np.round(quad * 16).astype(np.int32), tone, cv2.LINE_AA, 4)


def _about(axis: int, angle: float) -> NDArray[np.float64]:
    turn = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    turn[i, i] = turn[j, j] = np.cos(angle)
    turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
    return turn
