"""The size of the pictures that leave a source: the site's, where it has the source's shape."""

from edge.vision.camera.source import CameraError

# 854x480 is meant as 16:9 and is off by 0.05 %; a distortion under 1 % moves no line by more than its own jitter.
_MOST_DISTORTION = 0.01
MOST_PIXELS = 4096 * 4096


def fitted(place: str, own: tuple[int, int], wanted: tuple[int, int] | None) -> tuple[int, int]:
    """Compute the (width, height) in px to scale pictures of size `own` to.

    Raises CameraError where the two differ in shape, since a distorted picture would be measured wrongly.
    """
    size = own if wanted is None else wanted
    if size[0] * size[1] > MOST_PIXELS:
        raise CameraError(f"{place}: pictures of {_text(size)} are too large; set camera.size to a smaller one")
    distortion = (size[0] * own[1]) / (size[1] * own[0])
    if not 1 - _MOST_DISTORTION <= distortion <= 1 + _MOST_DISTORTION:
        same_width = (size[0], round(size[0] * own[1] / own[0]))
        raise CameraError(
            f"{place}: camera.size is {_text(size)} but the pictures are {_text(own)}, another shape; "
            f"set size = [{same_width[0]}, {same_width[1]}] and move lines and zones, or leave size out"
        )
    return size


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
