"""The picture's frame: where it cuts boxes off, which then tell less than they seem to."""

from dataclasses import dataclass
from typing import Final

from edge.config.site import Point
from edge.vision.judge.trail import Place
from edge.vision.track.tracker import Track

# A box so near the picture's edge, in shares of the picture's side or of its own, may go on beyond it: boxes of what
# comes in lag behind.
EDGE_SHARE: Final = 0.03
OWN_SHARE: Final = 0.25
# ... and as it was measured.
MEASURED_SHARE: Final = 0.08
# Zones are drawn a little within the picture.
FLOOR: Final = 0.96


@dataclass(frozen=True, slots=True)
class Cut:
    """On which sides a box is cut off; `floor` is the lowest row down to which zones are drawn, in px."""

    left: bool
    right: bool
    top: bool
    bottom: bool
    floor: float

    @property
    def aside(self) -> bool:
        """Whether on the left or the right."""
        return self.left or self.right

    @property
    def any(self) -> bool:
        """Whether anywhere."""
        return self.left or self.right or self.top or self.bottom


def cut_of(track: Track, size: tuple[int, int]) -> Cut:
    """Tell where a picture of a size (w, h) px cuts a track's box off."""
    width, height = size
    x0, y0, x1, y1 = track.outline or track.box
    own = OWN_SHARE if track.outline is None else MEASURED_SHARE
    near_x = max(EDGE_SHARE * width, own * (x1 - x0))
    near_y = max(EDGE_SHARE * height, own * (y1 - y0))
    return Cut(x0 < near_x, x1 > width - near_x, y0 < near_y, y1 > height - near_y / 3, FLOOR * height)


def lowest(place: Place, cut: Cut) -> Point:
    """Give a point of a box's lower edge that moves as the thing does: the middle, or the corner that is seen."""
    if cut.left is cut.right:
        return place.foot
    return place.right if cut.left else place.left
