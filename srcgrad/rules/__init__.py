"""Derivative rules and shape rules, one file per area of NumPy, and their registry."""

from srcgrad.rules import (
    arithmetic,
    arranging,
    batch_rules,
    calling,
    creation,
    decompositions,
    differences,
    effects,
    einsum,
    elementwise,
    flat_stores,
    fourier,
    gaps,
    index_making,
    indexing,
    joining,
    language,
    linalg,
    lists,
    marked_gradients,
    methods,
    own,
    polynomial_bases,
    polynomials,
    products,
    python_functions,
    python_math,
    ranges,
    rearranging,
    reductions,
    sections,
    sets,
    shaping,
    shares,
    statistics,
    structural,
    ufunc_methods,
    windows,
    writing,
)
from srcgrad.rules.arithmetic import ufunc_shape_rule
from srcgrad.rules.batching import OneByOne, Samples, align_all, on_arrays, spread
from srcgrad.rules.broadcasting import has_shape_of, match_type, sum_to
from srcgrad.rules.composites import composite, results_of
from srcgrad.rules.creation import make, shape_from
from srcgrad.rules.failures import failures_of
from srcgrad.rules.indexing import index_along, may_repeat
from srcgrad.rules.joining import array_from_nested
from srcgrad.rules.language import attempted
from srcgrad.rules.masking import Mask, mask_of, note_mask
from srcgrad.rules.memory import makes_new_array
from srcgrad.rules.methods import ATTRIBUTES, METHODS, view_as
from srcgrad.rules.own import Place, RuleGraph, UserCall, filled
from srcgrad.rules.polynomial_bases import BASES
from srcgrad.rules.random import DISTRIBUTIONS, FLOAT64, INDICES, INT64, Distribution
from srcgrad.rules.registry import (
    BoundCall,
    Primitive,
    all_primitives,
    bind,
    constant,
    default_of,
    defjvp,
    defshape,
    defvjp,
    find_primitive,
    is_elementwise,
    is_primitive_name,
    is_store,
    primitive_named,
    qualified_name,
    unbind,
)
from srcgrad.rules.shapes import broadcast_shapes, kind_text, shape_text
from srcgrad.rules.structural import stop_gradient
from srcgrad.rules.suggestions import GIVE_IT_A_RULE, rule_to_write, written_name
from srcgrad.rules.symbols import Symbol, apply, as_argument, as_value, call, dtype_of, infer
from srcgrad.rules.ufunc_methods import UNORDERED
