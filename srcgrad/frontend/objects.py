"""Instances of user classes: their attributes are found, set and called as Python does it.

See "Invoking Descriptors" and "Customizing attribute access" in Python's data model.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import effects
from srcgrad.frontend.abstract import (
    MISSING,
    VERSION,
    Abstract,
    ArrayRef,
    Conflict,
    DictOf,
    GivenObject,
    IteratorOf,
    Number,
    ObjectOf,
    Partial,
    Slots,
    Static,
    Super,
    TupleOf,
    describe,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.functions import call_user_function
from srcgrad.frontend.members import Member, MethodMember, is_made_inside, is_method
from srcgrad.graph import ArrayType, give_name

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

ABSENT: Any = object()
Instance = ObjectOf | TupleOf


def class_of(value: Abstract) -> type | None:
    """The class of an instance of a user class (named tuples are some), else None."""
    if isinstance(value, ObjectOf):
        return value.kind
    if isinstance(value, TupleOf) and value.kind is not tuple:
        return value.kind
    return None


def look_up(ev: Evaluator, kind: type, name: str, after: type | None = None) -> Any:
    """What the classes in the order of `kind` have under a name, as it stands there; or ABSENT.

    With `after`, only those behind that class are asked.
    """
    order = kind.__mro__
    for cls in order[order.index(after) + 1 :] if after is not None else order:
        if name in vars(cls):
            held = vars(cls)[name]
            if cls is not object and not is_made_inside(cls):
                asked = cls if after or is_made_inside(kind) else kind
                ev.captures.class_attribute(asked, name, held)
            return held
    return ABSENT


def special_method(ev: Evaluator, value: Abstract, name: str) -> Abstract | None:
    """A special method (`__add__`) that a user class gives its instances, bound to this one."""
    kind = class_of(value)
    held = look_up(ev, kind, name) if kind is not None else ABSENT
    return Partial(Static(held), (value,), ()) if is_method(held) else None


# Reading


def attribute(ev: Evaluator, owner: Instance, name: str, node: ast.AST) -> Abstract:
    """`owner.name`."""
    found = find_attribute(ev, owner, name, node)
    if found is None:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    if isinstance(found, Conflict):
        if found.loop is not None and found.loop not in ev.decisions.unrolled:
            raise NeedsDecision({("loop", found.loop)})
        ev.refuse(
            node,
            f"the attribute `{name}` is {found.first} on one path and {found.second} on another",
            "Give it one kind of value on every path.",
        )
    return found


def find_attribute(ev: Evaluator, owner: Instance, name: str, node: ast.AST) -> Abstract | None:
    """`owner.name`, or None where Python would raise an AttributeError."""
    kind = owner.kind
    if name == "__class__":
        return Static(kind)
    if name == "__dict__" and isinstance(owner, ObjectOf):
        return attributes_as_dict(ev, owner)
    held = look_up(ev, kind, name)
    if _is_data_descriptor(held):
        return _bound(ev, held, owner, kind, name, node)
    own = owner.own(name) if isinstance(owner, ObjectOf) else MISSING
    if own != MISSING:
        return own
    if isinstance(owner, GivenObject):
        _require_not_own(ev, owner, name)
    written = written_on_class(ev, kind, name)
    if written is not None:
        return written
    if held is not ABSENT and not isinstance(held, MemberDescriptorType):
        return _bound(ev, held, owner, kind, name, node)
    fallback = look_up(ev, kind, "__getattr__")
    if is_method(fallback):
        return ev.call(Static(fallback), [owner, Static(name)], {}, node)
    return None


def _require_not_own(ev: Evaluator, owner: GivenObject, name: str) -> None:
    if hasattr(owner.instance, "__dict__"):
        ev.captures.guards.require(f"{name!r} not in {owner.expression}.__dict__")


def has_attribute(ev: Evaluator, owner: Instance, name: str, node: ast.AST) -> bool:
    """`hasattr(owner, name)`."""
    kind = owner.kind
    if isinstance(owner, ObjectOf) and owner.own(name) != MISSING:
        return True
    if isinstance(owner, GivenObject):
        _require_not_own(ev, owner, name)
    held = look_up(ev, kind, name)
    if held is not ABSENT:
        return not isinstance(held, MemberDescriptorType)
    if is_method(look_up(ev, kind, "__getattr__")):
        ev.refuse(
            node,
            f"whether {describe(owner)} has `{name}` is for its `__getattr__` to say, which is not "
            "supported here",
            "Ask for something else that tells the two apart.",
        )
    return False


def attributes_as_dict(ev: Evaluator, owner: ObjectOf) -> DictOf:
    """`vars(owner)`, as it is at this moment."""
    names = owner.names()
    if isinstance(owner, GivenObject):
        keys = tuple(vars(owner.instance))
        place = f"tuple({owner.expression}.__dict__)"
        ev.captures.guards.require(f"{place} == {ev.captures.guards.constant(keys)}")
    made = DictOf({name: owner.own(name) for name in names})
    made.fixed = "this dict is the attributes of an instance, which can be set by name only"
    made.instance = owner
    return made


def _is_data_descriptor(held: Any) -> bool:
    if isinstance(held, (MemberDescriptorType, GetSetDescriptorType)):
        return False
    if isinstance(held, Member):
        kind = class_of(held.held)
        return kind is not None and hasattr(kind, "__set__")
    return held is not ABSENT and hasattr(type(held), "__set__") and hasattr(type(held), "__get__")


def _bound(
    ev: Evaluator, held: Any, owner: Abstract, kind: type, name: str, node: ast.AST
) -> Abstract:
    """What a class has under a name, as an instance of it sees it."""
    if is_method(held):
        return Partial(Static(held), (owner,), ())
    if isinstance(held, Member):
        found = call_special(ev, held.held, "__get__", [owner, Static(kind)], node)
        return held.held if found is None else found
    if isinstance(held, staticmethod):
        return Static(held.__func__)
    if isinstance(held, classmethod):
        return Partial(Static(held.__func__), (Static(kind),), ())
    if isinstance(held, property):
        if held.fget is None:
            ev.undefined(node, f"the property `{name}` cannot be read")
        return ev.call(Static(held.fget), [owner], {}, node)
    if isinstance(held, functools.cached_property):
        made = ev.call(Static(held.func), [owner], {}, node)
        assert isinstance(owner, ObjectOf)
        store(ev, owner, name, made, node)
        return made
    if isinstance(held, functools.partialmethod):
        given = tuple(_given_to(ev, item) for item in held.args)
        named = tuple((k, _given_to(ev, item)) for k, item in held.keywords.items())
        return Partial(Static(held.func), (owner, *given), named)
    getter = inspect.getattr_static(type(held), "__get__", None)
    if isinstance(getter, FunctionType):
        descriptor = ev.captures.read_constant(held)
        return call_user_function(ev, getter, [descriptor, owner, Static(kind)], {}, node)
    if callable(getattr(held, "__objclass__", None)) or inspect.isroutine(held):
        # One of `object`'s own methods.
        return Partial(Static(held), (owner,), ())
    if hasattr(type(held), "__get__"):
        ev.refuse(
            node,
            f"`{name}` of {describe(owner)} is a {type(held).__name__}, which is not supported",
            "Make it a method or a property.",
        )
    return ev.captures.attribute(kind, name)


def attribute_in_python(ev: Evaluator, owner: Static, name: str, node: ast.AST) -> Abstract | None:
    """A method or property of a known object that is written in Python; else None.

    Those of the standard library are asked for what they are, not for how they do it.
    """
    kind = type(owner.value)
    if isinstance(owner.value, (type, ModuleType)) or name in getattr(owner.value, "__dict__", ()):
        return None
    is_standard = kind.__module__.split(".")[0] in sys.stdlib_module_names
    if is_standard and not ev.captures.is_settled(owner.value):
        return None
    held = inspect.getattr_static(kind, name, ABSENT)
    if not isinstance(held, (FunctionType, MethodMember, property)):
        return None
    look_up(ev, kind, name)
    return _bound(ev, held, owner, kind, name, node)


def _given_to(ev: Evaluator, item: Any) -> Abstract:
    """What `partialmethod` was given."""
    return item.held if isinstance(item, Member) else ev.captures.read_constant(item)


def class_attribute(ev: Evaluator, kind: type, name: str, node: ast.AST) -> Abstract | None:
    """`kind.name` where that is a method of the class, or was set before; else None."""
    written = written_on_class(ev, kind, name)
    if written is not None:
        return written
    held = inspect.getattr_static(kind, name, ABSENT)
    if isinstance(held, Member):
        found = call_special(ev, held.held, "__get__", [Static(None), Static(kind)], node)
        return held.held if found is None else found
    if isinstance(held, (classmethod, staticmethod)):
        look_up(ev, kind, name)
        return _bound(ev, held, Static(kind), kind, name, node)
    return None


def written_on_class(ev: Evaluator, kind: type, name: str) -> Abstract | None:
    """What the function has given a variable of a class, or of one that it inherits from."""
    for cls in kind.__mro__:
        slots = ev.written.get((id(cls), name))
        if slots is not None:
            return slots.entries[name]
        if name in vars(cls):
            return None
    return None


def super_attribute(ev: Evaluator, proxy: Super, name: str, node: ast.AST) -> Abstract:
    """`super().name`."""
    owner = proxy.owner
    kind = owner.value if isinstance(owner, Static) else class_of(owner)
    if not isinstance(kind, type):
        ev.reject(node, f"`super` of {describe(owner)}")
    held = look_up(ev, kind, name, proxy.cls)
    if held is ABSENT:
        ev.undefined(node, f"the classes after `{proxy.cls.__name__}` have no attribute `{name}`")
    if name == "__new__":
        return Static(held.__func__ if isinstance(held, staticmethod) else held)
    return _bound(ev, held, owner, kind, name, node)


def make_super(ev: Evaluator, args: list[Abstract], node: ast.AST) -> Super:
    """`super()` and `super(cls, instance)`."""
    if args:
        cls, owner = args[0], args[1]
    else:
        frame = ev.frame
        while frame.parent is not None:
            made = frame.parent.entries.get("__class__")
            if isinstance(made, Static) and isinstance(made.value, type):
                # The first parameter of a method of a class made inside the function.
                return Super(made.value, next(iter(frame.entries.values())))
            frame = frame.parent
        cell = frame.cells.get("__class__")
        arguments = getattr(frame.source.node, "args", None)
        if cell is None or arguments is None:
            ev.reject(node, "`super()` has no arguments here")
        first = [*arguments.posonlyargs, *arguments.args][0].arg
        cls, owner = ev.captures.cell(cell, "__class__", frame.globals), frame.entries[first]
    if not isinstance(cls, Static) or not isinstance(cls.value, type):
        ev.reject(node, f"{describe(cls)} is not a class")
    return Super(cls.value, owner)


# Writing


def set_attribute(
    ev: Evaluator, owner: Abstract, name: str, value: Abstract, node: ast.AST
) -> None:
    """`owner.name = value`."""
    if not isinstance(owner, ObjectOf):
        what = describe(owner)
        if isinstance(owner, TupleOf):
            ev.reject(node, f"{what} has no attributes that can be set")
        ev.refuse(
            node,
            f"setting the attribute `{name}` of {what} is not supported yet",
            "Return the new value, and set it where the function is called.",
        )
    setter = look_up(ev, owner.kind, "__setattr__")
    if _is_frozen_dataclass(owner.kind, setter):
        ev.reject(node, f"cannot set `{name}`: `{owner.kind.__name__}` is a frozen dataclass")
    if is_method(setter):
        ev.call(Static(setter), [owner, Static(name), value], {}, node)
        return
    set_plainly(ev, owner, name, value, node)


def _is_frozen_dataclass(kind: type, setter: object) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    code = getattr(setter, "__code__", None)
    return bool(parameters and parameters.frozen and code and code.co_filename == "<string>")


def set_plainly(ev: Evaluator, owner: ObjectOf, name: str, value: Abstract, node: ast.AST) -> None:
    """`object.__setattr__(owner, name, value)`."""
    held = look_up(ev, owner.kind, name)
    if isinstance(held, property):
        if held.fset is None:
            ev.reject(node, f"the property `{name}` of {describe(owner)} cannot be set")
        ev.call(Static(held.fset), [owner, value], {}, node)
        return
    if isinstance(held, Member):
        made = special_method(ev, held.held, "__set__")
        if made is not None:
            ev.call(made, [owner, value], {}, node)
            return
    setter = inspect.getattr_static(type(held), "__set__", None)
    if isinstance(setter, FunctionType):
        call_user_function(ev, setter, [ev.captures.read_constant(held), owner, value], {}, node)
        return
    has_place = owner.kind.__dictoffset__ != 0 or isinstance(held, MemberDescriptorType)
    if not has_place:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`, and no room for new ones")
    store(ev, owner, name, value, node)


def store(ev: Evaluator, owner: ObjectOf, name: str, value: Abstract, node: ast.AST) -> None:
    """Let the instance itself have an attribute."""
    if ev.branch_depth():
        owner.own(name)  # What the other path, or no iteration, leaves there.
    held = value.storage.entries[VERSION] if isinstance(value, ArrayRef) else value
    if isinstance(held, Number) and isinstance(held.value.type, ArrayType):
        give_name(held.value, name)
    if not (isinstance(value, (Slots, ArrayRef)) and owner.entries.get(name) is value):
        plainly = is_method(look_up(ev, owner.kind, "__setattr__")) or (
            _is_data_descriptor(look_up(ev, owner.kind, name))
        )
        effects.put(ev, owner, f".{name}", value, plainly=plainly)
    ev.trail.set(owner, name, value, told=True)


def delete_attribute(ev: Evaluator, owner: Abstract, name: str, node: ast.AST) -> None:
    """`del owner.name`."""
    if not isinstance(owner, ObjectOf) or is_method(look_up(ev, owner.kind, "__delattr__")):
        ev.refuse(
            node,
            f"`del` of an attribute of {describe(owner)} is not supported yet",
            "Set it to None.",
        )
    if owner.own(name) == MISSING:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    effects.remove_attribute(ev, owner, name)
    ev.trail.set(owner, name, MISSING, told=True)


# Using


def call_special(
    ev: Evaluator, value: Abstract, name: str, args: list[Abstract], node: ast.AST
) -> Abstract | None:
    """The result of a special method of an instance; None where its class has none."""
    method = special_method(ev, value, name)
    return None if method is None else ev.call(method, args, {}, node)


def truth(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract | None:
    """What decides the truth of an instance; None where nothing does, so that it is true."""
    decided = call_special(ev, value, "__bool__", [], node)
    return decided if decided is not None else call_special(ev, value, "__len__", [], node)


def iterable(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """What `iter` of an instance walks; any other value as it is."""
    if class_of(value) is None:
        return value
    walked = call_special(ev, value, "__iter__", [], node)
    if walked is not None:
        return iterable(ev, walked, node) if walked is not value else _iterator(ev, value, node)
    if isinstance(value, TupleOf):
        return value
    items = items_by_index(ev, value, node)
    if items is None:
        ev.reject(node, f"{describe(value)} is not iterable")
    return items


def items_by_index(ev: Evaluator, value: Abstract, node: ast.AST) -> TupleOf | None:
    """What `__getitem__` gives for each index below `__len__`; None where a class lacks them."""
    length = call_special(ev, value, "__len__", [], node)
    if length is None or special_method(ev, value, "__getitem__") is None:
        return None
    count = ev.make_static(length, node).value
    items = [call_special(ev, value, "__getitem__", [Static(i)], node) for i in range(count)]
    return TupleOf(tuple(item for item in items if item is not None))


def walked(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """What is walked where nobody else reads the iterator that `__iter__` makes."""
    made = iterable(ev, value, node)
    return made.source if isinstance(made, IteratorOf) and made is not value else made


def _iterator(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """An instance that is its own iterator: a loop asks it for each item."""
    if special_method(ev, value, "__next__") is None:
        ev.reject(node, f"{describe(value)} has no `__next__`", raises=TypeError)
    return value
