"""The worker's jobs: the detectors are loaded once, then one file is masked after the other."""

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edge.config.site import Detector as DetectorSite
from edge.config.site import Point, PrivacyFill, PrivacyLevel
from edge.vision import crash
from edge.vision.anonymise.eyes import Eyes, load_eyes
from edge.vision.anonymise.film import FilmMasker
from edge.vision.anonymise.photo import PhotoMasker
from edge.vision.detect.manifest import ModelError, Task, models_folder, read_manifest
from edge.vision.files.fault import FileError
from edge.vision.files.film import anonymise_film
from edge.vision.files.film_writer import write_whole
from edge.vision.files.kind import FORMATS, Kind
from edge.vision.files.masking import Masking
from edge.vision.files.orders import Failed, Order, Progressed, Ready, Setup, Unable, Written
from edge.vision.files.outcome import Outcome, Step
from edge.vision.files.picture import encoded, read_picture
from edge.vision.files.post import Post

# Each set of detectors keeps one processor busy, and takes some 100 MB.
_MOST_EYES: Final = 4
_TELL_S: Final = 0.1
_MOST_DISTORTION: Final = 0.01


def work(post: Post, setup: Setup, *, isolated: bool) -> int:
    """Do every order that comes; gives the exit code."""
    site = DetectorSite(model=setup.model or DetectorSite().model, threads=setup.threads)
    try:
        eyes = [load_eyes(site)]
        models = _models(site.model)
    except ModelError as error:
        post.say(Unable(why=str(error)))
        return 1
    post.say(Ready(isolated=isolated, models=models))
    jobs = Jobs(post, setup, eyes, site)
    for order in post.orders():
        post.say(jobs.done(order))
    return 0


class Jobs:
    """Masks files, one at a time."""

    def __init__(self, post: Post, setup: Setup, eyes: list[Eyes], site: DetectorSite) -> None:
        self._post = post
        self._setup = setup
        self._eyes = eyes
        self._site = site
        self._told_s = 0.0

    def done(self, order: Order) -> Written | Failed:
        """Do one order; whatever goes wrong, there is an answer, and nothing of a picture in it."""
        try:
            outcome = self._film(order) if Kind(order.kind) is Kind.FILM else self._picture(order)
            return Written(**asdict(outcome))
        except FileError as error:
            return Failed(cause=error.cause, mend=error.mend)
        except MemoryError:
            return Failed(cause="is too large for this machine's memory", mend="make it smaller first")
        except Exception as error:  # noqa: BLE001  whatever it is, its words may hold what it was looking at
            crash.tell(error)
            return Failed(cause="could not be worked on", mend="please report this, with the line in the log")

    def _picture(self, order: Order) -> Outcome:
        picture = read_picture(Path(order.source), FORMATS[order.read_as])
        size = (picture.pixels.shape[1], picture.pixels.shape[0])
        level = PrivacyLevel(self._setup.level)
        masker = PhotoMasker(self._eyes[0], level, self._polygons(size))
        masking = Masking(PrivacyFill(self._setup.fill))
        shown = masking.masked(picture.pixels, lambda: masker.judge(picture.pixels))
        write_whole(Path(order.target), encoded(shown, FORMATS[order.write_as]))
        black, notes = dict(masking.black), picture.notes
        # At the other level that is what was asked for.
        if masking.whole and level is not PrivacyLevel.ALL_BUT_BACKGROUND:
            notes = (*notes, "masked altogether")
        return Outcome(size=size, frames=1, regions=masking.regions, black=black, notes=notes)

    def _film(self, order: Order) -> Outcome:
        while len(self._eyes) < min(_MOST_EYES, len(os.sched_getaffinity(0))):
            self._eyes.append(load_eyes(self._site))
        level, how = PrivacyLevel(self._setup.level), PrivacyFill(self._setup.fill)
        return anonymise_film(
            Path(order.source),
            Path(order.target),
            FORMATS[order.write_as],
            lambda size: FilmMasker(self._eyes, level, size, self._polygons(size)),
            how,
            self._tell,
        )

    def _tell(self, step: Step, done: int, total: int | None) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self._post.say(Progressed(step=step.value, done=done, total=total))

    def _polygons(self, size: tuple[int, int]) -> tuple[tuple[Point, ...], ...]:
        """Scale the site's polygons to pictures of (width, height); raises FileError where they do not fit these."""
        drawn_on, polygons = self._setup.size, self._setup.polygons
        if drawn_on is None or not polygons:
            # Drawn on pictures of another size, they would hide another place, or none.
            if any(x > size[0] or y > size[1] for corners in polygons for x, y in corners):
                cause = f"is {size[0]}x{size[1]}, and a privacy polygon of the site lies outside"
                raise FileError(cause, "write camera.size into the site file: the size that polygons were drawn on")
            return polygons
        across, down = size[0] / drawn_on[0], size[1] / drawn_on[1]
        if abs(across / down - 1) > _MOST_DISTORTION:
            cause = f"is {size[0]}x{size[1]}, another shape than the site's {drawn_on[0]}x{drawn_on[1]}"
            raise FileError(cause, "take the site file of the camera that took it")
        return tuple(tuple((x * across, y * down) for x, y in corners) for corners in polygons)


def _models(road: str) -> dict[str, str]:
    entries = read_manifest(models_folder())
    return {entry.name: entry.sha256 for entry in entries if entry.name == road or entry.task is not Task.ROAD_USERS}
