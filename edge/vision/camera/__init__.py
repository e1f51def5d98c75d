"""Sources of frames, each behind the protocol in edge.vision.camera.source."""
