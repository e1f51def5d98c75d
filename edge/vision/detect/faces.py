"""The face detector: regions of a picture in, faces with their boxes out, and what of the picture hides them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.centres import decode, distinct
from edge.vision.detect.letterbox import Letterbox, input_size
from edge.vision.detect.manifest import Model, Task, load_model
from edge.vision.detect.networks import ModelDetector, pixels_at_most
from edge.vision.detect.region import Region
from edge.vision.frame import Boxes, Pixels, Sightings

NAME: Final = "centerface"
# Low: to mask what is no face costs little, to miss one costs what the product is for.
THRESHOLD: Final = 0.1
# A look's input has about so many pixels at most, in the region's own shape.
INPUT_PIXELS: Final = 640 * 480
# In less the network sees nobody, however large the face.
LEAST_SIDE: Final = 64
LEAST_PIXELS: Final = LEAST_SIDE**2
# The network halves its input five times and doubles it again: only such sides come out as they went in.
INPUT_MULTIPLE: Final = 32
# So far enlarged a face of 6 px is seen; smaller ones show nobody.
MOST_ENLARGED: Final = 3
# Small regions, of which there are many shapes, are shown in inputs of a few only (width to height).
RATIOS: Final = (0.5, 1.0, 2.0)
# Networks are kept whose inputs have so many pixels together, 90 bytes for each; to set one up takes 12 ms or more.
KEPT_PIXELS: Final = 4 * INPUT_PIXELS
# A face that comes this near its region's edge, as a share of the region's side, may go on beyond it.
EDGE_SHARE: Final = 0.02
# The square that is searched for one person's face: shares of the person's height and width, and the share of it that
# lies above the person's box. A face is about a fifth as wide as the square, and the network needs 16 px to see one.
HEAD_OF_HEIGHT: Final = 0.4
HEAD_OF_WIDTH: Final = 1.1
HEAD_ABOVE: Final = 0.15
HEAD_INPUT: Final = (128, 128)
# What a mask adds to a face's box, as shares of its sides: ears and cheeks of a turned head, hair, chin. The network's
# boxes go from the hairline to the chin and from cheek to cheek. On the 55 faces of the test data 0.3, 0.2 and 0.1 are
# the least, in steps of a tenth, to cover 95 % of every labelled box; the hair is not in those boxes. The pixel is for
# faces of a few pixels, whose boxes are off by as much.
SIDE_SHARE: Final = 0.3
TOP_SHARE: Final = 0.35
BOTTOM_SHARE: Final = 0.15
MARGIN_PX: Final = 1.0


class FaceDetector(ModelDetector):
    """A model that finds faces; not for more than one thread.

    The network takes inputs of any shape. Each shape that regions ask for is set up once and kept, the latest of
    them as far as memory goes.
    """

    def __init__(self, model: Model, *, threads: int = 1) -> None:
        super().__init__(model, threads=threads, fit=pixels_at_most(KEPT_PIXELS))

    def detect(
        self,
        pixels: Pixels,
        regions: Sequence[Region],
        threshold: float = THRESHOLD,
        input_pixels: int = INPUT_PIXELS,
        *,
        heads: Sequence[Region] = (),
    ) -> Sightings:
        """Find faces in the regions of a picture, uint8 (H, W, 3) BGR; boxes in the picture's pixels.

        Each region is shown in an input of about `input_pixels`, small ones enlarged at most threefold. `heads` are
        regions that `head_regions` has cut out: for the face of one person a small input does, at a twentieth of the
        time. What several regions show is given once, a face that a region's edge cuts only where no region shows it
        whole. The boxes are the network's, from hairline to chin: `widened` makes masks of them. Raises ModelError when
        a first region of its shape shows that the interpreter cannot take the model, and ValueError for a region that
        reaches beyond the picture: what is found in it would be put in a wrong place.
        """
        size = (pixels.shape[1], pixels.shape[0])
        for region in (*regions, *heads):
            if min(region.x0, region.y0) < 0 or region.x1 > size[0] or region.y1 > size[1]:
                raise ValueError(f"{region} reaches beyond the picture of {size[0]} x {size[1]}")
        looks = [(region, look_size(region, input_pixels)) for region in regions]
        looks += [(region, HEAD_INPUT) for region in heads]
        if not looks:
            return Sightings.none()
        found = [self._look(pixels, region, shown, threshold) for region, shown in looks]
        boxes = np.concatenate([one.boxes for one in found])
        bounds = np.array([(r.x0, r.y0, r.x1, r.y1) for r, _ in looks], np.float32)
        bounds = np.repeat(bounds, [len(one) for one in found], axis=0)
        cut = _cut(boxes, bounds, size)
        return distinct(boxes, np.concatenate([one.scores for one in found]), cut)

    def _look(self, pixels: Pixels, region: Region, size: tuple[int, int], threshold: float) -> Sightings:
        letterbox = Letterbox.fit(region, size)
        heatmap, scale, offset = self.network(size).run(letterbox.draw(pixels))
        found = decode(heatmap, scale, offset, threshold)
        boxes = letterbox.restore(found.boxes)
        inside = np.all(boxes[:, 2:] > boxes[:, :2], axis=1)
        return Sightings(boxes=boxes[inside], scores=found.scores[inside])


def widened(boxes: Boxes) -> Boxes:
    """Widen faces (n, 4) to what hides them with hair, chin and ears; the boxes may reach out of the picture."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side, top, bottom = (MARGIN_PX + grown for grown in (SIDE_SHARE * width, TOP_SHARE * height, BOTTOM_SHARE * height))
    return (boxes + np.stack([-side, -top, side, bottom], axis=1)).astype(np.float32)


def head_regions(people: Boxes, size: tuple[int, int]) -> tuple[Region, ...]:
    """Cut a square around the head of each person (n, 4) out of a picture of `size` (width, height).

    It is so large that the head of a standing person is in it where the box is off by a fifth, and that of one who is
    seen from the waist up. Nothing is cut out for whom the picture shows no head.
    """
    width, height = people[:, 2] - people[:, 0], people[:, 3] - people[:, 1]
    side = np.maximum(HEAD_OF_HEIGHT * height, HEAD_OF_WIDTH * np.minimum(width, height))
    left, top = (people[:, 0] + people[:, 2] - side) / 2, people[:, 1] - HEAD_ABOVE * side
    corners = np.stack([left, top, left + side, top + side], axis=1)
    inside = np.clip(np.round(corners), 0, [*size, *size]).astype(int).tolist()
    return tuple(Region(x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in inside if x0 < x1 and y0 < y1)


def look_size(region: Region, most_pixels: int) -> tuple[int, int]:
    """Choose the input (width, height) for a region: its own shape, or one of few where that would enlarge it much.

    The number of pixels is the most there may be, or a half of it or a quarter and so on, as long as the region is
    enlarged as far as it makes sense.
    """
    enlarged = region.width * region.height * MOST_ENLARGED**2
    pixels = max(most_pixels, LEAST_PIXELS)
    while pixels // 2 >= max(LEAST_PIXELS, enlarged):
        pixels //= 2
    if pixels >= most_pixels:
        width, height = input_size(region, pixels, INPUT_MULTIPLE)
    else:
        own = region.width / region.height
        ratio = min(RATIOS, key=lambda each: max(each / own, own / each))
        width = round((pixels * ratio) ** 0.5 / INPUT_MULTIPLE) * INPUT_MULTIPLE
        height = round((pixels / ratio) ** 0.5 / INPUT_MULTIPLE) * INPUT_MULTIPLE
    return max(width, LEAST_SIDE), max(height, LEAST_SIDE)


def _cut(boxes: Boxes, bounds: Boxes, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell which boxes touch an edge of their region that is not the picture's."""
    near = EDGE_SHARE * np.tile(bounds[:, 2:] - bounds[:, :2], 2)
    picture = np.array([0, 0, *size], np.float32)
    return np.any((np.abs(boxes - bounds) <= near) & (bounds != picture), axis=1)


def load_face_detector(threads: int = 1) -> FaceDetector:
    """Load the face detector that ships; raises ModelError."""
    return FaceDetector(load_model(NAME, task=Task.FACES), threads=threads)
