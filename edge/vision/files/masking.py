"""The step from a verdict to the picture that is written: masked, or black for a reason, never as it came."""

from collections import Counter
from collections.abc import Callable

from edge.config.site import PrivacyFill
from edge.vision import crash
from edge.vision.anonymise.fill import black, fill
from edge.vision.anonymise.verdict import Blackout, Verdict
from edge.vision.files.outcome import Why
from edge.vision.frame import MASKED, Pixels


class Masking:
    """Masks frames, and counts what was masked, what was masked from edge to edge, and what is black and why."""

    def __init__(self, how: PrivacyFill) -> None:
        self._how = how
        self.regions = 0
        self.whole = 0
        self.black: Counter[str] = Counter()

    def masked(self, pixels: Pixels, judge: Callable[[], Verdict], doubt: Why | None = None) -> Pixels:
        """Mask a picture, uint8 (H, W, 3), by a verdict; black where there is a doubt, or whatever goes wrong."""
        try:
            verdict = judge()
            why = doubt or verdict.why
            if verdict.cover is not None and why is None:
                shown = fill(pixels, verdict.cover, self._how)
                self.regions += verdict.regions
                self.whole += bool((verdict.cover == MASKED).all())
                return shown
        except Exception as error:  # noqa: BLE001  a masker may fail in any way, and nothing is shown then
            crash.tell(error)
            why = doubt or Blackout.FAILED
        return self.blacked((pixels.shape[1], pixels.shape[0]), why or Blackout.FAILED)

    def blacked(self, size: tuple[int, int], why: Why) -> Pixels:
        """Give a black picture of `size` (width, height)."""
        self.black[why.value] += 1
        return black(size)
