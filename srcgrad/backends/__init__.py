"""Backends: from a joint graph to a function that runs.  There is one so far, for NumPy."""

from srcgrad.backends.numpy import OPTIMISATIONS, Emitted, emit, load

__all__ = ["OPTIMISATIONS", "Emitted", "emit", "load"]
