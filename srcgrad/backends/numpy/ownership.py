"""Which memory each value may share: may an array be written, and who would notice?

Every value has *origins*, a set of places where memory is allocated: the value itself where its
operation makes a fresh array, those of its operands where it may be a view of them or one of them.
`CALLER` stands for memory that belongs to the caller, `READ_ONLY` for what NumPy refuses to write.

Writing into an array is safe where its origins are its own (neither of these two) and no value that
is read later has an origin in common with it.  The result of such a write counts as a fresh array:
nobody else that is read later shares its memory.  In a loop one origin stands for the arrays of all
iterations, which errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srcgrad.graph import (
    ArrayType,
    Graph,
    Hole,
    ListType,
    Literal,
    Node,
    OpaqueType,
    Section,
    Value,
    loop_parts,
    walk,
)
from srcgrad.rules import is_primitive_name, is_store, primitive_named

CALLER = 1
READ_ONLY = 2
_GIVING_AWAY = ("store", "change", "instance")
_FRESH = frozenset(
    """
    all any append arange argmax argmin argsort array average bincount block both_halves cast
    choose clip cofactors column_stack compress concatenate
    concatenate_list convolve copy correlate count_nonzero
    cov cross cummax
    cumprod cumsum cumulative_sum digitize divide_or_zero divide_where divide_where_nonzero dot
    dstack empty empty_like eye fft fresh full full_like
    gaps gradient histogram hstack identity ieee_divide list_of
    indices inner interp kron linspace
    logspace matmul matvec max mean median min nanmax nanmean nanmin nanprod nanstd nansum
    nanvar nonzero ones ones_like outer over_gap pad percentile polyder polyval prod
    ptp quantile repeat roll
    searchsorted select share skew sort stack stack_like stack_list stack_rows std sum take
    take_along_axis tensordot tile trace trapezoid tri tril triu unique vander var vdot vecmat
    vstack where zeros zeros_like
    """.split()
)
_FRESH_AREAS = ("linalg.", "fft.", "math.", "cmath.", "scipy.", "numpy.polynomial.")
_NOT_FRESH = ("linalg.diagonal", "linalg.matrix_transpose", "linalg.matrix_power")
_READ_ONLY_VIEWS = ("broadcast_to", "broadcast_like", "diagonal", "diag", "broadcast_arrays")


def makes_fresh_array(node: Node) -> bool:
    """Is the result of this operation memory that nothing else shares?"""
    name = node.operation
    if (
        name in _FRESH
        or is_store(name)
        or (name.startswith(_FRESH_AREAS) and name not in _NOT_FRESH)
    ):
        return True
    if not is_primitive_name(name):
        return False
    return isinstance(primitive_named(name).function, np.ufunc)


class Origins:
    """The origins of every value of a graph, as bit masks.

    `entry_copies` holds carried values whose initial value is copied when their loop is entered.
    """

    def __init__(self, graph: Graph, entry_copies: frozenset[Value] = frozenset()) -> None:
        self._masks: dict[Value, int] = {}
        self._own: dict[Value, int] = {}
        self._entry_copies = entry_copies
        for value in graph.inputs:
            self._masks[value] = CALLER if _has_memory(value) else 0
        nodes = list(walk(graph.nodes))
        while self._pass(nodes):
            pass
        # What is put where the caller sees it is the caller's from then on.
        self.given_away = 0
        for node in nodes:
            if node.operation in _GIVING_AWAY:
                self.given_away |= self.of_all(node.operands)

    def of(self, value: Value) -> int:
        return self._masks.get(value, 0)

    def of_all(self, values: Sequence[Value]) -> int:
        mask = 0
        for value in values:
            mask |= self.of(value)
        return mask

    def is_owned(self, value: Value) -> bool:
        mask = self.of(value)
        return bool(mask) and not mask & (CALLER | READ_ONLY | self.given_away)

    def _pass(self, nodes: Sequence[Node]) -> bool:
        """One walk over all nodes; did any mask grow?"""
        self._grew = False
        for node in nodes:
            if node.operation == "if":
                for k, value in enumerate(node.results):
                    for region in node.regions:
                        self._flow(region.results[k], value)
            elif node.operation in ("for", "while"):
                self._loop(node)
            else:
                self._operation(node)
        return self._grew

    def _loop(self, node: Node) -> None:
        parts = loop_parts(node)
        for source, item in zip(parts.sequences, parts.items):
            self._flow(source, item)
        for k, value in enumerate(parts.carried):
            if value in self._entry_copies:
                self._grow(value, self._fresh(value))
            else:
                self._flow(parts.initial[k], value)
            self._flow(parts.yielded[k], value)
            self._flow(value, parts.final[k])
        for source, value in zip(parts.collected, parts.lists):
            self._flow(source, value)
        if node.operation == "while":
            for own, value in zip(node.regions[0].parameters, parts.carried):
                self._flow(value, own)

    def _operation(self, node: Node) -> None:
        section = node.parameters.get("section")
        owned = section.owned if isinstance(section, Section) else ()
        written_where_it_stands = is_store(node.operation) and node.parameters.get("in_place")
        for place, value in enumerate(node.results):
            if not _has_memory(value):
                continue
            if place in owned:
                self._grow(value, self._fresh(value))
            elif written_where_it_stands:
                self._flow(node.operands[0], value)
            elif _picks_a_number(node):
                continue
            elif makes_fresh_array(node) or _gathers(node):
                self._grow(value, self._fresh(value))
            else:
                self._view(node, value)

    def _view(self, node: Node, value: Value) -> None:
        mask = self.of_all(node.operands)
        if not mask or not _returns_its_operands_at_most(node):
            mask |= CALLER
        if node.operation in _READ_ONLY_VIEWS or node.operation == "einsum":
            mask |= READ_ONLY
        self._grow(value, mask)

    def _fresh(self, value: Value) -> int:
        if value not in self._own:
            self._own[value] = 4 << len(self._own)
        return self._own[value]

    def _flow(self, source: Value, target: Value) -> None:
        if not isinstance(source, Literal) and _has_memory(target):
            self._grow(target, self.of(source))

    def _grow(self, value: Value, mask: int) -> None:
        before = self._masks.get(value, 0)
        if mask | before != before:
            self._masks[value] = mask | before
            self._grew = True


def owned_results(graph: Graph) -> tuple[int, ...]:
    """The places of the results that are memory of their own."""
    origins = Origins(graph)
    masks = [origins.of(value) for value in graph.results]
    return tuple(
        place
        for place, value in enumerate(graph.results)
        if origins.is_owned(value)
        and not any(masks[place] & mask for k, mask in enumerate(masks) if k != place)
    )


_MAY_KEEP_ARRAYS = ("call", "user_call", "call_graph", "pull_back", "section")


def _returns_its_operands_at_most(node: Node) -> bool:
    """Is the result new or made of the operands (and not, say, an array that a function keeps)?"""
    if node.operation in _MAY_KEEP_ARRAYS or not is_primitive_name(node.operation):
        return False
    module = getattr(primitive_named(node.operation).function, "__module__", None) or ""
    return module.split(".")[0] in ("numpy", "srcgrad", "builtins", "math", "_operator")


def _index_entries(node: Node) -> tuple[object, ...]:
    index = node.parameters.get("index")
    return index if isinstance(index, tuple) else (index,)


def _picks_a_number(node: Node) -> bool:
    """Is this `x[i, j]`, which gives a NumPy scalar, never a view (as `x[i, j, ...]` would be)?"""
    if node.operation != "getitem" or not isinstance(node.operands[0].type, ArrayType):
        return False
    is_number = isinstance(node.result.type, ArrayType) and node.result.type.shape == ()
    return is_number and not any(entry is Ellipsis for entry in _index_entries(node))


def _gathers(node: Node) -> bool:
    """Does the index hold an array, a list or a mask, so that NumPy copies what it selects?"""
    if node.operation != "getitem" or not isinstance(node.operands[0].type, ArrayType):
        return False
    return any(_is_gathering(entry, node) for entry in _index_entries(node))


def _is_gathering(entry: object, node: Node) -> bool:
    if isinstance(entry, (list, np.ndarray)):
        return True
    if not isinstance(entry, Hole):
        return False
    type_ = node.operands[entry.operand].type
    return isinstance(type_, ArrayType) and bool(type_.shape)


def _has_memory(value: Value) -> bool:
    """Python numbers cannot be written into; whatever else might be."""
    return isinstance(value.type, (ArrayType, ListType, OpaqueType))
