"""What a mode starts from, and what it gives: a graph, and trees over the graph's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from srcgrad.errors import ArgumentError
from srcgrad.graph import Graph, Leaf, Literal, Passive, Tree, Value, leaves, map_leaves
from srcgrad.location import Location


@dataclass(frozen=True, slots=True)
class Primal:
    """A function evaluated for one kind of arguments.

    `result` is what it returns, in terms of the values of `graph`; the graph's own results mean
    nothing.  `wrt` holds the arguments to differentiate with respect to: `single` says that one was
    asked for and not a tuple, `every` that all were; `is_derivative` that the function is what
    another mode gave.  `rest` is the parameter `*args`, whose arguments count one by one where all
    parameters were asked for.  `origins` says how the user would write an
    input, `place_of` where a parameter (or, for None, the result) stands in the user's code.
    `samples` holds, for each value of which the function sees one sample, the array of all samples.
    """

    name: str
    graph: Graph
    result: Tree
    wrt: Mapping[str, Tree]
    single: bool
    origins: Mapping[Value, str] = field(default_factory=dict)
    every: bool = False
    is_derivative: bool = False
    rest: str | None = None
    place_of: Callable[[str | None], Location | None] = lambda name: None
    samples: Mapping[Value, Value] = field(default_factory=dict)

    def inputs(self) -> list[Value]:
        """The inputs among the arguments to differentiate with respect to, in order, once each."""
        found = [leaf.value for tree in self.wrt.values() for leaf in leaves(tree)]
        # An instance that stands at two places has one gradient.
        return list(dict.fromkeys(found))

    def places(self, values: list[Value]) -> list[int]:
        return [self.graph.inputs.index(value) for value in values]

    def wrong_argument(self, name: str | None, error: ArgumentError) -> ArgumentError:
        """The error, placed at the parameter (or at the result)."""
        error.located(self.place_of(name))
        return error


@dataclass(frozen=True, slots=True)
class Derived:
    """What a mode makes of a primal: a graph whose results are the numbers of `result`."""

    graph: Graph
    result: Tree


def with_results(graph: Graph, result: Tree) -> Derived:
    # What stands at two places of the result is a result of the graph once.
    returned = tuple(dict.fromkeys(leaf.value for leaf in leaves(result)))
    return Derived(graph.replace(results=returned), result)


def renewed(tree: Tree, before: tuple[Value, ...], after: tuple[Value, ...]) -> Tree:
    """The tree with the results of a graph after its passes in place of those before."""
    return replaced_values(tree, dict(zip(before, after, strict=True)))


def replaced_values(tree: Tree, values: Mapping[Value, Value]) -> Tree:
    """The tree with another value for each of its numbers."""
    return map_leaves(tree, lambda leaf: Leaf(values[leaf.value]), lambda passive: passive)


def replaced(tree: Tree, values: Mapping[Value, Tree]) -> Tree:
    """The tree with something else for each number, and None for everything else."""
    return map_leaves(tree, lambda leaf: values[leaf.value], lambda _: Passive(None))


def is_known_zero(value: Value) -> bool:
    return isinstance(value, Literal) and value.value == 0
