"""Detections and motion to tracks."""
