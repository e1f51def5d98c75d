"""Fast int8 for tflite-runtime 2.14, whose wheels leave it switched off.

Without it int8 is ten times slower than here on x86, and rounds otherwise than LiteRT, which shifts boxes by some
percent; with it both give the same numbers. Structure and flags: `tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h`
of TensorFlow 2.14.
"""

import ctypes
from typing import Any, Final

_FLAG_QS8: Final = 0x1


class _Options(ctypes.Structure):
    """`TfLiteXNNPackDelegateOptions`: two numbers that are ours, then what stays at its default."""

    # Longer than any version's, since the library fills and reads its own length only.
    _fields_ = (("num_threads", ctypes.c_int32), ("flags", ctypes.c_uint32), ("rest", ctypes.c_uint8 * 120))


def delegate_int8(interpreter: Any, library: str, threads: int) -> None:  # noqa: ANN401 - it has no types
    """Hand an interpreter's work to the XNNPACK of the library that it comes from; nothing where there is none.

    To be called after the input was resized and before tensors are allocated. The delegate lives as long as the
    process, as the few networks of a detector do.
    """
    functions = ctypes.CDLL(library)
    try:
        default = functions.TfLiteXNNPackDelegateOptionsDefault
        create = functions.TfLiteXNNPackDelegateCreate
    except AttributeError:
        return
    default.restype = _Options
    create.restype, create.argtypes = ctypes.c_void_p, [ctypes.POINTER(_Options)]
    options = default()
    options.num_threads = threads
    options.flags |= _FLAG_QS8
    # The public way applies a delegate before the input can be resized, and then it cannot be.
    interpreter._interpreter.ModifyGraphWithDelegate(create(ctypes.byref(options)))  # noqa: SLF001 - see above
