"""`with on_gradient(h) as g:`: code that runs in the adjoint, where the gradient of `h` is.

The body is evaluated into a region of a node of its own, whose parameter is the gradient that
arrives and whose result is the one that goes on.  The primal does not run it: for it, the node is
`h` itself.  Reverse mode puts the region into the adjoint (`transforms/gradient_hooks.py`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad import markers
from srcgrad.frontend import storage
from srcgrad.frontend.abstract import (
    RESULT,
    RETURNED,
    VERSION,
    Abstract,
    ArrayRef,
    Frame,
    Frozen,
    Keywords,
    Number,
    OneOf,
    Static,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.stand_ins.gradients import clip_gradient
from srcgrad.graph import (
    ArrayType,
    Node,
    Region,
    Value,
    carries_derivative,
    is_complex,
    shape_of,
)
from srcgrad.transforms import derivative_type

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom)
_FUNCTIONS = (ast.FunctionDef, ast.Lambda, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.While)


def run_on_gradient(ev: Evaluator, item: ast.withitem, body: list[ast.stmt]) -> None:
    call, target = item.context_expr, item.optional_vars
    assert isinstance(call, ast.Call)
    name = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not isinstance(name, ast.Name):
        ev.reject(
            call,
            "`on_gradient` takes a variable of the function, whose gradient it is about",
            "Give the value a name, and write `with on_gradient(name) as g:`.",
        )
    if not isinstance(target, ast.Name):
        ev.reject(call, "the gradient needs a name: `with on_gradient(h) as g:`")
    _refuse_leaving(ev, body)
    given = ev.evaluate(name)
    held = storage.current(ev, given)
    if not isinstance(held, Number) or not carries_derivative(held.value.type):
        if is_python_number(held):
            return  # a number that is known now has no gradient
        ev.reject(name, f"`{name.id}` is {describe(held)}, which has no gradient")
    if isinstance(given, ArrayRef) and given.steps:
        ev.refuse(
            name,
            f"`{name.id}` is a view of an array that is changed in place",
            "Name the array itself, or a copy of the view.",
        )
    arrives = Value(derivative_type(held.value.type), None, held.value)
    region = _region(ev, call, target.id, arrives, body)
    (passed,) = ev.builder.append(
        "on_gradient", (held.value,), (held.value.type,), regions=(region,), names=(name.id,)
    )
    if isinstance(given, ArrayRef):
        ev.trail.set(given.storage, VERSION, Number(passed))
    else:
        ev.assign(ast.copy_location(ast.Name(name.id, ast.Store()), name), Number(passed))


def clip(
    ev: Evaluator, function: object, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`clip_gradient(x, low, high)`, which is written in Python."""
    _refuse_written(ev, args[:1], node)
    if not args[1:] and not set(kwargs) & {"low", "high", "norm"}:
        ev.reject(node, "`clip_gradient` needs bounds, or `norm`")
    return ev.call(Static(clip_gradient), args, kwargs, node)


def mark(
    ev: Evaluator, function: object, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`scale_gradient` and `straight_through`: primitives that give their first argument."""
    _refuse_written(ev, args[:1], node)
    return ev.call_primitive(function, args, kwargs)


def _refuse_written(ev: Evaluator, given: list[Abstract], node: ast.AST) -> None:
    if any(isinstance(item, (ArrayRef, OneOf, Frozen)) for item in given):
        ev.refuse(
            node,
            "the gradient of an array that is changed in place cannot be marked",
            "Mark that of a copy: `x.copy()`.",
        )


HANDLERS = {
    markers.clip_gradient: clip,
    markers.scale_gradient: mark,
    markers.straight_through: mark,
}


def _region(
    ev: Evaluator, call: ast.Call, target: str, arrives: Value, body: list[ast.stmt]
) -> Region:
    before = dict(ev.frame.entries)
    ev.trail.begin()
    try:
        with ev.builder.nested() as nodes:
            ev.trail.set(ev.frame, target, _gradient(ev, call, arrives))
            ev.run_block(body)
            end = storage.current(ev, ev.frame.entries[target])
            goes_on = _checked(ev, call, target, arrives, end)
    finally:
        changes = ev.trail.take_back()
    for owner, key in changes:
        _check_change(ev, owner, key, target, before, body[0])
    return Region((arrives,), tuple(nodes), (goes_on,))


def _gradient(ev: Evaluator, call: ast.Call, arrives: Value) -> Abstract:
    """The gradient as the body sees it: an array that it may write into."""
    if not isinstance(arrives.type, ArrayType) or arrives.type.shape == ():
        return Number(arrives)
    key = (id(call), ev.frame.caller)
    if key in ev.decisions.storage:
        return storage.made_by(ev, call, ev.call_primitive("copy", (Number(arrives),)))
    # Should the body write into it, the evaluation starts again and makes a copy here.
    ev.created[arrives] = key
    ev.builder.definitions[arrives] = Node("copy", (arrives,), (arrives,))
    return Number(arrives)


def _checked(ev: Evaluator, call: ast.Call, target: str, arrives: Value, end: Abstract) -> Value:
    """The gradient that goes on: of the shape and kind of the one that arrives."""
    if end == Static(None):
        end = Static(0.0)
    if is_python_number(end):
        assert isinstance(end, Static)
        value: Value = as_literal(end)
    elif isinstance(end, Number):
        value = end.value
    else:
        ev.reject(call, f"the gradient `{target}` becomes {describe(end)}, which is no gradient")
    have, want = shape_of(value.type), shape_of(arrives.type)
    sizes = ev.builder.assumptions
    fits = have == () or (
        have is not None
        and want is not None
        and len(have) == len(want)
        and all(map(sizes.assume_equal, have, want))
    )
    if value is not arrives and not fits:
        ev.reject(call, f"the gradient `{target}` must keep its shape, or become a number")
    if is_complex(value.type) and not is_complex(arrives.type):
        ev.reject(call, f"the gradient `{target}` becomes complex, and it is one of a real value")
    return value


def _check_change(
    ev: Evaluator, owner: object, key: object, target: str, before: dict, body: ast.stmt
) -> None:
    """Refuse changes to what the primal reads."""
    if owner is ev.frame:
        if not isinstance(key, str) or key in (target, RETURNED, RESULT) or key not in before:
            return
        ev.refuse(
            body,
            f"the body of `on_gradient` assigns `{key}`, a variable of the function",
            "It runs on the way back, when the function is done: assign to the gradient, or to "
            "names of its own.",
        )
    if isinstance(owner, Frame):
        return
    ev.refuse(
        body,
        "the body of `on_gradient` changes what the function reads",
        "It runs on the way back, when the function is done: change the gradient alone.",
    )


def _refuse_leaving(ev: Evaluator, body: list[ast.stmt], in_loop: bool = False) -> None:
    for statement in body:
        _refuse_leaving_part(ev, statement, in_loop)


def _refuse_leaving_part(ev: Evaluator, part: ast.AST, in_loop: bool) -> None:
    if isinstance(part, _FUNCTIONS):
        return
    leaves = isinstance(part, _LEAVING) or (
        isinstance(part, (ast.Break, ast.Continue)) and not in_loop
    )
    if leaves:
        ev.refuse(
            part,
            "the body of `on_gradient` may not leave it: it runs on the way back, when the "
            "function is done",
            "Use `if` in the body.",
        )
    for child in ast.iter_child_nodes(part):
        _refuse_leaving_part(ev, child, in_loop or isinstance(part, _LOOPS))
