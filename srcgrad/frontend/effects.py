"""Changes that the caller sees: each is made by the emitted code where the user wrote it.

A list, dict or instance that the caller can reach has a *place*: the expression that reaches it.
What the function puts into it gets a place as well, and what it takes out has none any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import storage
from srcgrad.frontend.abstract import (
    PYTHON_NUMBERS,
    Abstract,
    ArrayRef,
    DictOf,
    Frozen,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Slots,
    Static,
    TupleOf,
    describe,
)
from srcgrad.graph import ListType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_PLAIN = (*PYTHON_NUMBERS, str, bytes, type(None))
_NOWHERE = Static("")
_LOST = Static(None)


def place_of(ev: Evaluator, owner: Slots) -> str:
    """How guards reach a container; "" for one that the caller cannot see."""
    held = _known_place(ev, owner.serial)
    if not isinstance(held, Static) or held.value is None:
        raise UnsupportedError(
            f"changing {describe(owner)} that may have "  # type: ignore[arg-type]
            "been moved from where the caller sees it is not supported",
            remedy="Do the change before, or change a copy and put that in its place.",
        )
    return str(held.value)


def _known_place(ev: Evaluator, serial: int) -> Abstract:
    path, made = ev.places_on_path.get(serial, (None, _NOWHERE))
    if any(path == begun for begun, _ in ev.trail.logs):
        return made
    given = ev.captures.reader.places.get(serial)
    return ev.places.entries.get(serial, _NOWHERE if given is None else Static(given))


def _move(ev: Evaluator, serial: int, place: Static) -> None:
    if place.value:
        ev.trail.put_outside.add(serial)
    if ev.trail.logs and serial >= ev.trail.logs[-1][0]:
        # Made on this path, and unknown to any other.
        ev.places_on_path[serial] = (ev.trail.logs[-1][0], place)
        return
    # What the other path of a branch finds there.
    ev.places.entries.setdefault(serial, _known_place(ev, serial))
    ev.trail.set(ev.places, serial, place)


def put(ev: Evaluator, owner: Slots, step: str, value: Abstract, *, plainly: bool = False) -> None:
    """`owner.name = value` or `owner[key] = value` (`step` is `.name` or `[key]`).

    With `plainly`, the class's own way of setting the attribute is not asked.
    """
    place = place_of(ev, owner)
    if not place:
        return
    path = _changing(ev, owner, place)
    _forget(ev, place + step)
    written = _written(ev, value)
    if plainly:
        arguments = (ev.symbol(_reference(ev, path).value), step[1:], written)
        given: dict[str, Any] = {
            "function": Static("object.__setattr__"),
            "arguments": Static(arguments),
        }
        ev.call_primitive("change", (), given)
    else:
        parameters: dict[str, Any] = {"target": Static(path + step), "value": Static(written)}
        ev.call_primitive("store", (), parameters)
    settle(ev, value, place + step)


def call_method(ev: Evaluator, owner: Slots, name: str, args: list[Abstract]) -> None:
    """A method of a list or dict that changes it: `append`, `pop`."""
    place = place_of(ev, owner)
    if not place:
        return
    path = _changing(ev, owner, place)
    written = tuple(_written(ev, item) for item in args)
    parameters: dict[str, Any] = {
        "function": Static(f"{path}.{name}"),
        "arguments": Static(written),
    }
    ev.call_primitive("change", (), parameters)
    if name not in ("append", "extend"):
        _forget(ev, f"{place}[")


def remove_attribute(ev: Evaluator, owner: ObjectOf, name: str) -> None:
    """`del owner.name`."""
    place = place_of(ev, owner)
    if place:
        arguments = (ev.symbol(_reference(ev, _changing(ev, owner, place)).value), name)
        given: dict[str, Any] = {"function": Static("delattr"), "arguments": Static(arguments)}
        ev.call_primitive("change", (), given)
        _forget(ev, f"{place}.{name}")


def settle_item(ev: Evaluator, owner: ListOf, at: int, item: Abstract) -> None:
    """What has been appended to a list is seen there."""
    place = place_of(ev, owner)
    if place:
        settle(ev, item, f"{place}[{at}]")


def settle(ev: Evaluator, value: Abstract, place: str) -> None:
    """What has been put somewhere is seen there, with all that is in it."""
    if not isinstance(value, Slots):
        if isinstance(value, TupleOf):
            for at, item in enumerate(value.items):
                settle(ev, item, f"{place}[{at}]")
        return
    held = _known_place(ev, value.serial)
    if isinstance(held, Static) and held.value:
        return  # The caller sees it elsewhere already.
    _move(ev, value.serial, Static(place))
    if isinstance(value, ListOf) and isinstance(value.content, TupleOf):
        for at, item in enumerate(value.items):
            settle(ev, item, f"{place}[{at}]")
    elif isinstance(value, DictOf):
        for key, item in value.items.items():
            settle(ev, item, f"{place}[{key!r}]")
    elif isinstance(value, ObjectOf):
        for name in value.names():
            settle(ev, value.own(name), f"{place}.{name}")


def _forget(ev: Evaluator, place: str) -> None:
    """What was reached through a place that is given something else is reached no more.

    A place that ends in `[` stands for all items of what is there.
    """
    inside = (place,) if place.endswith("[") else (f"{place}.", f"{place}[")
    for serial in [*ev.captures.reader.places, *ev.places.entries, *ev.places_on_path]:
        assert isinstance(serial, int)
        held = _known_place(ev, serial)
        text = held.value if isinstance(held, Static) else None
        if text and (text == place or text.startswith(inside)):
            _move(ev, serial, _LOST)


def _changing(ev: Evaluator, owner: Slots, place: str) -> str:
    if owner.serial in ev.captures.reader.places:
        ev.captures.reader.changed.add(owner.serial)
    return _path(ev, place)


def step_to(key: object) -> str:
    """The step from a dict to what it has under a key."""
    if not isinstance(key, (*_PLAIN, tuple)):
        raise UnsupportedError(
            f"changing a dict of the caller under the key {key!r} is not supported",
            remedy="Use strings or numbers as keys.",
        )
    return f"[{key!r}]"


def _path(ev: Evaluator, place: str) -> str:
    """The place as emitted code reaches it: from a parameter."""
    return ev.captures.path_of(place)


def _reference(ev: Evaluator, path: str) -> Any:
    return ev.call_primitive("reference", (), {"text": Static(path)})


def _written(ev: Evaluator, value: Abstract) -> Any:
    """The value as a template of what emitted code writes."""
    if isinstance(value, Slots):
        if value.watched:
            _refuse(value, "may be one of several")
        place = place_of(ev, value)
        if place:
            return ev.symbol(_reference(ev, _path(ev, place)).value)
    if isinstance(value, (ArrayRef, OneOf, Frozen)):
        for ref in (value,) if isinstance(value, ArrayRef) else getattr(value, "refs", ()):
            ref.storage.of_caller = True
        value = storage.current(ev, value)
    if isinstance(value, Number):
        if isinstance(value.value.type, ListType):
            _refuse(value, "has a length that is known only during the call")
        return ev.rule_argument(value)
    if isinstance(value, Static):
        if type(value.value) in _PLAIN:
            return value.value
        name = getattr(value.value, "__name__", type(value.value).__name__.lower())
        return ev.captures.passive_symbol(ev.builder, name, value.value)
    if isinstance(value, TupleOf):
        return _written_tuple(ev, value)
    if isinstance(value, ListOf):
        if not isinstance(value.content, TupleOf):
            _refuse(value, "has a length that is known only during the call")
        return [_written(ev, item) for item in value.items]
    if isinstance(value, DictOf):
        return {key: _written(ev, item) for key, item in value.items.items()}
    if isinstance(value, ObjectOf):
        names = value.names()
        return _instance(ev, value.kind, names, tuple(map(value.own, names)))
    _refuse(value, "cannot be written down in emitted code")


def _written_tuple(ev: Evaluator, value: TupleOf) -> Any:
    if value.kind is tuple:
        return tuple(_written(ev, item) for item in value.items)
    return _instance(ev, value.kind, value.kind._fields, value.items)  # type: ignore[attr-defined]


def _instance(
    ev: Evaluator, kind: type, names: tuple[str, ...], values: tuple[Abstract, ...]
) -> Any:
    parameters: dict[str, Any] = {
        "kind": Static(ev.captures.passive_symbol(ev.builder, kind.__name__, kind)),
        "names": Static(names),
        "values": Static(tuple(_written(ev, item) for item in values)),
        "calls_class": Static(hasattr(kind, "_fields")),
    }
    made = ev.call_primitive("instance", (), parameters)
    assert isinstance(made, Number)
    return ev.symbol(made.value)


def _refuse(value: Abstract, reason: str) -> NoReturn:
    raise UnsupportedError(
        f"putting {describe(value)} where the caller sees it is not supported here: it {reason}",
        remedy="Return it with has_aux=True, and store it where the function is called.",
    )
