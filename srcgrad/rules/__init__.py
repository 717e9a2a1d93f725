"""Derivative rules and shape rules, one file per area of NumPy, and the registry that holds them."""

from srcgrad.rules import arithmetic, structural
from srcgrad.rules import indexing
from srcgrad.rules import creation
from srcgrad.rules import shaping
from srcgrad.rules import linalg
from srcgrad.rules import methods
from srcgrad.rules.broadcasting import match_type, sum_to
from srcgrad.rules.registry import (
    BoundCall,
    Primitive,
    all_primitives,
    bind,
    find_primitive,
    is_primitive_name,
    primitive_named,
)
from srcgrad.rules.symbols import Symbol, apply, as_argument, as_value, call, infer
