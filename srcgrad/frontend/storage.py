"""Arrays that the program writes in place: storage, and references to all or part of it.

An array that is never written is a plain value of the graph.  At the first store into one, its
place of creation is marked and the evaluation starts again; from then on every name and view of
it is a reference to one storage, whose version a store replaces.  A view is the storage and the
steps that lead from it to the view, so that it sees every store, as in NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.abstract import (
    NONE,
    VERSION,
    Abstract,
    ArrayRef,
    Frozen,
    ListOf,
    Number,
    OneOf,
    Slots,
    Static,
    Step,
    Storage,
    TupleOf,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.indices import are_in_order, compose, is_basic_index
from srcgrad.frontend.memory_order import is_in_order
from srcgrad.graph import (
    ArrayType,
    Hole,
    Node,
    Value,
    fill,
    is_complex,
    is_integral,
    is_real,
    loop_parts,
    map_template,
    shape_of,
)
from srcgrad.rules import Symbol, find_primitive, makes_new_array, stop_gradient

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

GETITEM = "getitem"
RESULT = "result"
Rearrangement = Callable[["Evaluator", Abstract, Abstract, dict[str, Any]], Abstract]
_VIEW_FUNCTIONS = {
    np.transpose,
    np.swapaxes,
    np.moveaxis,
    np.squeeze,
    np.expand_dims,
    np.flip,
    np.flipud,
    np.fliplr,
    np.diagonal,
    np.real,
    np.imag,
    np.atleast_1d,
    np.atleast_2d,
    np.atleast_3d,
    np.rot90,
    np.rollaxis,
    np.matrix_transpose,
    np.broadcast_to,
}
# What these give may share memory with their argument, in ways that are not followed.
_PERHAPS_VIEW_FUNCTIONS = {
    np.reshape,
    np.ravel,
    np.asarray,
    np.asanyarray,
    np.ascontiguousarray,
    np.broadcast_arrays,
    np.diag,
    np.einsum,
    np.meshgrid,
    np.split,
    np.array_split,
    np.hsplit,
    np.vsplit,
    np.dsplit,
    stop_gradient,
}
_VIEW_OPERATIONS = {GETITEM, "reshape_like"} | {
    found.name
    for function in _VIEW_FUNCTIONS | _PERHAPS_VIEW_FUNCTIONS
    if (found := find_primitive(function)) is not None
}


# Reading


def current(ev: Evaluator, value: Abstract) -> Abstract:
    """What a reference refers to at this moment; any other value as it is."""
    if isinstance(value, ArrayRef):
        return read(ev, value)
    if isinstance(value, OneOf):
        return _read_one_of(ev, value)
    if isinstance(value, Frozen):
        return _read_frozen(value)
    if isinstance(value, ListOf) and not isinstance(value.content, TupleOf):
        return _list_content(ev, value)
    return value


def _list_content(ev: Evaluator, value: ListOf) -> Number:
    """A list whose length is known only during the call, as a value of the graph."""
    content = value.content
    if isinstance(content, Number):
        return content
    if ev.growing_in:
        # The loop that appends reads the list too, or appends on some paths only: its iterations
        # must be told apart.
        loop = ev.growing_in[-1]
        if loop not in ev.decisions.lists:
            raise NeedsDecision({("list", loop)})
        if loop not in ev.decisions.unrolled:
            raise NeedsDecision({("loop", loop)})
    raise UnsupportedError(
        "the length of this list depends on the path taken, which is not supported yet",
        remedy="Append on every path, or keep numbers instead of a list.",
    )


def read(ev: Evaluator, ref: ArrayRef) -> Number:
    held = ref.storage.entries[VERSION]
    for step, values in zip(ref.steps, ref.values):
        held = _take_step(ev, held, step, values)
    assert isinstance(held, Number)
    return held


def _read_one_of(ev: Evaluator, value: OneOf) -> Abstract:
    first, second = value.refs
    return on_one_of(ev, value, lambda: read(ev, second), lambda: read(ev, first))


def on_one_of(
    ev: Evaluator, value: OneOf, then: Callable[[], Abstract], orelse: Callable[[], Abstract]
) -> Abstract:
    """What is done with the second array, or with the first one, and its result."""
    if isinstance(value.second, Static):
        return then() if value.second.value else orelse()
    holder = Slots()
    ev.branch(
        value.second,
        lambda: ev.trail.set(holder, RESULT, then()),
        lambda: ev.trail.set(holder, RESULT, orelse()),
    )
    return holder.entries[RESULT]


def _take_step(ev: Evaluator, held: Abstract, step: Step, values: tuple[Number, ...]) -> Abstract:
    symbols = [ev.symbol(number.value) for number in values]
    parameters: dict[str, Abstract] = {
        key: Static(fill(item, symbols)) for key, item in step.parameters
    }
    return ev.call_primitive(step.function, (held,), parameters)


def _read_frozen(frozen: Frozen) -> Number:
    for storage, version in frozen.watched:
        if storage.entries.get(VERSION) != version:
            raise UnsupportedError(
                "this array may be one of several, and one of them has been changed in place since",
                remedy="Make a copy before the change, or do the change on each path by itself.",
            )
    return frozen.value


# Views


def view(ev: Evaluator, ref: ArrayRef, function: Any, parameters: dict[str, Any]) -> ArrayRef:
    """The view of a reference that a function gives; `parameters` may hold symbols."""
    symbols: list[Symbol] = []

    def make_hole(item: object) -> object:
        if not isinstance(item, Symbol):
            return item
        symbols.append(item)
        return Hole(len(symbols) - 1)

    template = tuple((key, map_template(item, make_hole)) for key, item in parameters.items())
    step = Step(function, template)
    values = tuple(Number(symbol.value) for symbol in symbols)
    return ArrayRef(ref.storage, (*ref.steps, step), (*ref.values, values))


def call_on_reference(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: dict[str, Abstract]
) -> Abstract | None:
    """What a function makes of references, where that may be a view; None where it is none."""
    if not _is_known(function):
        return None
    refs = _references([*args, *kwargs.values()])
    if not refs:
        return None
    first = args[0] if args else None
    is_whole = function in (np.asarray, np.asanyarray) and len(args) == 1 and not kwargs
    if isinstance(first, (ArrayRef, OneOf)) and is_whole:
        return first
    if isinstance(first, OneOf):
        seen_of_both = [
            call_on_reference(ev, function, [ref, *args[1:]], kwargs) for ref in first.refs
        ]
        if all(isinstance(seen, ArrayRef) for seen in seen_of_both):
            return OneOf(first.second, tuple(seen_of_both))  # type: ignore[arg-type]
    if isinstance(first, ArrayRef) and function in (np.reshape, np.ravel):
        seen = _reshaped(ev, function, first, args[1:], kwargs)
        if seen is not None:
            return seen
    if isinstance(first, ArrayRef) and function in _VIEW_FUNCTIONS:
        return _view_by(ev, function, first, args[1:], kwargs)
    if function in _VIEW_FUNCTIONS | _PERHAPS_VIEW_FUNCTIONS:
        made = ev.call_primitive(function, args, kwargs)
        return _frozen(made, [ref.storage for ref in refs])
    return None


def _is_known(function: Any) -> bool:
    try:
        return function in _VIEW_FUNCTIONS or function in _PERHAPS_VIEW_FUNCTIONS
    except TypeError:
        return False


def _references(values: list[Abstract]) -> list[ArrayRef]:
    """The references among arguments, and in the tuples and lists among them."""
    found: list[ArrayRef] = []
    for value in values:
        if isinstance(value, ArrayRef):
            found.append(value)
        elif isinstance(value, OneOf):
            found += value.refs
        elif isinstance(value, TupleOf) or (
            isinstance(value, ListOf) and isinstance(value.content, TupleOf)
        ):
            found += _references(list(value.items))
    return found


def _view_by(
    ev: Evaluator, function: Any, ref: ArrayRef, args: list[Abstract], kwargs: dict[str, Abstract]
) -> ArrayRef:
    primitive = find_primitive(function)
    assert primitive is not None and primitive.signature is not None
    names = list(primitive.signature.parameters)[1:]
    given = {**dict(zip(names, args)), **kwargs}
    plain = {key: ev.rule_argument(item) for key, item in given.items()}
    return view(ev, ref, function, plain)


def _reshaped(
    ev: Evaluator, function: Any, ref: ArrayRef, args: list[Abstract], kwargs: dict[str, Abstract]
) -> ArrayRef | None:
    """The view that a reshape gives of memory in order; None where it may be a copy."""
    if kwargs.keys() - {"shape"} or len(args) + len(kwargs) > 1 or not is_in_order(ev, ref):
        return None
    if function is np.ravel:
        return view(ev, ref, np.ravel, {}) if not args and not kwargs else None
    return view(ev, ref, np.reshape, {"shape": ev.rule_argument([*args, *kwargs.values()][0])})


def _frozen(made: Abstract, storages: list[Storage]) -> Abstract:
    """What may be a view or a copy: it may be read until the storage changes."""
    if isinstance(made, TupleOf):
        return TupleOf(tuple(_frozen(item, storages) for item in made.items), made.kind)
    assert isinstance(made, Number)
    return Frozen(made, tuple((held, held.entries[VERSION]) for held in storages))


def row_of(ref: ArrayRef, index: Any) -> ArrayRef:
    """The row of a reference at an index that is a number, or a carry of a pattern."""
    step = Step(GETITEM, (("index", Hole(0)),))
    return ArrayRef(ref.storage, (*ref.steps, step), (*ref.values, (index,)))


def is_element(ev: Evaluator, ref: ArrayRef) -> bool:
    """Is this the view of one element by an index that gives a number?"""
    if not ref.steps or ref.steps[-1].function != GETITEM:
        return False
    index = dict(ref.steps[-1].parameters)["index"]
    return not _has_ellipsis(index) and shape_of(read(ev, ref).value.type) == ()


def item_of(ev: Evaluator, ref: ArrayRef | OneOf, index: Any) -> Abstract:
    """`ref[index]`: a view for a basic index, else a copy."""
    if isinstance(ref, OneOf):
        return _item_of_one(ev, ref, index)
    taken = ev.call_primitive(GETITEM, (read(ev, ref),), {"index": Static(index)})
    assert isinstance(taken, Number)
    is_element = shape_of(taken.value.type) == () and not _has_ellipsis(index)
    if is_element or not is_basic_index(index):
        return taken
    return view(ev, ref, GETITEM, {"index": index})


def _item_of_one(ev: Evaluator, value: OneOf, index: Any) -> Abstract:
    first, second = value.refs
    views = [item_of(ev, ref, index) for ref in value.refs]
    if all(isinstance(seen, ArrayRef) for seen in views):
        return OneOf(value.second, tuple(views))  # type: ignore[arg-type]
    return on_one_of(
        ev, value, lambda: item_of(ev, second, index), lambda: item_of(ev, first, index)
    )


def _has_ellipsis(index: Any) -> bool:
    """An index with `...` gives a view even of a single element."""
    return any(entry is Ellipsis for entry in (index if isinstance(index, tuple) else (index,)))


# Stores


def store(ev: Evaluator, ref: ArrayRef | OneOf, index: Any, value: Abstract, node: ast.AST) -> None:
    """`ref[index] = value`: the storage gets a new version."""
    if isinstance(ref, OneOf):
        _on_each(ev, ref, lambda one: store(ev, one, index, value, node))
        return
    if shape_of(read(ev, ref).value.type) == () and not ref.steps:
        _store_number(ev, ref, value, node)
        return
    _check_overlap(ev, ref, index, value, node)
    ref, index = _outermost(ev, ref, index)
    held: list[Abstract] = [ref.storage.entries[VERSION]]
    for step, values in zip(ref.steps, ref.values):
        held.append(_take_step(ev, held[-1], step, values))
    _check_kind(ev, held[-1], value, node)
    _check_writable(ev, ref, held, node)
    new = _index_set(ev, ref, held[-1], index, value, _is_seen_through(ref, len(ref.steps)))
    for at in range(len(ref.steps) - 1, -1, -1):
        new = _put_back(ev, ref, held[at], at, new)
    if isinstance(new, Number):
        ev.name_like(new, ref.storage)
    ev.trail.set(ref.storage, VERSION, new)


def _on_each(ev: Evaluator, value: OneOf, change: Callable[[ArrayRef], None]) -> None:
    """Change the one array or the other."""

    def changed(ref: ArrayRef) -> Abstract:
        change(ref)
        return NONE

    first, second = value.refs
    on_one_of(ev, value, lambda: changed(second), lambda: changed(first))


def _check_overlap(
    ev: Evaluator, ref: ArrayRef, index: Any, value: Abstract, node: ast.AST
) -> None:
    """Refuse the few copies within one array whose order NumPy leaves open.

    NumPy copies between overlapping vectors of different strides, and through masks, element by
    element: what is stored first may be read again (`m[1] = m[:, 2]`).
    """
    if not _may_share_storage(value, ref.storage):
        return
    held = current(ev, value)
    read_shape = shape_of(held.value.type) if isinstance(held, Number) else None
    if not _has_mask(index) and (not is_basic_index(index) or len(read_shape or (0,)) != 1):
        return
    if isinstance(value, ArrayRef) and not _has_mask(index):
        target = _sole_index(ev, ref, index)
        source = _sole_index(ev, value, Ellipsis)
        whole = shape_of(read(ev, ArrayRef(ref.storage, (), ())).value.type)
        if whole is not None and are_in_order(target, source, len(whole)):
            return
    ev.refuse(
        node,
        f"`{ev.frame.source.text(node)}` copies within an array in an order that NumPy leaves open",
        "Copy what is stored first: `a[i] = a[j].copy()`.",
    )


def _may_share_storage(value: Abstract, storage: Storage) -> bool:
    if isinstance(value, (ArrayRef, OneOf)):
        return any(ref.storage is storage for ref in _references([value]))
    return isinstance(value, Frozen) and any(held is storage for held, _ in value.watched)


def _has_mask(index: Any) -> bool:
    entries = index if isinstance(index, tuple) else (index,)
    return any(
        getattr(entry, "dtype", None) == np.dtype(bool)
        or (isinstance(entry, list) and any(isinstance(item, bool) for item in entry))
        for entry in entries
    )


def _sole_index(ev: Evaluator, ref: ArrayRef, index: Any) -> Any:
    """The index of the whole array that gives the same elements; None where there is no one."""
    ref, composed = _outermost(ev, ref, index)
    return None if ref.steps else composed


def _store_number(ev: Evaluator, ref: ArrayRef, value: Abstract, node: ast.AST) -> None:
    """A store into a 0-d array replaces all of it."""
    if ref.storage.of_caller:
        ev.refuse(
            node,
            "changing a 0-d array of the caller is not supported yet",
            "Pass an array of shape (1,), or a number, and return the new one.",
        )
    old = read(ev, ref)
    new = ev.call_primitive("cast", (value,), {"dtype": Static(_dtype(old))})
    if not isinstance(new, Number) or shape_of(new.value.type) != ():
        ev.refuse(
            node,
            "what is stored into this 0-d array is not known to be a number",
            "Store a number: `float(...)`.",
        )
    ev.name_like(new, ref.storage)
    ev.trail.set(ref.storage, VERSION, new)


def _outermost(ev: Evaluator, ref: ArrayRef, index: Any) -> tuple[ArrayRef, Any]:
    """The same place by fewer steps, where the last steps and the index make one index."""
    while ref.steps and ref.steps[-1].function == GETITEM:
        symbols = [ev.symbol(number.value) for number in ref.values[-1]]
        composed = compose(fill(dict(ref.steps[-1].parameters)["index"], symbols), index)
        if composed is None:
            break
        index = composed
        ref = ArrayRef(ref.storage, ref.steps[:-1], ref.values[:-1])
    return ref, index


def _index_set(
    ev: Evaluator, ref: ArrayRef, array: Abstract, index: Any, value: Abstract, outermost: bool
) -> Abstract:
    parameters: dict[str, Abstract] = {"index": Static(index)}
    return ev.call_primitive(
        "index_set", (array, value), parameters, effect=outermost and ref.storage.of_caller
    )


def _put_back(ev: Evaluator, ref: ArrayRef, whole: Abstract, at: int, part: Abstract) -> Abstract:
    """The array from which step `at` takes a view, with that view replaced by `part`."""
    step, values = ref.steps[at], ref.values[at]
    symbols = [ev.symbol(number.value) for number in values]
    parameters = {key: fill(item, symbols) for key, item in step.parameters}
    if step.function == GETITEM:
        return _index_set(ev, ref, whole, parameters["index"], part, _is_seen_through(ref, at))
    if step.function in _REARRANGEMENTS:
        return _REARRANGEMENTS[step.function](ev, whole, part, parameters)
    places = ev.call_primitive("positions_like", (whole,))
    taken = _take_step(ev, places, step, values)
    flat = ev.call_primitive(
        "flat_set", (whole, part, taken), effect=ref.storage.of_caller and _is_seen_through(ref, at)
    )
    return flat


def _is_seen_through(ref: ArrayRef, count: int) -> bool:
    """Are the first steps rearrangements, through which NumPy writes into the array itself?"""
    return all(step.function in _REARRANGEMENTS for step in ref.steps[:count])


# How to get back from a rearranged array to the array.


def _same_again(function: Any) -> Rearrangement:
    def undo(
        ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
    ) -> Abstract:
        return ev.call_primitive(function, (part,), _as_static(parameters))

    return undo


def _as_static(parameters: dict[str, Any]) -> dict[str, Abstract]:
    return {key: Static(item) for key, item in parameters.items()}


def _transpose_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    axes = parameters.get("axes")
    if axes is None:
        return ev.call_primitive(np.transpose, (part,))
    back = tuple(int(axis) for axis in np.argsort([axis % len(axes) for axis in axes]))
    return ev.call_primitive(np.transpose, (part,), {"axes": Static(back)})


def _move_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    turned = {"source": parameters["destination"], "destination": parameters["source"]}
    return ev.call_primitive(np.moveaxis, (part,), _as_static(turned))


def _reshape_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    return ev.call_primitive("reshape_like", (part, whole))


_REARRANGEMENTS: dict[Any, Rearrangement] = {
    np.transpose: _transpose_back,
    np.matrix_transpose: _same_again(np.matrix_transpose),
    np.swapaxes: _same_again(np.swapaxes),
    np.flip: _same_again(np.flip),
    np.flipud: _same_again(np.flipud),
    np.fliplr: _same_again(np.fliplr),
    np.moveaxis: _move_back,
    np.squeeze: _reshape_back,
    np.expand_dims: _reshape_back,
    np.reshape: _reshape_back,
    np.ravel: _reshape_back,
    np.atleast_1d: _reshape_back,
    np.atleast_2d: _reshape_back,
    np.atleast_3d: _reshape_back,
}
_READ_ONLY = (np.diagonal, np.broadcast_to)


def _check_writable(ev: Evaluator, ref: ArrayRef, held: list[Abstract], node: ast.AST) -> None:
    text = ev.frame.source.text(node)
    for whole, step in zip(held, ref.steps):
        if step.function in _READ_ONLY:
            ev.reject(node, f"`{text}` stores into a view that NumPy makes read-only")
        is_part = step.function in (np.real, np.imag)
        if is_part and isinstance(whole, Number) and is_complex(whole.value.type):
            ev.refuse(
                node,
                f"`{text}` stores into the real or imaginary part of a complex array",
                "Build the complex numbers, and store them: `z[...] = x + 1j * y`.",
            )
        if step.function is np.imag:
            ev.reject(node, f"`{text}` stores into the imaginary part of a real array")


def _check_kind(ev: Evaluator, array: Abstract, value: Abstract, node: ast.AST) -> None:
    """Storing a complex number into a real array drops its imaginary part, which NumPy warns of."""
    value = current(ev, value)
    if not isinstance(array, Number) or not isinstance(value, Number):
        return
    if is_complex(value.value.type) and not is_complex(array.value.type):
        ev.refuse(
            node,
            "a complex value is stored into a real array, which drops a part of it",
            "Store its real part: `.real`.",
        )


def update(ev: Evaluator, ref: ArrayRef | OneOf, result: Abstract, node: ast.AST) -> None:
    """`ref op= ...` where `result` is what the operator gives: the whole of `ref` is replaced."""
    if isinstance(ref, OneOf):
        _on_each(ev, ref, lambda one: update(ev, one, result, node))
        return
    old = read(ev, ref)
    replaces = _fills_exactly(ev, old, result, node)
    if ref.steps or ref.storage.of_caller or shape_of(old.value.type) == () or not replaces:
        store(ev, ref, Ellipsis, result, node)
        return
    assert isinstance(result, Number)
    new = result
    if _dtype(new) != _dtype(old):
        cast = ev.call_primitive("cast", (new,), {"dtype": Static(_dtype(old))})
        assert isinstance(cast, Number)
        new = cast
    ev.name_like(new, ref.storage)
    ev.trail.set(ref.storage, VERSION, new)


def _dtype(number: Number) -> np.dtype | None:
    type_ = number.value.type
    return type_.dtype if isinstance(type_, ArrayType) else None


def _fills_exactly(ev: Evaluator, old: Number, result: Abstract, node: ast.AST) -> bool:
    """Is the result known to have the shape of the array it goes into?  If not, NumPy tells."""
    assert isinstance(result, Number)
    type_ = result.value.type
    if is_integral(old.value.type) and (is_real(type_) or is_complex(type_)):
        ev.reject(
            node, "NumPy refuses to put floating-point results into an integer array in place"
        )
    before, after = shape_of(old.value.type), shape_of(type_)
    if before is None or after is None or len(before) != len(after):
        ev.refuse(
            node,
            "the shape of the result is not known to be that of the array it goes into",
            "Write `a[...] = a + b` instead.",
        )
    sizes = ev.builder.assumptions
    if any(sizes.differ(a, b) for a, b in zip(before, after)):
        ev.reject(node, "the result does not have the shape of the array it goes into")
    return all(a is not None and sizes.assume_equal(a, b) for a, b in zip(before, after))


# From plain values to storage


_MAKE_ZERO_DIMENSIONAL = frozenset(
    "array array_of copy empty empty_like full full_like ones ones_like zeros zeros_like".split()
)


def is_mutable_array(ev: Evaluator, value: Number) -> bool:
    """Would `value += ...` change an array that others may see?

    What NumPy computes of 0-d arrays are numbers, but there are 0-d arrays as well.
    """
    if not isinstance(value.value.type, ArrayType):
        return False
    if value.value.type.shape != ():
        return True
    if isinstance(ev.captures.reader.objects.get(value.value), np.ndarray):
        return True
    node = ev.builder.definitions.get(value.value)
    return node is not None and _gives_array(node)


def _gives_array(node: Node) -> bool:
    """Is the 0-d result of this node an array, and no number?"""
    if node.operation == GETITEM:
        return _has_ellipsis(node.parameters.get("index"))
    return node.operation in _MAKE_ZERO_DIMENSIONAL


def refuse_frozen(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        f"`{ev.frame.source.text(node)}` changes what may be a view of an array, or a copy of it",
        "Change the array itself, or make a copy first: `x.copy()`.",
    )


def require_storage(ev: Evaluator, value: Number, node: ast.AST) -> None:
    """A plain array is written: mark where it was created, and start the evaluation again."""
    wanted: set[tuple[str, object]] = set()
    _trace(ev, value.value, wanted, set())
    if wanted - {("storage", key) for key in ev.decisions.storage}:
        raise NeedsDecision(wanted)
    ev.refuse(
        node,
        f"`{ev.frame.source.text(node)}` changes an array in place that srcgrad cannot follow here",
        "Make a copy first (`x = x.copy()`), or build the array anew.",
    )


def _trace(ev: Evaluator, value: Value, wanted: set[tuple[str, object]], seen: set[Value]) -> None:
    """Every place where the memory behind a value may have been created."""
    if value in seen:
        return
    seen.add(value)
    origin = ev.captures.reader.origins.get(value)
    if origin is not None:
        wanted.add(("storage", origin))
        return
    for source in ev.aliases.get(value, ()):
        _trace(ev, source, wanted, seen)
    node = ev.builder.definitions.get(value)
    if node is None:
        return
    if node.operation in _VIEW_OPERATIONS and not makes_new_array(node):
        for operand in node.operands:
            _trace(ev, operand, wanted, seen)
    elif node.operation == "if":
        at = node.results.index(value)
        for region in node.regions:
            _trace(ev, region.results[at], wanted, seen)
    elif node.operation in ("for", "while"):
        parts = loop_parts(node)
        if value in parts.final:
            at = parts.final.index(value)
            _trace(ev, parts.initial[at], wanted, seen)
            _trace(ev, parts.yielded[at], wanted, seen)
    elif value in ev.created and makes_new_array(node):
        wanted.add(("storage", ev.created[value]))


def made_by(ev: Evaluator, node: ast.expr, value: Abstract) -> Abstract:
    """What an expression made: an array that is going to be written becomes a storage."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        return value  # It was made elsewhere: a storage made here would be another array.
    if isinstance(node, ast.Call) and isinstance(value, TupleOf):
        return TupleOf(tuple(made_by(ev, node, item) for item in value.items), value.kind)
    if not isinstance(value, Number) or not isinstance(value.value.type, ArrayType):
        return value
    if value.value in ev.created:
        return value
    key = (id(node), ev.frame.caller)
    ev.created[value.value] = key
    if key not in ev.decisions.storage:
        return value
    made = ev.builder.definitions.get(value.value)
    if made is None or not makes_new_array(made):
        return value
    if value.value.type.shape == () and not _gives_array(made):
        return value
    return ArrayRef(Storage(value, of_caller=False), (), ())
