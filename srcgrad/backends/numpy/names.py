"""Readable names for variables: the user's own, `d_` for adjoints, `_dot` for tangents.

A name serves again once its older holder is not read any more; two variables that are needed at the
same time get numbers, in order of appearance: `x`, `x_1`, `x_2`.  The name of a temporary serves
again only for what is of the same kind, so that `t` is not first an array and then a mask.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from srcgrad.backends.numpy.coalescing import Variables
from srcgrad.graph import (
    ArrayType,
    Graph,
    Hole,
    Literal,
    Node,
    ScalarType,
    Value,
    definitions,
    loop_parts,
    walk,
)

_MODULES = {"np", "math", "cmath", "scipy", "warnings"}
RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | _MODULES | {"raised", "_"}
_LONGEST_HINT = 12
_SIGN_WORDS = {"multiply": "", "matmul": "", "divide": "over", "add": "plus", "subtract": "minus"}
# What the result of a function is called; under its own name it would hide a builtin, or say less.
_WORDS = {
    "sum": "total",
    "max": "largest",
    "min": "smallest",
    "absolute": "magnitude",
    "prod": "product",
    "reshape": "flat",
}
_TELLING = frozenset(
    "exp log log1p expm1 sqrt sin cos tan tanh sinh cosh logaddexp mean var std sign norm".split()
)
_TEMPORARY_RANK = 2
_NAMES_TRIED = 20


# The name of a value of which nothing is to be said.
NAMELESS = "t"


class Hints:
    """A base name for every value, with a rank: the lower, the more it says."""

    def __init__(self, graph: Graph) -> None:
        self._defined = definitions(graph.nodes)
        self._lists: dict[Value, Value] = {}
        self._items: dict[Value, Value] = {}
        self._indices: set[Value] = set()
        self._rows: set[Value] = set()
        self._phases: dict[Value, str] = {}
        self._returned_first = _returned_first(graph)
        for node in walk(graph.nodes):
            for region in node.regions:
                self._phases.update(dict.fromkeys(region.parameters, node.phase))
            if node.operation in ("for", "while"):
                parts = loop_parts(node)
                self._lists.update(zip(parts.lists, parts.collected))
                self._items.update(zip(parts.items, parts.sequences))
                if parts.index is not None:
                    self._indices.add(parts.index)
            self._rows.update(_row_numbers(node))

    def of(self, value: Value, given: Mapping[Value, str] | None = None) -> tuple[int, str]:
        """`given` are the names that variables have already."""
        tape = self._tape(value)
        if tape is not None:
            return 0, f"{tape}_tape"
        sequence = self._items.get(value)
        tape = None if sequence is None else self._tape(sequence)
        if tape is not None:
            return 0, f"{tape}_t"
        if value.name:
            return 0, _as_identifier(value.name)
        node = self._defined.get(value)
        if value.derivative_of is not None:
            tangent = node is not None and "tangent" in node.phase
            return self._derivative(value.derivative_of, tangent, given or {})
        if value in self._returned_first and (node is None or not node.phase):
            return 2, "value"
        if value in self._lists:
            collected = self._lists[value]
            named = not isinstance(collected, Literal) and self.of(collected)
            return (1, f"{named[1]}_tape") if named and _says_something(*named) else (2, "tape")
        if value in self._items:
            return self._item(self._items[value])
        if value in self._indices:
            return 2, "i"
        return (3, NAMELESS) if node is None else self._temporary(node)

    def is_derived(self, value: Value) -> bool:
        """Is this a derivative, or a temporary on the way to one?"""
        if value.derivative_of is not None or value.name:
            return value.derivative_of is not None
        node = self._defined.get(value)
        return bool(self._phases.get(value) if node is None else node.phase)

    def of_adjoints(self, values: Iterable[Value]) -> dict[Value, str]:
        """The names of those that are adjoints or tangents of named values."""
        found = {v: self.of(v) for v in values if v.name is None and v.derivative_of is not None}
        return {value: name for value, (rank, name) in found.items() if rank < 2}

    def _tape(self, value: Value) -> str | None:
        """The name of what a loop records in this list, if the list is called as what it holds."""
        collected = self._lists.get(value)
        if collected is None or isinstance(collected, Literal) or not collected.name:
            return None
        same = value.name is None or value.name == collected.name
        return _as_identifier(collected.name) if same else None

    def _derivative(self, of: Value, tangent: bool, given: Mapping[Value, str]) -> tuple[int, str]:
        if isinstance(of, Literal):
            return 2, "g"
        rank, base = self.of(of, given)
        base = given.get(of, base)
        if tangent:
            return (1, f"{base}_dot") if rank < 2 else (2, "t_dot")
        return (1, f"d_{base}") if rank < 2 else (2, "g")

    def _item(self, sequence: Value) -> tuple[int, str]:
        if isinstance(sequence, Literal):
            return 3, "t"
        rank, base = self.of(sequence)
        if base.endswith("_tape"):
            return rank, f"{base.removesuffix('_tape')}_t"
        return 2, f"{base}_item" if rank < 2 else "item"

    def _temporary(self, node: Node) -> tuple[int, str]:
        """`exp_z` for `np.exp(z)`, `x_w` for `x @ w`, `sqrt` for the root of a longer expression.

        It is `t` where nothing short says it.
        """
        parts = []
        for value in node.operands[:2]:
            if not isinstance(value, Literal) and value.name:
                parts.append(value.name)
        word = node.operation.rsplit(".", 1)[-1]
        if word == "getitem" and node.operands[0].name:
            text = f"{parts[0]}_{_selected(node)}"
            return (3, _as_identifier(text)) if len(text) <= _LONGEST_HINT else (3, "t")
        if word == "arange" and node.result in self._rows:
            return 3, "rows"
        if node.operation == "if" or len(parts) != len(node.operands) or not parts:
            return 3, _word_for(node)
        if word in _SIGN_WORDS:
            text = f"_{_SIGN_WORDS[word]}_".join(parts).replace("__", "_")
        elif len(parts) == 1:
            text = f"{word}_{parts[0]}"
        else:
            return 3, "t"
        return 3, _as_identifier(text) if len(text) <= _LONGEST_HINT else _word_for(node)


def _word_for(node: Node) -> str:
    """The name of a NumPy function for its result, or a word for it; `t` for other operations."""
    name = node.operation
    if name in _WORDS:
        return _WORDS[name]
    return name if name in _TELLING else "t"


def _says_something(rank: int, name: str) -> bool:
    """Is the name of an item worth having in the name of its list?"""
    return name not in ("t", "g", "tape", "i") and not name.endswith("_tape")


def _returned_first(graph: Graph) -> set[Value]:
    """The first result, and what becomes it at the end of a branch; derivatives come after it."""
    found = set(graph.results[:1])
    for node in walk(graph.nodes):
        if node.operation == "if":
            for place, value in enumerate(node.results):
                if value in found:
                    found.update(region.results[place] for region in node.regions)
    return found


def _row_numbers(node: Node) -> list[Value]:
    """What stands first in an index with several entries, `x[rows, labels]`."""
    index = node.parameters.get("index")
    if not isinstance(index, tuple) or len(index) < 2 or not isinstance(index[0], Hole):
        return []
    return [node.operands[index[0].operand]]


def _selected(node: Node) -> str:
    """What an index gives: one item of an array, or part of it."""
    index = node.parameters["index"]
    entries = index if isinstance(index, tuple) else (index,)
    seen = [node.operands[e.operand].type if isinstance(e, Hole) else e for e in entries]
    return "item" if all(isinstance(e, (int, ScalarType)) for e in seen) else "part"


def _as_identifier(text: str) -> str:
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in text)
    return name if name.isidentifier() else f"v_{name}"


def name_variables(
    variables: Variables,
    order: Iterable[Value],
    fixed: dict[Value, str],
    hints: Hints,
    reserved: frozenset[str],
) -> dict[Value, str]:
    """A name for each value; values of one variable have one.  `order` is that of appearance."""
    chosen: dict[Value, str] = {}
    holders = {name: _Holders() for name in fixed.values()}
    for value, name in fixed.items():
        chosen[variables.of(value)] = name
        holders[name].add(variables.of(value), variables)
    given: dict[Value, str] = dict(fixed)
    unused: dict[str, int] = {}
    for value in order:
        owner = variables.of(value)
        if owner not in chosen:
            rank, base = min(
                (hints.of(member, given) for member in _in_order(variables.members(owner), value)),
                key=lambda hint: hint[0],
            )
            kind = _kind(value) if rank >= _TEMPORARY_RANK else None
            name = _free_name(base, kind, owner, variables, holders, reserved, unused)
            chosen[owner] = name
            holders.setdefault(name, _Holders(kind)).add(owner, variables)
        given[value] = chosen[owner]
    return {value: chosen[variables.of(value)] for value in order} | {
        value: chosen[variables.of(value)] for value in fixed
    }


def _in_order(members: list[Value], first: Value) -> list[Value]:
    return [first] + [value for value in members if value is not first]


@dataclass(slots=True)
class _Holders:
    """The variables that have a name, one after another, and the kind of thing that they are."""

    kind: Hashable = None
    members: int = 0
    interference: int = 0

    def add(self, owner: Value, variables: Variables) -> None:
        self.members |= variables.mask(owner)
        self.interference |= variables.interference(owner)

    def take(self, kind: Hashable, owner: Value, variables: Variables) -> bool:
        """May this variable have the name too?"""
        if self.kind != kind:
            return False
        return not (
            self.members & variables.interference(owner)
            or self.interference & variables.mask(owner)
        )


def _kind(value: Value) -> Hashable:
    """What two temporaries must have in common to go by the same name."""
    type_ = value.type
    if isinstance(type_, ArrayType):
        return type_.dtype, type_.rank
    return type_.python_type if isinstance(type_, ScalarType) else type(type_)


def _free_name(
    base: str,
    kind: Hashable,
    owner: Value,
    variables: Variables,
    holders: dict[str, _Holders],
    reserved: frozenset[str],
    unused: dict[str, int],
) -> str:
    """The first name that is free; beyond the first few, only names that nobody has had yet."""
    number = 0
    for number in range(_NAMES_TRIED):
        name = f"{base}_{number}" if number else base
        if name in reserved:
            continue
        if name not in holders or holders[name].take(kind, owner, variables):
            return name
    number = unused.get(base, _NAMES_TRIED)
    while f"{base}_{number}" in reserved or f"{base}_{number}" in holders:
        number += 1
    unused[base] = number + 1
    return f"{base}_{number}"
