"""SSDLite-MobileNetV2 written out in TensorFlow operations, over the weights of a TensorFlow.js graph.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, section 6.2; the layer names are those
of TensorFlow's object detection API. Runs only in the throw-away environment that `build_ssdlite.py` makes.
"""

import base64
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[Any]]

CLASSES = 91
ROOT = "FeatureExtractor/MobilenetV2"
# Strides of the 17 inverted residual blocks; a block without stride whose width stays adds its input.
BLOCK_STRIDES = (1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)
EXTRA_LAYERS = (
    ("layer_19_1_Conv2d_2_1x1_256", "layer_19_2_Conv2d_2_3x3_s2_512"),
    ("layer_19_1_Conv2d_3_1x1_128", "layer_19_2_Conv2d_3_3x3_s2_256"),
    ("layer_19_1_Conv2d_4_1x1_128", "layer_19_2_Conv2d_4_3x3_s2_256"),
    ("layer_19_1_Conv2d_5_1x1_64", "layer_19_2_Conv2d_5_3x3_s2_128"),
)


def block_name(index: int) -> str:
    """Name an inverted residual block."""
    return f"{ROOT}/expanded_conv" + (f"_{index}" if index else "")


def read_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """Read every weight that `model.json` in a folder names out of the shards beside it."""
    groups = json.loads((folder / "model.json").read_text())["weightsManifest"]
    weights: dict[str, NDArray[Any]] = {}
    for group in groups:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for entry in group["weights"]:
            count = math.prod(entry["shape"])
            weights[entry["name"]] = np.frombuffer(data, entry["dtype"], count, at).reshape(entry["shape"])
            at += weights[entry["name"]].nbytes
    return weights


class Network:
    """The network as a function of a picture, float32 (1, H, W, 3) RGB in -1..1, of any H and W.

    Gives box encodings float32 (1, anchors, 4) and class logits float32 (1, anchors, len(columns)), where `columns`
    are the wanted ones of the 91 that the original has.
    """

    def __init__(self, weights: Weights, columns: tuple[int, ...]) -> None:
        self._weights = weights
        self._columns = columns

    def __call__(self, picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Run the six heads over the six feature maps."""
        maps = self._feature_maps(picture)
        boxes = [self._head(x, f"BoxPredictor_{i}/BoxEncodingPredictor", 4) for i, x in enumerate(maps)]
        logits = [self._head(x, f"BoxPredictor_{i}/ClassPredictor", len(self._columns)) for i, x in enumerate(maps)]
        return tf.concat(boxes, 1), tf.concat(logits, 1)

    def _feature_maps(self, picture: tf.Tensor) -> list[tf.Tensor]:
        x = tf.nn.relu6(self._convolve(picture, f"{ROOT}/Conv", stride=2))
        maps = []
        for index, stride in enumerate(BLOCK_STRIDES):
            name = block_name(index)
            expanded = x if index == 0 else tf.nn.relu6(self._convolve(x, f"{name}/expand"))
            if index == 13:  # noqa: PLR2004 - the layer at stride 16 that SSDLite takes as its first map
                maps.append(expanded)
            y = self._depthwise(expanded, f"{name}/depthwise", stride)
            y = self._convolve(y, f"{name}/project")
            x = x + y if stride == 1 and x.shape[-1] == y.shape[-1] else y
        maps.append(tf.nn.relu6(self._convolve(x, f"{ROOT}/Conv_1")))
        for narrow, wide in EXTRA_LAYERS:
            y = tf.nn.relu6(self._convolve(maps[-1], f"{ROOT}/{narrow}"))
            y = self._depthwise(y, f"{ROOT}/{wide}_depthwise", 2)
            maps.append(tf.nn.relu6(self._convolve(y, f"{ROOT}/{wide}")))
        return maps

    def _convolve(self, x: tf.Tensor, name: str, stride: int = 1) -> tf.Tensor:
        kernel = self._weights[f"{name}/Conv2D/merged_input"]
        return tf.nn.conv2d(x, kernel, stride, "SAME") + self._weights[f"{name}/BatchNorm/batchnorm/sub"]

    def _depthwise(self, x: tf.Tensor, name: str, stride: int) -> tf.Tensor:
        scale = self._weights[f"{name}/BatchNorm/batchnorm/mul"]
        return self._depthwise_by(x, name, scale, self._weights[f"{name}/BatchNorm/batchnorm/sub"], stride)

    def _depthwise_by(
        self, x: tf.Tensor, name: str, scale: NDArray[Any], shift: NDArray[Any], stride: int
    ) -> tf.Tensor:
        kernel = self._weights[f"{name}/depthwise_weights"] * scale[:, None]
        return tf.nn.relu6(tf.nn.depthwise_conv2d(x, kernel, [1, stride, stride, 1], "SAME") + shift)

    def _head(self, x: tf.Tensor, name: str, columns: int) -> tf.Tensor:
        norm = {
            key: self._weights[f"{name}_depthwise/BatchNorm/{key}"]
            for key in ("gamma", "beta", "moving_mean", "moving_variance")
        }
        scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + np.float32(0.001))
        y = self._depthwise_by(x, f"{name}_depthwise", scale, norm["beta"] - norm["moving_mean"] * scale, 1)
        kernel, bias = self._head_weights(name)
        return tf.reshape(tf.nn.conv2d(y, kernel, 1, "SAME") + bias, [1, -1, columns])

    def _head_weights(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        kernel, bias = self._weights[f"{name}/weights"], self._weights[f"{name}/biases"]
        if name.endswith("ClassPredictor"):
            wanted = [start + column for start in range(0, len(bias), CLASSES) for column in self._columns]
            kernel, bias = kernel[..., wanted], bias[wanted]
        return kernel, bias


def original(folder: Path, weights: Weights) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Build the package's own graph as it stands, from the preprocessed picture to the encodings and scores."""
    topology = json.loads((folder / "model.json").read_text())["modelTopology"]
    nodes = [_node(node, weights) for node in topology["node"] if not node["name"].startswith("Preprocessor/")]
    graph = json_format.ParseDict({"node": nodes}, tf.compat.v1.GraphDef())

    def restore(picture: tf.Tensor) -> list[tf.Tensor]:
        wanted = ["Squeeze:0", "Postprocessor/convert_scores:0"]
        return tf.graph_util.import_graph_def(graph, {"Preprocessor/sub": picture}, wanted)

    wrapped = tf.compat.v1.wrap_function(restore, [tf.TensorSpec([1, 300, 300, 3], tf.float32)])
    return lambda picture: tuple(wrapped(picture))


def _node(node: dict[str, Any], weights: Weights) -> dict[str, Any]:
    attributes = {key: _attribute(value) for key, value in node["attr"].items() if not key.startswith("_")}
    if node["op"] == "Const" and node["name"] in weights:
        tensor = tf.make_tensor_proto(weights[node["name"]])
        attributes["value"] = {"tensor": json_format.MessageToDict(tensor)}
    return {**node, "attr": attributes}


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    """Turn the list of integers, which stands for bytes in this JSON, into protobuf's base64."""
    if isinstance(value.get("s"), list):
        return {"s": base64.b64encode(bytes(value["s"])).decode()}
    return value
