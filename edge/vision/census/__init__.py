"""The process behind `passant calibrate-crowd`: it watches a zone, and gives the numbers of a moment when asked."""
