"""How many people are in each zone, by the estimator that the zone has: its own fit, a density network, or tracks."""

import logging
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.config.site import CrowdFit, Site, Zone
from edge.contract.report import CrowdEstimator
from edge.vision.crowd.density import Crowds, DensityCounter, asks
from edge.vision.crowd.features import NAMES, Features
from edge.vision.crowd.watch import CrowdWatch
from edge.vision.detect.motion import Motion
from edge.vision.frame import Frame
from edge.vision.measure.crowd import Headcount
from edge.vision.track.tracker import Scene

if TYPE_CHECKING:
    from edge.vision.measure.ground import GroundView

_log = logging.getLogger(__name__)

Headcounts = tuple[Headcount | None, ...]


class CrowdCounter:
    """Counts the crowds of one site in pictures of `size` (w, h) px; costs nothing where no zone asks for it."""

    def __init__(
        self, site: Site, size: tuple[int, int], ground: "GroundView | None" = None, eyes: Crowds | None = None
    ) -> None:
        """`eyes` count the zones that ask for it (`density.asks`); without them those are left to the tracks."""
        self._fits = [_usable(zone) for zone in site.zones]
        fitted = [zone for zone, own in zip(site.zones, self._fits, strict=True) if own is not None]
        self._watch = CrowdWatch(fitted, size, ground) if fitted else None
        wanted = eyes if any(map(asks, site.zones)) else None
        self._density = None if wanted is None else DensityCounter(site, size, ground, wanted)
        self._none: Final[Headcounts] = (None,) * len(site.zones)

    def learn(self, frame: Frame) -> None:
        """Learn what the place looks like from a frame that is not counted, its privacy polygons burnt in."""
        if self._watch is not None:
            self._watch.learn(frame)
        if self._density is not None:
            self._density.learn(frame)

    def see(self, frame: Frame, motion: Motion | None, scene: Scene) -> Headcounts:  # noqa: ARG002 - see below
        """Count in a frame, its privacy polygons burnt in, and the scene of the frame before; one entry for each zone.

        None stands where tracks are all there is: no estimator was asked for, or it does not know the place yet. What
        moves is not asked: who stands still would be missing.
        """
        by_net = self._none if self._density is None else self._density.see(frame)
        return tuple(fit or net for fit, net in zip(self._by_fit(frame, scene), by_net, strict=True))

    def _by_fit(self, frame: Frame, scene: Scene) -> Headcounts:
        if self._watch is None:
            return self._none
        self._watch.see(frame, scene)
        features = self._watch.features()
        if features is None:
            return self._none
        told = iter(features)
        return tuple(None if own is None else fitted(own, next(told)) for own in self._fits)


def fitted(own: CrowdFit, features: Features) -> Headcount:
    """Count by a zone's fit; never fewer than nobody."""
    people = float(np.dot(own.weights, features))
    return Headcount(people=max(0.0, people), estimator=CrowdEstimator.SITE_FIT, error=own.error)


def _usable(zone: Zone) -> CrowdFit | None:
    own = zone.crowd
    if own is not None and len(own.weights) != len(NAMES):
        _log.warning(
            "zone %s: its crowd fit has %d weights, this version's have %d: people are counted one by one — run "
            "passant calibrate-crowd again",
            zone.id, len(own.weights), len(NAMES),
        )  # fmt: skip
        return None
    return own
