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
from srcgrad.frontend import unlike
from srcgrad.frontend.abstract import (
    NONE,
    VERSION,
    Abstract,
    ArrayRef,
    Either,
    Frozen,
    ListOf,
    Number,
    OneOf,
    Slots,
    Static,
    Step,
    Storage,
    TupleOf,
    describe,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.indices import are_in_order, compose, is_basic_index
from srcgrad.frontend.steps import (
    FLAT,
    GETITEM,
    VIEW_OPERATIONS,
    is_seen_through,
    put_back,
    take_step,
)
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
from srcgrad.rules import Symbol, makes_new_array

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

RESULT = "result"

# Reading


def current(ev: Evaluator, value: Abstract) -> Abstract:
    """What a reference refers to at this moment; any other value as it is."""
    if isinstance(value, ArrayRef):
        return read(ev, value)
    if isinstance(value, OneOf):
        return _read_one_of(ev, value)
    if isinstance(value, Frozen):
        return _read_frozen(ev, value)
    if isinstance(value, Either):
        return current(ev, unlike.one(ev, value))
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
        held = take_step(ev, held, step, values)
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


def _read_frozen(ev: Evaluator, frozen: Frozen) -> Number:
    for storage, version in frozen.watched:
        if storage.entries.get(VERSION) != version:
            _tell_apart(ev, frozen)
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


def references(values: list[Abstract]) -> list[ArrayRef]:
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
            found += references(list(value.items))
    return found


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
    if ref.steps and ref.steps[-1].function == FLAT:
        return taken
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


def is_array(value: Abstract) -> bool:
    if isinstance(value, Number):
        return isinstance(value.value.type, ArrayType)
    return isinstance(value, (ArrayRef, OneOf, Frozen))


def as_written(ev: Evaluator, value: Abstract, node: ast.AST) -> ArrayRef | OneOf:
    """An array that is to be written, as the reference through which that is done."""
    if isinstance(value, Number):
        require_storage(ev, value, node)
    if isinstance(value, Frozen):
        refuse_frozen(ev, value, node)
    if not isinstance(value, (ArrayRef, OneOf)):
        ev.reject(node, f"`{ev.frame.source.text(node)}` writes into {describe(value)}")
    return value


def store(ev: Evaluator, ref: ArrayRef | OneOf, index: Any, value: Abstract, node: ast.AST) -> None:
    """`ref[index] = value`: the storage gets a new version."""
    if isinstance(ref, OneOf):
        on_each(ev, ref, lambda one: store(ev, one, index, value, node))
        return
    _check_overlap(ev, ref, index, value, node)
    ref, index = _outermost(ev, ref, index)
    if shape_of(read(ev, ref).value.type) == () and not ref.steps:
        _store_number(ev, ref, value, node)
        return
    _check_kind(ev, read(ev, ref), value, node)

    def changed(held: Abstract, writes: bool) -> Abstract:
        parameters: dict[str, Abstract] = {"index": Static(index)}
        return ev.call_primitive("index_set", (held, value), parameters, effect=writes)

    change(ev, ref, node, changed)


def change(
    ev: Evaluator, ref: ArrayRef, node: ast.AST, make: Callable[[Abstract, bool], Abstract]
) -> None:
    """What `ref` sees becomes what `make` gives of it: the storage gets a new version.

    `make` is told whether the operation writes into the caller's memory.
    """
    held: list[Abstract] = [ref.storage.entries[VERSION]]
    for step, values in zip(ref.steps, ref.values):
        held.append(take_step(ev, held[-1], step, values))
    _check_writable(ev, ref, held, node)
    new = make(held[-1], ref.storage.of_caller and is_seen_through(ev, ref, len(ref.steps)))
    for at in range(len(ref.steps) - 1, -1, -1):
        new = put_back(ev, ref, held[at], at, new)
    if isinstance(new, Number):
        ev.name_like(new, ref.storage)
    ev.trail.set(ref.storage, VERSION, new)


def on_each(ev: Evaluator, value: OneOf, change: Callable[[ArrayRef], None]) -> None:
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
        return any(ref.storage is storage for ref in references([value]))
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


_READ_ONLY = (np.diagonal, np.broadcast_to)


def _check_writable(ev: Evaluator, ref: ArrayRef, held: list[Abstract], node: ast.AST) -> None:
    text = ev.frame.source.text(node)
    for whole, step in zip(held, ref.steps):
        if step.function in _READ_ONLY:
            ev.reject(node, f"`{text}` stores into a view that NumPy makes read-only")
        is_real = isinstance(whole, Number) and not is_complex(whole.value.type)
        if step.function is np.imag and is_real:
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


def update(
    ev: Evaluator, ref: ArrayRef | OneOf, result: Abstract, node: ast.AST, *, casts: bool = False
) -> None:
    """`ref op= ...` where `result` is what the operator gives: the whole of `ref` is replaced.

    With `casts` the result is converted to the array's dtype, whatever it is.
    """
    if isinstance(ref, OneOf):
        on_each(ev, ref, lambda one: update(ev, one, result, node, casts=casts))
        return
    old = read(ev, ref)
    _check_kind(ev, old, result, node)
    replaces = casts or _fills_exactly(ev, old, result, node)
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


def refuse_frozen(ev: Evaluator, frozen: Frozen, node: ast.AST) -> NoReturn:
    _tell_apart(ev, frozen)
    ev.refuse(
        node,
        f"`{ev.frame.source.text(node)}` changes what may be a view of an array, or a copy of it, "
        "or one of several",
        "Change the array itself, or make a copy first: `x.copy()`.",
    )


def _tell_apart(ev: Evaluator, frozen: Frozen) -> None:
    """Follow the arrays that it may be as written ones; else unroll the loop that leaves them."""
    wanted: set[tuple[str, object]] = set()
    for number in frozen.plain:
        _trace(ev, number.value, wanted, set())
    if wanted - {("storage", key) for key in ev.decisions.storage}:
        raise NeedsDecision(wanted)
    if frozen.loop is not None and frozen.loop not in ev.decisions.unrolled:
        raise NeedsDecision({("loop", frozen.loop)})


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
    if node.operation in VIEW_OPERATIONS and not makes_new_array(node):
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
