"""The ceiling on how sharp a picture may be: `privacy.max_px_per_m`, IEC 62676-4 read backwards.

That standard says how many pixels a metre must have for an operator to detect somebody (25), recognise a known person
(125) or identify an unknown one (250). A site that sets fewer has its pictures scaled down before anything looks at
them.
"""

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from edge.config import SiteError
from edge.config.fault import Fault
from edge.config.scale import Size, scaled
from edge.config.site import Site
from edge.ground.calibration import MOST_RESIDUAL, Calibration, calibrate
from edge.ground.homography import Homography
from edge.ground.matrix import SingularError
from edge.ground.pose import pose_of
from edge.ground.trust import sharpest
from edge.vision.frame import Frame

# Heads are nearer to the camera than the ground below them; who is taller is still no sharper than the margin allows.
HEAD_M: Final = 1.8


class Reducer:
    """Scales the pictures of one camera, of `size` (w, h) px, down to what the site allows; else leaves them alone.

    Raises SiteError where the site asks for a ceiling and its ground cannot tell what that means.
    """

    def __init__(self, site: Site, size: Size) -> None:
        self.size = _allowed(site, size)
        """(w, h) of the pictures that `reduce` gives."""
        self.site = site if self.size == size else scaled(site, size, self.size)
        """The site for them."""
        self._own = size

    def reduce(self, frame: Frame) -> Frame:
        """Give a frame of `size` from one of the camera's; the same where there is nothing to do."""
        if self.size == self._own:
            return frame
        smaller = cv2.resize(frame.pixels, self.size, interpolation=cv2.INTER_AREA)
        return replace(frame, pixels=np.asarray(smaller, np.uint8))


def _allowed(site: Site, size: Size) -> Size:
    ceiling = site.privacy.max_px_per_m
    if ceiling is None:
        return size
    factor = min(1.0, ceiling / most_px_per_m(site, size))
    width, height = (max(1, math.floor(side * factor)) for side in size)
    return width, height


def most_px_per_m(site: Site, size: Size) -> float:
    """Tell how many pixels a metre may have anywhere on the ground or at a head's height in pictures of `size` px.

    The whole picture below the horizon counts, also where metres are not trusted, and what the calibration may be off.
    Raises SiteError where the ground cannot tell.
    """
    if site.ground is None:
        raise _unknown(site, "there is no [ground] that says what a metre is")
    ground = replace(site.ground, size=site.ground.size or site.camera.size or size)
    calibration = calibrate(ground, size)
    if not calibration.usable or calibration.homography is None:
        raise _unknown(site, f"[ground] cannot be used: {calibration.why}")
    most = max(sharpest(plane, size) for plane in _planes(calibration.homography, size))
    return most * (1 + _margin(calibration))


def _planes(ground: Homography, size: Size) -> tuple[Homography, ...]:
    """Give the maps to the ground and, where the camera's pose is known, to the plane of heads."""
    pose = pose_of(ground, size)
    if pose is None or pose.height_m <= HEAD_M:
        return (ground,)
    try:
        return ground, Homography.of(pose.plane(HEAD_M), (size[0] / 2, size[1] * 1e3))
    except SingularError:
        return (ground,)


def _margin(calibration: Calibration) -> float:
    return 2 * (MOST_RESIDUAL if calibration.residual is None else calibration.residual)


def _unknown(site: Site, cause: str) -> SiteError:
    mend = "measure 5 points of [ground] well, or take max_px_per_m out"
    return SiteError((Fault(file=site.path, line=None, key="privacy.max_px_per_m", cause=cause, mend=mend),))
