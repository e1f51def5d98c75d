"""Whole recordings: what is counted, how long they are and how much of that was observed."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from edge.config import SiteError
from edge.config.site import CameraSite, Device, Legal, Line, Point, Site, SourceKind, Zone, ZoneUse
from edge.config.site import Detector as DetectorSite
from edge.contract.report import RoadUser
from edge.vision import recording
from edge.vision.camera.source import CameraError
from edge.vision.detect.region import Region
from edge.vision.frame import Detections, Pixels
from edge.vision.recording import Analysis, analyse
from tests.films import write_film

if TYPE_CHECKING:
    from edge.vision.detect.detector import Detector

LINE = Line(id="l", start=(160.0, 175.0), end=(160.0, 60.0))


class Blind:
    """A detector that names nothing: what is counted here is counted by its movement."""

    def detect(self, pixels: Pixels, regions: tuple[Region, ...]) -> Detections:  # noqa: ARG002  the protocol's
        return Detections.none()


def analysed(
    camera: CameraSite, told: list[tuple[float, float | None]] | None = None, zones: tuple[Zone, ...] = ()
) -> Analysis:
    site = Site(
        path=Path("/nowhere/site.toml"),
        hash64=1,
        device=Device(org="nice", id="promenade-042"),
        camera=camera,
        lines=(LINE,),
        zones=zones,
        window_s=60,
        legal=Legal(),
        detector=DetectorSite(),
        broker=None,
    )
    told = [] if told is None else told
    return analyse(site, camera, cast("Detector", Blind()), lambda done, length: told.append((done, length)))


def clip(path: Path, fps: float | None = None) -> CameraSite:
    return CameraSite(kind=SourceKind.CLIP, target=str(path), fps=fps)


def forward(analysis: Analysis) -> int:
    (line,) = analysis.tally.lines
    assert sum(line.backward) == 0
    return line.forward[RoadUser.VEHICLE]


def test_a_whole_film_is_counted_and_observed_whole(tmp_path: Path) -> None:
    told: list[tuple[float, float | None]] = []
    analysis = analysed(clip(write_film(tmp_path / "a.avi", seconds=12, starts_s=(2, 4.5, 7))), told)
    assert forward(analysis) == 3
    assert analysis.frames == 120
    assert analysis.length_s == pytest.approx(12.0)
    assert analysis.tally.coverage == 1
    assert analysis.broken is None
    assert [done for done, _ in told] == pytest.approx([n / 10 for n in range(120)])
    assert [length for _, length in told] == pytest.approx([12.0] * 120)


@pytest.mark.parametrize("fps", [5.0, 25.0])
def test_what_passes_at_once_is_counted_for_the_place_is_known_beforehand(tmp_path: Path, fps: float) -> None:
    film = write_film(tmp_path / "a.avi", seconds=8, starts_s=(0.0,), fps=fps)
    assert forward(analysed(clip(film))) == 1


def test_without_the_look_beforehand_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PREVIEW_S", -1.0)
    film = write_film(tmp_path / "a.avi", seconds=8, starts_s=(0.0,), fps=5.0)
    assert forward(analysed(clip(film))) == 0


def test_the_sites_rate_leaves_frames_out_but_no_time(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.avi", seconds=10, starts_s=(3.0,), fps=20.0)
    analysis = analysed(clip(film, fps=5.0))
    assert analysis.frames == 50
    assert analysis.length_s == pytest.approx(10.0, abs=0.2)
    assert analysis.tally.coverage == 1
    assert forward(analysis) == 1


def test_a_film_that_breaks_off_is_counted_up_to_there_and_says_so(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.avi", seconds=20, starts_s=(2, 5, 15))
    content = film.read_bytes()
    film.write_bytes(content[: len(content) // 2])
    analysis = analysed(clip(film))
    assert forward(analysis) == 2
    assert analysis.broken is not None
    assert 80 <= analysis.frames <= 120
    assert analysis.length_s == pytest.approx(20.0, abs=0.5)
    assert analysis.tally.coverage == pytest.approx(analysis.frames / 200, abs=0.03)


def test_a_film_without_a_frame_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.avi").write_bytes(b"RIFF" + bytes(500))
    for path in (tmp_path / "a.avi", tmp_path / "none.avi", tmp_path):
        with pytest.raises(CameraError, match=str(path)):
            analysed(clip(path))


@pytest.mark.parametrize("corner", [(320.5, 180.0), (320.0, 181.0), (-1.0, 0.0)])
def test_a_zone_outside_the_pictures_is_refused_and_one_on_the_border_is_not(tmp_path: Path, corner: Point) -> None:
    film = clip(write_film(tmp_path / "a.avi", seconds=1))
    border = Zone(id="z", polygon=((0, 0), (320, 0), (320, 180)), use=ZoneUse.PEDESTRIAN)
    assert analysed(film, zones=(border,)).frames == 10
    outside = replace(border, polygon=(*border.polygon, corner))
    told: list[tuple[float, float | None]] = []
    with pytest.raises(SiteError, match=r"site\.toml: zones\.z\.polygon\[3\]: .* the pictures of 320 x 180 — move it"):
        analysed(film, told, (outside,))
    assert told == []


def test_a_looped_recording_is_seen_once() -> None:
    still = CameraSite(kind=SourceKind.SYNTHETIC, target="still", size=(320, 180), fps=1.0, loop=True)
    analysis = analysed(still)
    assert analysis.frames == 300
    assert analysis.length_s == pytest.approx(300.0)


def test_a_drawn_camera_that_goes_is_observed_as_far_as_it_went() -> None:
    faulty = CameraSite(kind=SourceKind.SYNTHETIC, target="faulty", size=(320, 180), fps=2.0)
    analysis = analysed(faulty)
    assert analysis.frames == 200
    assert analysis.length_s == pytest.approx(100.0)
