"""Conversions between units: the one place where such factors are written."""

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
KMH_PER_MPS = 3.6


def seconds_from_ns(ns: int) -> float:
    """Convert nanoseconds to seconds."""
    return ns / NS_PER_S


def ns_from_seconds(seconds: float) -> int:
    """Convert seconds to whole nanoseconds."""
    return round(seconds * NS_PER_S)


def kmh_from_mps(mps: float) -> float:
    """Convert metres per second to kilometres per hour."""
    return mps * KMH_PER_MPS
