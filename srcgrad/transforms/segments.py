"""A loop as one over segments, each of which is a section that an adjoint computes again.

    u_3 = for i in range(0, n, 1)         every = isqrt(max(n, 1))
          carry (u = u_0) { ... }    →    u_3 = for first in range(0, n, every) carry (u = u_0) {
                                            u_1 = section u, first, every, n {section=steps}
                                            yield u_1
                                          }

The adjoint of such a loop keeps what is carried into each segment, and of one segment at a time
what every step needs.  With k segments of n / k steps each, that is k + n / k states, the least at
the root of n; each step is computed twice (Griewank and Walther, "Evaluating Derivatives", chapter
12: two levels; more levels would take less memory and compute each step more often).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    INT,
    UNDEFINED,
    ArrayType,
    Assumptions,
    Builder,
    Literal,
    LoopParts,
    Node,
    Value,
    free_values,
    give_name,
    literal,
    loop_parts,
    make_for,
)
from srcgrad.rules import Symbol, as_value, call
from srcgrad.transforms.rewriting import carries_of, rebuild_loop
from srcgrad.transforms.sections import as_section


def in_segments(
    loop: Node, every: Value | None, stem: str, assumptions: Assumptions
) -> tuple[Node, ...]:
    """The nodes that take the place of a loop; a segment has `every` steps, or the root of all."""
    parts = loop_parts(loop)
    _check(parts)
    builder = Builder(assumptions)
    builder.location = loop.location
    start, stop, step = _bounds(builder, parts)
    length = _plain(builder, every) if every is not None else _root(_trips(start, stop, step))
    _name(length, "every")
    first = Value(INT, "first")
    carried = tuple(Value(value.type, value.name) for value in parts.carried)
    begin = Symbol(builder, first)
    with builder.nested() as nodes:
        end = _nearer(step)(begin + length * step, stop)
        _name(end, "end")
        inner = _inner_loop(builder, parts, (begin, end, step), carried)
        builder.add(inner)
    finals = inner.results
    section = as_section(stem, nodes, assumptions, loop.location)
    body = (section,)
    outer = make_for(
        range=(as_value(start), as_value(stop), as_value(length * step)),
        initial=parts.initial,
        index=first,
        carried=carried,
        nodes=body,
        yielded=finals,
        final=parts.final,
        location=loop.location,
    )
    return (*builder.nodes, outer)


def _check(parts: LoopParts) -> None:
    location = parts.node.location
    if parts.stop is not None or parts.node.operation != "for":
        raise UnsupportedError(
            "a loop in `checkpoint` must take all of its steps: it may not `break` or return",
            location=location,
            remedy="Let the steps after the end change nothing: `x = np.where(done, x, step(x))`.",
        )
    if parts.lists:
        raise UnsupportedError(
            "a loop in `checkpoint` may not append to lists",
            location=location,
            remedy="Store into an array that is made before the loop, or sum up in the loop.",
        )
    if any(not isinstance(sequence.type, ArrayType) for sequence in parts.sequences):
        raise UnsupportedError(
            "a loop in `checkpoint` walks a range or arrays, not lists",
            location=location,
            remedy="Make the list an array: `np.array(items)`.",
        )
    if parts.range and not isinstance(parts.range[2], Literal):
        raise UnsupportedError(
            "the step of a range in `checkpoint` must be known before the call",
            location=location,
            remedy="Walk `range(n)`, and multiply by the step.",
        )


def _plain(builder: Builder, value: Value) -> Any:
    return value.value if isinstance(value, Literal) else Symbol(builder, value)


def _bounds(builder: Builder, parts: LoopParts) -> tuple[Any, Any, int]:
    """The range of the steps: the loop's own, or the indices of what it walks."""
    lengths = [call("dim", Symbol(builder, sequence), axis=0) for sequence in parts.sequences]
    if parts.range and not lengths:
        start, stop, step = (_plain(builder, bound) for bound in parts.range)
        return start, stop, step
    if parts.range:
        lengths.append(_trips(*(_plain(builder, bound) for bound in parts.range)))
    shortest = lengths[0]
    for length in lengths[1:]:
        shortest = _smaller(shortest, length)
    return 0, shortest, 1


def _trips(start: Any, stop: Any, step: int) -> Any:
    """How many steps there are; less than one where there is none."""
    if step > 0:
        return stop - start if step == 1 else (stop - start + (step - 1)) // step
    return start - stop if step == -1 else (start - stop + (-step - 1)) // -step


def _root(count: Any) -> Any:
    if isinstance(count, int):
        return math.isqrt(max(count, 1))
    return call(math.isqrt, call(max, count, 1))


def _smaller(a: Any, b: Any) -> Any:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else call(min, a, b)


def _larger(a: Any, b: Any) -> Any:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else call(max, a, b)


def _name(number: Any, name: str) -> None:
    if isinstance(number, Symbol):
        give_name(number.value, name)


def _nearer(step: int) -> Any:
    return _smaller if step > 0 else _larger


def _inner_loop(
    builder: Builder, parts: LoopParts, bounds: tuple[Any, Any, int], initial: Sequence[Value]
) -> Node:
    """The loop over the steps of one segment."""
    begin, end, _ = bounds
    # A segment has a step at least: what no step reads does not go in.
    read = set(free_values(Node("body", (), (), {}, (replace(parts.body, parameters=()),))))
    carries = [
        (
            carried,
            before if carried in read else literal(UNDEFINED),
            yielded,
            Value(final.type, final.name),
        )
        for (carried, _, yielded, final), before in zip(carries_of(parts), initial, strict=True)
    ]
    if not parts.sequences:
        range = tuple(map(as_value, bounds))
        return rebuild_loop(parts, range=range, carries=carries)
    rows = [
        (item, as_value(Symbol(builder, sequence)[begin:end]))
        for item, sequence in zip(parts.items, parts.sequences)
    ]
    range = parts.range
    if range:
        start, _, step = (_plain(builder, bound) for bound in parts.range)
        range = tuple(map(as_value, (start + begin * step, start + end * step, step)))
    return rebuild_loop(parts, range=range, walks=rows, carries=carries)
