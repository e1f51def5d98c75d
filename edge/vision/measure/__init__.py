"""Tracks to passages and occupancy."""
