"""The NumPy backend: from a joint graph to readable NumPy source, and from there to a function."""

from srcgrad.backends.numpy import guarded as guarded
from srcgrad.backends.numpy.emit import OPTIMISATIONS, emit
from srcgrad.backends.numpy.emitted import Emitted
from srcgrad.backends.numpy.load import load

__all__ = ["OPTIMISATIONS", "Emitted", "emit", "load"]
