"""Frames to detections: letterbox, inference, decoding."""
