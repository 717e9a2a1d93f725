"""What passes want to know of a graph before they change it."""

from srcgrad.analyses.activity import Activity, activity, differentiable_operands
from srcgrad.analyses.shapes_read import reads_shape_only
from srcgrad.analyses.stabilising_maxima import stabilising_maxima
from srcgrad.analyses.stored_arrays import StoredArrays
from srcgrad.analyses.trip_counts import TripCounts, length_of_range

__all__ = [
    "Activity",
    "StoredArrays",
    "TripCounts",
    "activity",
    "differentiable_operands",
    "length_of_range",
    "reads_shape_only",
    "stabilising_maxima",
]
