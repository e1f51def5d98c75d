"""A site as its camera's pictures are: what it says is held against the first of each size, and they are scaled down.

Nothing but the watch over the camera itself sees a picture that is sharper than the site allows.
"""

from edge.config import check_inside
from edge.config.site import Site
from edge.vision.frame import Frame
from edge.vision.reduce import Reducer


class Lens:
    """What comes through; for one camera, whose pictures may change their size.

    `site` is the site for the pictures that `through` gave last: its own until the first.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._own = site
        self._size: tuple[int, int] | None = None
        self._reducer: Reducer | None = None

    def through(self, frame: Frame) -> Frame:
        """Give a frame as it may be looked at.

        Raises SiteError where a line or zone lies outside the pictures, or a ceiling cannot be held.
        """
        if self._reducer is None or frame.size != self._size:
            check_inside(self._own, frame.size)
            self._reducer, self._size = Reducer(self._own, frame.size), frame.size
            self.site = self._reducer.site
        return self._reducer.reduce(frame)
