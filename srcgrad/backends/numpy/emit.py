"""From a graph to the source of a Python function, step by step."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad.analyses import TripCounts, names_places_once
from srcgrad.backends.numpy import ownership, trees
from srcgrad.backends.numpy.coalescing import Variables, share_variables
from srcgrad.backends.numpy.comments import Comments
from srcgrad.backends.numpy.emitted import Emitted
from srcgrad.backends.numpy.expressions import Expressions
from srcgrad.backends.numpy.folding import Folding
from srcgrad.backends.numpy.helpers import helper_definitions
from srcgrad.backends.numpy.liveness import Liveness, order_of_appearance
from srcgrad.backends.numpy.names import RESERVED, Hints, name_variables
from srcgrad.backends.numpy.ownership import Origins
from srcgrad.backends.numpy.plan import Append, Define, Move, Return, Statement, plan_of
from srcgrad.backends.numpy.prepare import prepare
from srcgrad.backends.numpy.results import (
    ResultWriter,
    container_names,
    fixed_names,
    names_in_result,
    signature,
    unpacking,
)
from srcgrad.backends.numpy.spellings import SPELLINGS
from srcgrad.backends.numpy.statements import StatementWriter
from srcgrad.backends.numpy.stores import all_statements, copy_before_writes, decide_writes
from srcgrad.backends.numpy.undefined import made_like_undefined
from srcgrad.backends.numpy.uses import block_tree, uses_of
from srcgrad.errors import UnsupportedError
from srcgrad.graph import Callee, Graph, Interface, Node, Section, Value, definitions, walk

# What only makes the text shorter and the code faster, by name.
OPTIMISATIONS = ("fold_expressions", "share_variables", "write_in_place")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the functions of a source: its graph, what it takes and returns, and its name."""

    graph: Graph
    interface: Interface
    name: str


def emit(
    graph: Graph,
    interface: Interface,
    name: str,
    without: Collection[str] = (),
    functions: Sequence[tuple[Graph, Interface, str]] = (),
) -> Emitted:
    """The source of `graph` as a function called `name`, with the parameters of `interface`."""
    return emit_parts([Part(graph, interface, name)], without, functions)


def owned_results(graph: Graph) -> tuple[int, ...]:
    """The places of the results that are arrays which nobody else holds."""
    return ownership.owned_results(prepare(graph))


def emit_parts(
    parts: Sequence[Part],
    without: Collection[str] = (),
    functions: Sequence[tuple[Graph, Interface, str]] = (),
) -> Emitted:
    """The source of several functions, one below the other.

    What is named in `without` is left out, if it is among `OPTIMISATIONS`.  `functions` are others
    that they call: they stand before them.
    """
    called = [_written(Part(*function), without) for function in functions]
    return _assembled(parts, called + [_written(part, without) for part in parts])


def _written(part: Part, without: Collection[str]) -> tuple[ast.FunctionDef, Expressions]:
    """One function as a syntax tree."""
    interface = part.interface
    graph = prepare(part.graph)
    top = block_tree(graph)
    folding = Folding(top, uses_of(top), Origins(graph), "fold_expressions" not in without)
    plan = plan_of(graph, top, folding)
    emission = _emission(graph, plan, folding, interface, without, undefined_is_none=False)
    if emission is None:
        emission = _emission(graph, plan, folding, interface, without, undefined_is_none=True)
    assert emission is not None
    body, build = emission
    documentation: list[ast.stmt] = []
    if interface.documentation:
        documentation = [ast.Expr(trees.constant(interface.documentation))]
    arguments = signature(interface)
    function = ast.FunctionDef(part.name, arguments, documentation + body, [], None, lineno=0)
    _check_names(function, interface)
    return function, build


def _emission(
    graph: Graph,
    plan: list[Statement],
    folding: Folding,
    interface: Interface,
    without: Collection[str],
    *,
    undefined_is_none: bool,
) -> tuple[list[ast.stmt], Expressions] | None:
    """The body; None where a variable without a value would be handed on, which needs a `None`."""
    for statement in all_statements(plan):
        if isinstance(statement, Move):
            statement.deep = set()
    liveness = Liveness(graph.inputs, plan, folding, undefined_is_none=undefined_is_none)
    decide = copy_before_writes if "write_in_place" in without else decide_writes
    writes = decide(graph, plan, folding, liveness)
    if writes.has_copies:
        liveness = Liveness(graph.inputs, plan, folding, undefined_is_none=undefined_is_none)
    hints = Hints(graph)
    adjoints = hints.of_adjoints(liveness.values)
    derived = frozenset(value for value in liveness.values if hints.is_derived(value))
    variables = Variables(liveness, graph.inputs, adjoints, derived)
    if "share_variables" not in without:
        share_variables(variables, plan, folding, liveness, writes)
    fixed = fixed_names(interface)
    names = name_variables(
        variables,
        (*graph.inputs, *order_of_appearance(plan)),
        fixed,
        hints,
        _reserved(graph, interface),
    )
    may_be_undefined = frozenset(liveness.members(liveness.loose))
    guarded = made_like_undefined(graph, may_be_undefined)
    if guarded and not undefined_is_none:
        return None
    build = Expressions(names, folding, SPELLINGS, guarded)
    made_by = definitions(graph.nodes)
    writer = StatementWriter(
        build,
        folding,
        liveness,
        variables,
        writes,
        ResultWriter(interface.result, graph.results),
        Comments({node: place for place, node in enumerate(walk(graph.nodes))}),
        TripCounts(graph.nodes),
        lambda node: names_places_once(node, made_by, graph.assumptions),
        undefined_is_none,
    )
    if not undefined_is_none and _hands_on_undefined(plan, liveness, writer):
        return None
    body = writer.block(plan, top=True)
    read = set(liveness.members(liveness.at_entry))
    return unpacking(interface, names, read) + body, build


def _hands_on_undefined(plan: list[Statement], liveness: Liveness, writer: StatementWriter) -> bool:
    """Would running the text read a variable that has no value on the path taken?"""

    def is_loose(values: Iterable[Value]) -> bool:
        leaves = frozenset().union(*map(writer.folding.leaves, values))
        return any(liveness.loose & liveness.bit(value) for value in leaves)

    for statement in all_statements(plan):
        if isinstance(statement, Append) and is_loose([statement.item]):
            return True
        if isinstance(statement, Return) and is_loose(statement.values):
            return True
        # The adjoint of a value on a path that does not define it: nobody reads it there.
        if isinstance(statement, Define) and is_loose(_shaped_like(statement.node)):
            return True
        if isinstance(statement, Move):
            for target, source in zip(statement.targets, statement.sources):
                if not liveness.is_read_after(target, statement) or not is_loose([source]):
                    continue
                if writer.build.names.get(source) != writer.build.names[target]:
                    return True
    return False


def _shaped_like(node: Node) -> tuple[Value, ...]:
    """The value whose zero a node makes."""
    return node.operands if node.operation == "zeros_like" else ()


def _reserved(graph: Graph, interface: Interface) -> frozenset[str]:
    """The names that variables may not have: Python's, containers', those in opaque text."""
    names = set(RESERVED) | container_names(interface) | names_in_result(interface.result)
    for node in walk(graph.nodes):
        if isinstance(node.parameters.get("callee"), Callee):
            names |= {f"{node.parameters['callee']}_{part}" for part in ("forward", "backward")}
        if isinstance(node.parameters.get("section"), Section):
            names.add(repr(node.parameters["section"]))
        parameters = {**node.parameters, **(node.parameters.get("inner") or {})}  # type: ignore
        for key in ("function", "exception", "target", "text"):
            text = parameters.get(key)
            if isinstance(text, str):
                names |= {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    return frozenset(names)


def _assembled(
    parts: Sequence[Part], written: Sequence[tuple[ast.FunctionDef, Expressions]]
) -> Emitted:
    builds = [build for _, build in written]
    needed: dict[str, Callable[..., Any]] = {}
    for build in builds:
        needed |= build.helpers
    helpers = helper_definitions(needed.values())
    # Loaded by name and only here, because it brings astor along: `import srcgrad` must not.
    printing = importlib.import_module("srcgrad.backends.numpy.printing")
    source, lines = printing.print_module([*helpers, *(function for function, _ in written)])
    modules = set().union(*(build.imports for build in builds))
    imports = ("import numpy as np", *(f"import {module}" for module in sorted(modules)))
    references = {key: item for build in builds for key, item in build.references.items()}
    parameters = tuple(parameter.name for parameter in parts[0].interface.parameters)
    names = tuple(part.name for part in parts)
    return Emitted(source, lines, names[0], parameters, imports, references, names)


_MODULES = {"np", "math"}


def _check_names(function: ast.FunctionDef, interface: Interface) -> None:
    """A parameter may be called `len` only where the text does not need Python's own."""
    parameters = {parameter.name for parameter in interface.parameters}
    hidden = parameters & (set(dir(builtins)) | _MODULES)
    if not hidden:
        return
    needed = {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    } | {
        node.value.id
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in _MODULES
    }
    for name in sorted(hidden & needed):
        raise UnsupportedError(
            f"the parameter `{name}` hides what generated code needs under that name",
            remedy=f"Give the parameter `{name}` another name.",
        )
