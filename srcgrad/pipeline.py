"""The optimisation passes in order, each with the reason for its place."""

from __future__ import annotations

from collections.abc import Collection

from srcgrad.graph import Graph
from srcgrad.transforms import (
    block_elementwise,
    defer_accumulation,
    defer_conversions,
    delay_stores,
    eliminate_common_subexpressions,
    fold_constants,
    hoist_invariants,
    is_same,
    merge_branches,
    preallocate_tapes,
    remove_dead_code,
    save_overwritten,
    simplify,
    simplify_branches,
    simplify_loops,
    without_hooks,
    without_kinks,
)

ROUNDS_AT_MOST = 10

PASSES = (
    remove_dead_code,  # first, so that no pass spends time on what nobody reads
    fold_constants,  # literals show `simplify` more neutral elements
    simplify,  # needs to know who reads what, so after dead code is gone
    eliminate_common_subexpressions,  # simplified expressions are more often equal
    merge_branches,  # conditions that are equal are now the same value
    simplify_branches,  # merged branches show which of their results are equal
    simplify_loops,  # values that a loop hands on may have become visible as unchanged
    defer_conversions,  # sums in loops have their final form now
    hoist_invariants,  # what stays in a loop is what varies
    defer_accumulation,  # last in a round: it tells what varies from what is the same throughout
)

LAST_PASSES = (
    remove_dead_code,  # what the last round left
    delay_stores,  # in the final order, all that reads before a store is there
    preallocate_tapes,  # no pass before knows that these stores are best done at once
    remove_dead_code,  # sizes of stacked lists, which are gone
)

# For one function at a time, once it is not taken apart any more.
PASSES_OF_A_FUNCTION = (
    remove_dead_code,  # one of two functions does not need all that both need
    block_elementwise,  # every chain has its final form, and is read as a chain no more
    save_overwritten,  # the passes before count on values that stay what they are
)

# What the backend counts on.
NEEDED_PASSES = (save_overwritten,)

# The names of all that only makes the code better, and may be left out.
OPTIMISATIONS = tuple(
    dict.fromkeys(
        transform.__name__
        for transform in PASSES + LAST_PASSES + PASSES_OF_A_FUNCTION
        if transform not in NEEDED_PASSES
    )
)


def optimise(graph: Graph, without: Collection[str] = ()) -> Graph:
    """The graph of a function, ready to be emitted.

    Passes named in `without`, which must be among `OPTIMISATIONS`, are left out.
    """
    return with_real_stores(improve(graph, without), without)


def with_real_stores(graph: Graph, without: Collection[str] = ()) -> Graph:
    """The graph with copies of what its stores overwrite and is read later.

    After all passes, and for one function at a time.
    """
    for transform in PASSES_OF_A_FUNCTION:
        if transform.__name__ not in without:
            graph = transform(graph)
    return graph


def improve(graph: Graph, without: Collection[str] = ()) -> Graph:
    """The graph with everything done that needs doing once less: the passes to a fixed point."""
    rounds, last = (
        [transform for transform in passes if transform.__name__ not in without]
        for passes in (PASSES, LAST_PASSES)
    )
    graph = graph.replace(nodes=without_kinks(without_hooks(graph.nodes)))
    for _ in range(ROUNDS_AT_MOST):
        before = graph
        for transform in rounds:
            graph = transform(graph)
        if is_same(before, graph):
            break
    for transform in last:
        graph = transform(graph)
    return graph
