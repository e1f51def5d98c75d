"""What lies beneath a privacy polygon reaches neither the motion model, nor the detector, nor a still."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from edge.config.site import CameraSite, Detector, Device, Legal, Line, Privacy, Site, SourceKind
from edge.contract.report import CameraState
from edge.units import NS_PER_S
from edge.vision.anonymise.fill import SOLID
from edge.vision.detect.motion import Motion
from edge.vision.detect.region import Region
from edge.vision.frame import Detections, Frame, Pixels
from edge.vision.pipeline import Crew, Pipeline
from edge.vision.track.tracker import Scene

SIZE = (160, 96)
# The right half, and a little of the left; given so that its border falls between pixels.
POLYGON = ((79.5, 0.0), (160.0, 0.0), (160.0, 96.0), (79.5, 96.0))
HIDDEN_FROM = 79


@dataclass(kw_only=True)
class Witness:
    """What is shown to the detector and to an onlooker."""

    shown: list[Pixels] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)

    def detect(self, pixels: Pixels, regions: tuple[Region, ...]) -> Detections:  # noqa: ARG002  the protocol's
        self.shown.append(pixels.copy())
        return Detections.none()

    def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:  # noqa: ARG002
        self.shown.append(frame.pixels.copy())
        if motion is not None and motion.trusted:
            self.moved.append(int(np.count_nonzero(motion.mask)))


def a_site(*polygons: tuple[tuple[float, float], ...]) -> Site:
    return Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=CameraSite(kind=SourceKind.SYNTHETIC, target="still"),
        lines=(Line(id="quai", start=(80, 10), end=(80, 85)),),
        zones=(),
        window_s=60,
        legal=Legal(),
        detector=Detector(),
        broker=None,
        privacy=Privacy(polygons=polygons),
    )


def walk(columns: range) -> Iterator[Frame]:
    """A bright block that goes to and fro over a street, within these columns."""
    street = np.random.default_rng(1).integers(60, 120, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    for index in range(60):
        pixels = street.copy()
        x = columns.start + index * 4 % (len(columns) - 20)
        pixels[30:70, x : x + 20] = 250
        pixels.flags.writeable = False
        yield Frame(pixels=pixels, taken_ns=index * NS_PER_S // 5, index=index)


def watched(site: Site, columns: range) -> Witness:
    witness = Witness()
    pipeline = Pipeline(site, Crew(eye=witness, onlooker=witness), SIZE)
    for frame in walk(columns):
        pipeline.learn(frame) if frame.index < 10 else pipeline.see(frame, frame.taken_ns)
    return witness


def test_nobody_is_shown_what_lies_beneath() -> None:
    witness = watched(a_site(POLYGON), range(160))
    assert len(witness.shown) > 50
    for pixels in witness.shown:
        assert (pixels[:, HIDDEN_FROM:] == SOLID).all()
        assert not (pixels[:, :HIDDEN_FROM] == SOLID).all(axis=2).any()


@pytest.mark.parametrize(("columns", "moves"), [(range(84, 160), False), (range(76), True)])
def test_what_moves_beneath_moves_nowhere(columns: range, moves: bool) -> None:  # noqa: FBT001  a parameter of the test
    witness = watched(a_site(POLYGON), columns)
    assert witness.moved
    assert any(witness.moved) == moves
    assert any(watched(a_site(), columns).moved)


def test_without_polygons_frames_are_passed_on_as_they_are() -> None:
    frames = list(walk(range(160)))
    seen: list[Frame] = []

    class Same(Witness):
        def see(self, frame: Frame, scene: Scene, motion: Motion | None) -> None:  # noqa: ARG002
            seen.append(frame)

    pipeline = Pipeline(a_site(), Crew(eye=Witness(), onlooker=Same()), SIZE)
    for frame in frames:
        pipeline.see(frame, frame.taken_ns)
    assert all(one is other for one, other in zip(seen, frames, strict=True))


def test_while_the_view_is_another_stills_go_on_and_nothing_is_observed() -> None:
    witness = Witness()
    pipeline = Pipeline(a_site(), Crew(eye=witness, onlooker=witness), SIZE)
    pipeline.start(0)
    for frame in walk(range(160)):
        pipeline.lose(CameraState.MOVED, frame.taken_ns)
        pipeline.show(frame)
    assert len(witness.shown) > 50
    (tally,) = pipeline.close_now()
    assert tally.observed_ns == 0
    assert tally.lost_ns[CameraState.MOVED] > 0


def test_while_the_view_is_another_polygons_lie_elsewhere_and_nobody_looks() -> None:
    witness = Witness()
    pipeline = Pipeline(a_site(POLYGON), Crew(eye=witness, onlooker=witness), SIZE)
    for frame in walk(range(160)):
        pipeline.show(frame)
    assert witness.shown == []
