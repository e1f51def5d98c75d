"""What the detectors have in common: one model, set up for each size of input that it is asked for."""

from collections.abc import Callable, Sequence

from edge.vision.detect.litert import Effort, Network
from edge.vision.detect.manifest import Model

Size = tuple[int, int]
Fits = Callable[[Sequence[Size]], bool]
"""Tells whether networks of so many sizes may be kept at once."""


class ModelDetector:
    """A detector of one model; not for more than one thread.

    A network of each size (width, height) that is asked for is set up once and kept, the latest of them, as long as
    the sizes of all `fit`; the one asked for is set up in any case.
    """

    def __init__(self, model: Model, *, threads: int, fit: Fits) -> None:
        self._model = model
        self._threads = threads
        self._fit = fit
        self._effort = Effort()
        # The one used last stands last.
        self._networks: dict[Size, Network] = {}

    @property
    def hash64(self) -> int:
        """The first 64 bits of the model file's SHA-256."""
        return self._model.entry.hash64

    @property
    def invocations(self) -> int:
        """How often the network ran."""
        return self._effort.invocations

    @property
    def invoke_cpu_s(self) -> float:
        """The processor time in seconds spent inside the interpreter's invoke only."""
        return self._effort.cpu_s

    def network(self, size: Size) -> Network:
        """Give the network for inputs of a size; raises ModelError where the interpreter cannot take the model."""
        network = self._networks.pop(size, None)
        if network is None:
            while self._networks and not self._fit([size, *self._networks]):
                del self._networks[next(iter(self._networks))]
            network = Network(self._model, size, self._threads, self._effort)
        self._networks[size] = network
        return network


def at_most(number: int) -> Fits:
    """Keep so many networks."""
    return lambda sizes: len(sizes) <= number


def pixels_at_most(number: int) -> Fits:
    """Keep networks whose inputs have so many pixels together."""
    return lambda sizes: sum(width * height for width, height in sizes) <= number
