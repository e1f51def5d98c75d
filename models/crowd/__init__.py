"""Draws the crowds that the crowd-density network learns from, trains it and converts it; no person was filmed."""
