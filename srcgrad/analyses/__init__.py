"""What passes want to know of a graph before they change it."""

from srcgrad.analyses.activity import Activity, activity, differentiable_operands
from srcgrad.analyses.distinct_places import are_apart, names_places_once
from srcgrad.analyses.dtypes_in_doubt import dtypes_in_doubt
from srcgrad.analyses.equal_shapes import (
    UnifiedShapes,
    are_assumed_equal,
    have_shapes_assumed_equal,
)
from srcgrad.analyses.given_away import given_away
from srcgrad.analyses.settled_places import settled_places
from srcgrad.analyses.shapes_in_doubt import shapes_in_doubt
from srcgrad.analyses.shapes_read import reads_shape_only
from srcgrad.analyses.stabilising_maxima import stabilising_maxima
from srcgrad.analyses.stored_arrays import StoredArrays
from srcgrad.analyses.trip_counts import TripCounts, length_of_range

__all__ = [
    "Activity",
    "StoredArrays",
    "TripCounts",
    "UnifiedShapes",
    "activity",
    "are_assumed_equal",
    "differentiable_operands",
    "dtypes_in_doubt",
    "given_away",
    "have_shapes_assumed_equal",
    "length_of_range",
    "are_apart",
    "names_places_once",
    "reads_shape_only",
    "settled_places",
    "shapes_in_doubt",
    "stabilising_maxima",
]
