"""What a loop walks: a range, arrays along their first axis, lists, and `zip` of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import containers, storage
from srcgrad.frontend.abstract import (
    Abstract,
    ArrayRef,
    ListOf,
    Number,
    OneOf,
    RangeOf,
    Static,
    TupleOf,
    Walk,
    as_literal,
    describe,
)
from srcgrad.frontend.merging import Carry, carries
from srcgrad.frontend.steps import GETITEM
from srcgrad.graph import (
    ArrayType,
    Dim,
    ListType,
    Literal,
    ScalarType,
    Type,
    Value,
    size_of_integer,
    subtract_dims,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def as_walked(ev: Evaluator, iterable: Abstract) -> Abstract:
    """What is walked: a reference as it is, so that its rows are views, else what it is now."""
    if isinstance(iterable, OneOf):
        raise UnsupportedError(
            "walking what may be one of two arrays that are changed in place is not supported yet",
            remedy="Walk its indices: `for i in range(len(x))`, and read `x[i]`.",
        )
    if isinstance(iterable, Walk):
        return replace(iterable, parts=tuple(as_walked(ev, part) for part in iterable.parts))
    is_known = isinstance(iterable, ListOf) and isinstance(iterable.content, TupleOf)
    if is_known or isinstance(iterable, ArrayRef):
        return iterable
    return storage.current(ev, iterable)


def items_of(ev: Evaluator, iterable: Abstract, node: ast.AST) -> tuple[Abstract, ...]:
    """The items of what has a known length.

    Those of a reference are views, of single elements too: each is read when its turn comes.
    """
    if isinstance(iterable, ArrayRef):
        count = len(containers.known_items(ev, storage.read(ev, iterable), node))
        return tuple(storage.view(ev, iterable, GETITEM, {"index": i}) for i in range(count))
    if not isinstance(iterable, Walk) or not any(map(_has_reference, iterable.parts)):
        return containers.known_items(ev, iterable, node)
    columns = [items_of(ev, part, node) for part in iterable.parts]
    if iterable.kind == "zip":
        return tuple(map(TupleOf, zip(*columns)))
    if iterable.kind == "reversed":
        return tuple(reversed(columns[0]))
    assert isinstance(iterable.start, Static) and isinstance(iterable.start.value, int)
    pairs = enumerate(columns[0], iterable.start.value)
    return tuple(TupleOf((Static(i), item)) for i, item in pairs)


def _has_reference(iterable: Abstract) -> bool:
    if isinstance(iterable, Walk):
        return any(map(_has_reference, iterable.parts))
    return isinstance(iterable, ArrayRef)


def reached(ev: Evaluator, item: Abstract) -> Abstract:
    """An item when its turn has come: elements of references are read now, rows stay views."""
    if isinstance(item, TupleOf):
        return TupleOf(tuple(reached(ev, part) for part in item.items), item.kind)
    if isinstance(item, ArrayRef) and storage.is_element(ev, item):
        return storage.read(ev, item)
    return item


def is_dynamic(iterable: Abstract, unrolled: bool) -> bool:
    """Is this walked by a loop of the emitted code?"""
    if unrolled:
        return False
    if isinstance(iterable, RangeOf):
        return True
    if isinstance(iterable, (Number, ArrayRef)):
        return True
    if isinstance(iterable, Walk):
        return all(is_dynamic(part, False) for part in iterable.parts)
    return False


@dataclass(slots=True)
class Walking:
    """The range and the sequences that a loop walks, found from its iterable."""

    ev: Evaluator
    node: ast.AST
    range: tuple[Value, ...] = ()
    sequences: list[Value] = field(default_factory=list)
    item_types: list[Type] = field(default_factory=list)
    index_type: ScalarType | None = None
    trips: Dim = None

    def item(self, iterable: Abstract) -> Any:
        """The pattern of one item, whose carries are the index and the items of the sequences."""
        if isinstance(iterable, RangeOf):
            return self._over_range(iterable)
        if isinstance(iterable, Number):
            return self._over_sequence(iterable)
        if isinstance(iterable, ArrayRef):
            return self._over_reference(iterable)
        assert isinstance(iterable, Walk)
        if iterable.kind == "zip":
            return TupleOf(tuple(self.item(part) for part in iterable.parts))
        if iterable.kind == "enumerate":
            return self._enumerated(iterable)
        return self._reversed(iterable.parts[0])

    def _over_range(self, over: RangeOf) -> Any:
        bounds = tuple(self._integer(part) for part in (over.start, over.stop, over.step))
        if self.range:
            self.ev.refuse(
                self.node,
                "a loop over two ranges at once is not supported yet",
                "Walk one range, and compute the other number from it.",
            )
        self.range = bounds
        self.index_type = ScalarType(int)
        self.trips = _trips(bounds)
        return Carry(self.index_type, _INDEX)

    def _over_reference(self, over: ArrayRef) -> Any:
        """An array that is written in place is walked by its indices; its rows are views."""
        length = self.ev.length(storage.read(self.ev, over), self.node)
        if not self.range:
            self._over_range(RangeOf(Static(0), length, Static(1)))
        self._restrict(length)
        index = Carry(ScalarType(int), _INDEX)
        return storage.row_of(over, index)

    def _restrict(self, length: Abstract) -> None:
        """The range counts from zero to this length at most."""
        start, stop, step = self.range
        if _known_integer(start) != 0 or _known_integer(step) != 1:
            self.ev.refuse(
                self.node,
                "an array that is changed in place is walked beside another range",
                "Walk its indices: `for i in range(len(x))`, and read `x[i]`.",
            )
        sizes = self.ev.builder.assumptions
        bound = self._integer(length)
        if not sizes.assume_equal(_known_integer(bound), _known_integer(stop)):
            both = (Number(stop), Number(bound))
            self.range = (start, self._integer(self.ev.call_primitive(min, both)), step)

    def _integer(self, part: Abstract) -> Value:
        if isinstance(part, Static) and isinstance(part.value, int):
            return as_literal(part)
        if isinstance(part, Number):
            return part.value
        self.ev.reject(self.node, f"{describe(part)} cannot be interpreted as an integer")

    def _over_sequence(self, over: Number) -> Any:
        type_ = over.value.type
        if isinstance(type_, ListType):
            item: Type = type_.element
        elif isinstance(type_, ArrayType) and type_.shape != ():
            item = ArrayType(type_.dtype, None if type_.shape is None else type_.shape[1:])
            if type_.shape is not None and not self.range:
                self.trips = type_.shape[0]
        else:
            self.ev.reject(self.node, f"{describe(over)} cannot be walked")
        self.sequences.append(over.value)
        self.item_types.append(item)
        return Carry(item, f"{_ITEM}{len(self.sequences) - 1}")

    def _enumerated(self, walk: Walk) -> Any:
        start = walk.start
        (inner,) = walk.parts
        first = inner
        while isinstance(first, Walk) and first.kind == "zip" and first.parts:
            first = first.parts[0]
        if not isinstance(first, (Number, ArrayRef)) or self.range:
            self.ev.refuse(
                self.node,
                "`enumerate` of this is not supported yet",
                "Walk the indices: `for i in range(len(x))`, and read `x[i]`.",
            )
        length = self.ev.length(storage.current(self.ev, first), self.node)
        assert isinstance(start, Static) and isinstance(start.value, int)
        stop = self.ev.binary(ast.Add(), length, start, self.node) if start.value else length
        index = self._over_range(RangeOf(start, stop, Static(1)))
        return TupleOf((index, self.item(inner)))

    def _reversed(self, inner: Abstract) -> Any:
        if isinstance(inner, ArrayRef):
            backwards = storage.item_of(self.ev, inner, slice(None, None, -1))
            return self.item(backwards)
        if isinstance(inner, Number) and isinstance(inner.value.type, ArrayType):
            index = Static(slice(None, None, -1))
            backwards = self.ev.call_primitive("getitem", (inner,), {"index": index})
            assert isinstance(backwards, Number)
            return self._over_sequence(backwards)
        if isinstance(inner, Number) and isinstance(inner.value.type, ListType):
            index = Static(slice(None, None, -1))
            backwards = self.ev.call_primitive("list_slice", (inner,), {"index": index})
            assert isinstance(backwards, Number)
            return self._over_sequence(backwards)
        if isinstance(inner, RangeOf):
            return self._over_range(self._reversed_range(inner))
        self.ev.refuse(
            self.node,
            "`reversed` of this is not supported yet",
            "Walk the indices: `for i in range(n - 1, -1, -1)`.",
        )

    def _reversed_range(self, over: RangeOf) -> RangeOf:
        parts = (over.start, over.stop, over.step)
        known = [part.value for part in parts if isinstance(part, Static)]
        if len(known) == len(parts):
            backwards = range(*known)[::-1]
            return RangeOf(Static(backwards.start), Static(backwards.stop), Static(backwards.step))
        if over.step != Static(1):
            self.ev.refuse(
                self.node,
                "`reversed` of a range with a step is not supported yet",
                "Write the range backwards: `range(stop - 1, start - 1, -1)`.",
            )
        one = Static(1)
        first = self.ev.binary(ast.Sub(), over.stop, one, self.node)
        last = self.ev.binary(ast.Sub(), over.start, one, self.node)
        return RangeOf(first, last, Static(-1))

    def runs(self) -> bool:
        """Does the loop run at least once, as far as known or as the first call shows?"""
        if self.trips is None:
            return False
        return self.ev.builder.assumptions.is_nonnegative(subtract_dims(self.trips, 1)) is True


def arranged(pattern: Any, places: Sequence[Value]) -> Iterator[Value]:
    """The index and the items of one iteration, in the order of the pattern's carries.

    `places` holds the index, if there is one, and then the items of the sequences.
    """
    items = [carry for carry in carries(pattern) if carry.name != _INDEX]
    first_item = len(places) - len(items)
    for carry in carries(pattern):
        assert carry.name is not None
        if carry.name == _INDEX:
            yield places[0]
        else:
            yield places[first_item + int(carry.name.removeprefix(_ITEM))]


_INDEX, _ITEM = "index of the loop", "item of the loop "


def _trips(bounds: tuple[Value, ...]) -> Dim:
    start, stop, step = (_known_integer(bound) for bound in bounds)
    if step == 1:
        return subtract_dims(stop, start)
    if step == -1:
        return subtract_dims(start, stop)
    return None


def _known_integer(value: Value) -> Dim:
    if isinstance(value, Literal):
        return value.value  # type: ignore[return-value]
    return size_of_integer(value.type)


def split_first(ev: Evaluator, iterable: Abstract, node: ast.AST) -> tuple[Abstract, Abstract]:
    """The first item of an iterable that has one, and the rest of it."""
    if isinstance(iterable, RangeOf):
        second = ev.binary(ast.Add(), iterable.start, iterable.step, node)
        return iterable.start, RangeOf(second, iterable.stop, iterable.step)
    if isinstance(iterable, ArrayRef):
        rest = storage.item_of(ev, iterable, slice(1, None))
        return storage.item_of(ev, iterable, 0), rest
    if isinstance(iterable, Number) and isinstance(iterable.value.type, ArrayType):
        return (
            ev.call_primitive("getitem", (iterable,), {"index": Static(0)}),
            ev.call_primitive("getitem", (iterable,), {"index": Static(slice(1, None))}),
        )
    if isinstance(iterable, Walk) and iterable.kind == "zip":
        pairs = [split_first(ev, part, node) for part in iterable.parts]
        rest = Walk("zip", tuple(rest for _, rest in pairs))
        return TupleOf(tuple(first for first, _ in pairs)), rest
    if isinstance(iterable, Walk) and iterable.kind == "enumerate":
        start = iterable.start
        assert isinstance(start, Static) and isinstance(start.value, int)
        first, rest_of_part = split_first(ev, iterable.parts[0], node)
        return TupleOf((start, first)), Walk("enumerate", (rest_of_part,), Static(start.value + 1))
    ev.refuse(
        node,
        "the types of the loop's variables change after the first iteration",
        "Give every variable the kind of value before the loop that it has after it.",
    )
