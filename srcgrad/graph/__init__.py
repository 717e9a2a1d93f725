"""The intermediate representation: values, nodes, regions, types; printer, reader, verifier."""

from srcgrad.graph.assumptions import Assumptions, known_equal
from srcgrad.graph.build import Builder
from srcgrad.graph.callee import Callee
from srcgrad.graph.graph import Graph
from srcgrad.graph.interface import (
    Entries,
    Fields,
    Interface,
    Items,
    Leaf,
    Outline,
    Parameter,
    Passive,
    Tree,
    leaves,
    map_leaves,
    settled,
)
from srcgrad.graph.node import (
    EFFECT_PARAMETERS,
    UNDEFINED,
    Literal,
    LoopParts,
    Node,
    Region,
    Undefined,
    Value,
    definitions,
    free_values,
    give_name,
    literal,
    loop_parts,
    make_for,
    make_while,
    map_regions,
    substitute,
    substitute_region,
    walk,
)
from srcgrad.graph.parse import parse_graph
from srcgrad.graph.section import Section
from srcgrad.graph.template import Hole, fill, holes, map_template
from srcgrad.graph.text import print_nodes
from srcgrad.graph.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    OPAQUE,
    RESIDUAL,
    ArrayType,
    Dim,
    DimExpression,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    add_dims,
    carries_derivative,
    is_complex,
    is_integral,
    is_python_int,
    is_real,
    multiply_dims,
    rank_of,
    shape_of,
    short_dtype,
    size_of_integer,
    subtract_dims,
    symbol,
)
from srcgrad.graph.verify import verify

__all__ = [name for name in dir() if not name.startswith("_")]
