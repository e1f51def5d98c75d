"""The one file that imports the interpreter: LiteRT, or tflite-runtime where an image pins it."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.vision.detect.manifest import Model, ModelError
from edge.vision.detect.xnnpack import delegate_int8
from edge.vision.frame import Pixels

_STDERR = 2
_PIPE_BYTES = 65_536
_NOTICE = b"INFO: Created TensorFlow Lite XNNPACK delegate"


@dataclass(kw_only=True, slots=True)
class Effort:
    """What the interpreter has done: how often it was invoked, and the processor time inside invoke only."""

    invocations: int = 0
    cpu_s: float = 0.0


class Network:
    """One model, ready for pictures of one size (width, height); not for more than one thread."""

    def __init__(self, model: Model, size: tuple[int, int], threads: int, effort: Effort) -> None:
        entry = model.entry
        where = entry.folder / entry.file
        try:
            self._interpreter, library = _open(model.content, threads)
        except ValueError as error:
            raise ModelError(f"{where}: the interpreter refuses it ({error}) — restore it from the release") from None
        self._dtype = np.dtype(entry.dtype)
        self._picture = _index_of(self._interpreter.get_input_details(), entry.picture, self._dtype, where)
        # By name: a converter orders a network's outputs otherwise when it quantises.
        details = self._interpreter.get_output_details()
        self._outputs = tuple(_index_of(details, name, np.dtype(np.float32), where) for name in entry.outputs)
        self._interpreter.resize_tensor_input(self._picture, [1, size[1], size[0], 1 if entry.grey else 3])
        with _without_notice():
            if library:
                delegate_int8(self._interpreter, library, threads)
            self._interpreter.allocate_tensors()
        self._cpu_s = time.thread_time if threads == 1 else time.process_time
        self._effort = effort

    def run(self, picture: Pixels) -> tuple[NDArray[np.float32], ...]:
        """Look at one picture, uint8 (height, width, 3) RGB; gives the outputs in the order of the manifest's entry.

        A grey network is given (height, width, 1).

        They are copies, without the axis of the batch: of a road-user detector the boxes (n, 4) and the logits
        (n, labels).
        """
        self._interpreter.set_tensor(self._picture, picture[None].astype(self._dtype, copy=False))
        began_s = self._cpu_s()
        self._interpreter.invoke()
        self._effort.cpu_s += self._cpu_s() - began_s
        self._effort.invocations += 1
        return tuple(self._interpreter.get_tensor(index)[0] for index in self._outputs)


@contextmanager
def _without_notice() -> Iterator[None]:
    """Keep the library's one notice off stderr, to which it writes by itself; all else comes out, a moment later."""
    # A process that was started without a stderr has something else there.
    if sys.stderr is None:
        yield
        return
    own = os.dup(_STDERR)
    near, far = os.pipe()
    os.set_blocking(near, False)
    os.dup2(far, _STDERR)
    try:
        yield
    finally:
        os.dup2(own, _STDERR)
        with suppress(BlockingIOError):
            for line in os.read(near, _PIPE_BYTES).splitlines(keepends=True):
                if not line.startswith(_NOTICE):
                    os.write(_STDERR, line)
        for number in (own, near, far):
            os.close(number)


def _open(content: bytes, threads: int) -> tuple[Any, str | None]:
    """Make an interpreter; with it comes the path of its library where int8 must be switched on."""
    # Imported here so that whoever only asks for a detector's type needs no interpreter.
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if error.name != "ai_edge_litert":
            raise
    else:
        return Interpreter(model_content=content, num_threads=threads), None
    try:
        from tflite_runtime import _pywrap_tensorflow_interpreter_wrapper as wrapper  # noqa: PLC0415 - see above
        from tflite_runtime.interpreter import Interpreter  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if error.name != "tflite_runtime":
            raise
        raise ModelError("no interpreter is installed — pip install ai-edge-litert") from None
    return Interpreter(model_content=content, num_threads=threads), wrapper.__file__


def _index_of(details: list[Mapping[str, Any]], name: str, dtype: np.dtype[Any], where: object) -> int:
    for detail in details:
        if detail["name"] == name:
            if detail["dtype"] != dtype:
                found = np.dtype(detail["dtype"])
                raise ModelError(
                    f"{where}: {name} is {found}, not {dtype} — model and manifest are of different releases"
                )
            return int(detail["index"])
    raise ModelError(f"{where}: has no tensor {name} — model and manifest are of different releases")
