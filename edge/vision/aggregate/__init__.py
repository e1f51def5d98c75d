"""Passages and occupancy to window reports: what may leave."""
