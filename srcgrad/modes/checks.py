"""What a mode asks of arguments and results, and the refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad.errors import ArgumentError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Entries,
    Fields,
    Items,
    Leaf,
    ListType,
    OpaqueType,
    Outline,
    Passive,
    ScalarType,
    Tree,
    Type,
    Value,
    is_complex,
    is_integral,
    is_python_int,
    is_real,
    leaves,
    map_leaves,
)
from srcgrad.instances import declares_fields
from srcgrad.modes.primal import Primal
from srcgrad.request import Request
from srcgrad.rules import kind_text, shape_text

# Arguments


def check_differentiable(primal: Primal) -> None:
    """Refuse arguments between whose values there are no small steps."""
    for name, tree in primal.wrt.items():
        found = list(leaves(tree))
        if not found and not primal.every and not _is_empty(tree):
            raise primal.wrong_argument(
                name,
                ArgumentError(
                    f"the argument `{name}` holds no numbers to differentiate with respect to "
                    f"(it is {kind_of_tree(tree)})",
                    construct=name,
                    remedy="Name another parameter in `wrt`, or pass numbers.",
                ),
            )
        check_small_steps(primal, name, [leaf.value for leaf in found])


def check_small_steps(primal: Primal, name: str, values: Iterable[Value]) -> None:
    """Refuse integers, but for Python's own, which count as real numbers."""
    for value in values:
        if is_integral(value.type) and not is_python_int(value.type):
            origin = primal.origins.get(value, name)
            raise primal.wrong_argument(
                name,
                ArgumentError(
                    f"`{origin}` is {kind_text(value.type)}, which has no gradient: "
                    "between integers there are no small steps",
                    construct=origin,
                    remedy=f"Pass it as floating point: `{origin}.astype(float)`.",
                ),
            )


def differentiable_parts(trees: Mapping[str, Tree]) -> dict[str, Tree]:
    """The arguments without what has no derivative.

    Python's integers count as real numbers only where there are no others.
    """
    every = [leaf.value for tree in trees.values() for leaf in leaves(tree)]
    real = [value for value in every if is_real(value.type) or is_complex(value.type)]
    kept = set(real or [value for value in every if is_python_int(value.type)])
    return {
        name: map_leaves(tree, lambda leaf: leaf if leaf.value in kept else Passive(), lambda p: p)
        for name, tree in trees.items()
    }


def trained(tree: Tree, *, in_instance: bool = False) -> Tree:
    """The tree with the integers that instances hold made passive: they are sizes and counts.

    A dataclass or a named tuple says what its fields are: an integer among them is a number.
    """
    if isinstance(tree, Fields):
        parts = tuple(
            trained(item, in_instance=not declares_fields(tree.kind)) for item in tree.items
        )
        if not hasattr(tree.kind, "_fields"):
            parts = tuple(map(_without_empty, parts))
        return replace(tree, items=parts)
    if isinstance(tree, (Items, Entries)):
        parts = tuple(trained(item, in_instance=in_instance) for item in tree.items)
        return replace(tree, items=parts)
    if isinstance(tree, Leaf) and in_instance and is_integral(tree.value.type):
        return Passive()
    return tree


def _without_empty(tree: Tree) -> Tree:
    """A list or dict in which an instance holds no numbers has no gradient."""
    is_container = isinstance(tree, Entries) or (isinstance(tree, Items) and tree.kind is list)
    return Passive() if is_container and not any(True for _ in leaves(tree)) else tree


def _is_empty(tree: Tree) -> bool:
    """Is this a container with nothing in it, or with such containers alone?"""
    return isinstance(tree, (Items, Entries, Fields)) and all(map(_is_empty, tree.items))


def kind_of_tree(tree: Tree) -> str:
    if isinstance(tree, Passive):
        return repr(tree.value)
    if isinstance(tree, Leaf):
        return kind_text(tree.value.type)
    return f"a {getattr(tree, 'kind', dict).__name__}"


# Results


def split_result(primal: Primal, request: Request) -> tuple[Tree, Tree]:
    """What is differentiated and the auxiliary results."""
    if not request.has_aux:
        return primal.result, Passive()
    tree = primal.result
    if not isinstance(tree, Items) or len(tree.items) != 2:
        raise primal.wrong_argument(
            None,
            ArgumentError(
                f"`{primal.name}` must return two things, (value, aux), for has_aux=True",
                construct=primal.name,
                remedy="Return a tuple of the value to differentiate and whatever else is wanted.",
            ),
        )
    return tree.items[0], tree.items[1]


def scalar_result(primal: Primal, tree: Tree) -> Value:
    """The number that the function returns; anything else has no gradient."""
    try:
        if not isinstance(tree, Leaf):
            raise ArgumentError(
                f"`{primal.name}` must return a number to have a gradient; it returns "
                f"{kind_of_tree(tree)}",
                construct=primal.name,
                remedy=_REMEDY_OF_NOTHING
                if isinstance(tree, Passive) and tree.value is None
                else "Return a scalar, or pass has_aux=True if it returns (value, aux).",
            )
        _check_scalar(tree.value.type, primal.name, primal.graph.assumptions)
    except ArgumentError as error:
        raise primal.wrong_argument(None, error) from None
    return tree.value


_REMEDY_OF_NOTHING = (
    "Return a scalar, or pass has_aux=True if it returns (value, aux), or outputs=... if the "
    "result is\nin one of its arguments."
)


def _check_scalar(type_: Type, name: str, sizes: Assumptions) -> None:
    if isinstance(type_, (OpaqueType, ListType)):
        raise ArgumentError(
            f"`{name}` must return a number to have a gradient; it returns {kind_text(type_)}",
            construct=name,
            remedy="Return a number that is computed from the arguments.",
        )
    if is_complex(type_):
        raise ArgumentError(
            f"`{name}` returns a complex number; the gradient needs a real one",
            construct=name,
            remedy="Return its real part, its imaginary part or its absolute value.",
        )
    if isinstance(type_, ArrayType) and (
        type_.shape is None or not all(sizes.is_one(dim) for dim in type_.shape)
    ):
        raise ArgumentError(
            f"`{name}` must return a number to have a gradient; it returns an array of shape "
            f"{shape_text(type_.shape, sizes)}",
            construct=name,
            remedy="Sum or average it: `np.sum(...)`, `np.mean(...)`; or take `vjp` or `jacobian`.",
        )


def check_numeric_result(primal: Primal, tree: Tree, mode: str) -> None:
    """Refuse results that no derivative can be made of."""
    found = list(leaves(tree))
    for leaf in found:
        if isinstance(leaf.value.type, (OpaqueType, ListType)):
            raise primal.wrong_argument(
                None,
                ArgumentError(
                    f"`{primal.name}` returns {kind_text(leaf.value.type)}, which has no {mode}",
                    construct=primal.name,
                    remedy="Return numbers and arrays, in tuples, lists or dicts.",
                ),
            )
    if not found:
        raise primal.wrong_argument(
            None,
            ArgumentError(
                f"`{primal.name}` must return numbers to have a {mode}; it returns "
                f"{kind_of_tree(tree)}",
                construct=primal.name,
                remedy="Return an array, or pass outputs=... if the result is in an argument.",
            ),
        )


# Directions: tangents, cotangents, vectors


def match_direction(
    given: Tree,
    like: Tree,
    name: str,
    sizes: Assumptions,
    word: str,
    *,
    in_instance: bool = False,
) -> dict[Value, Value]:
    """For each number of `like` the number given for it; None (no direction) gives none.

    What a direction built like an instance holds for its sizes and counts says nothing.  Raises
    `ArgumentError` where structure, shape or dtype differ.
    """
    if isinstance(given, Passive) and given.value is None:
        return {}
    if isinstance(like, Leaf):
        _check_leaf(given, like.value, name, sizes, word)
        assert isinstance(given, Leaf)
        return {like.value: given.value}
    if isinstance(like, Passive) and in_instance and _holds_integers_alone(given):
        return {}
    if isinstance(like, Passive):
        raise ArgumentError(
            f"the {word} `{name}` must be None: there are no numbers at this place",
            construct=name,
            remedy=f"Pass None where the {word} has nothing to say.",
        )
    if type(given) is not type(like) or not _same_keys(given, like):
        raise ArgumentError(
            f"the {word} `{name}` is {kind_of_tree(given)}{_count(given)}, but it must be built "
            f"like what it belongs to: {kind_of_tree(like)}{_count(like)}",
            construct=name,
            remedy=f"Give the {word} the same structure, with None where it is zero.",
        )
    assert not isinstance(like, Outline)
    found: dict[Value, Value] = {}
    if isinstance(given, Fields) and isinstance(like, Fields):
        by_name = dict(zip(given.names, given.items))
        given = replace(given, items=tuple(by_name[name] for name in like.names))
    for key, one, other in zip(_keys(like)[1:], given.items, like.items):  # type: ignore[union-attr]
        place = f"{name}.{key}" if isinstance(like, Fields) else f"{name}[{key!r}]"
        inside = in_instance or (isinstance(like, Fields) and not declares_fields(like.kind))
        found |= match_direction(one, other, place, sizes, word, in_instance=inside)
    return found


def _holds_integers_alone(tree: Tree) -> bool:
    return all(is_integral(leaf.value.type) for leaf in leaves(tree))


def _same_keys(given: Tree, like: Tree) -> bool:
    """Are these containers of one kind with the same keys?  Attributes have no order."""
    if isinstance(given, Fields) and isinstance(like, Fields):
        return given.kind is like.kind and set(given.names) == set(like.names)
    return _keys(given) == _keys(like)


def _keys(tree: Tree) -> tuple[object, ...]:
    """The kind of a container and its keys."""
    if isinstance(tree, Items):
        return (tree.kind, *range(len(tree.items)))
    if isinstance(tree, Fields):
        return (tree.kind, *tree.names)
    return (dict, *getattr(tree, "keys", ()))


def _count(tree: Tree) -> str:
    return "" if isinstance(tree, (Leaf, Passive, Outline)) else f" of {len(tree.items)}"


def _check_leaf(given: Tree, like: Value, name: str, sizes: Assumptions, word: str) -> None:
    wanted = kind_text(like.type)
    if not isinstance(given, Leaf):
        raise ArgumentError(
            f"the {word} `{name}` is {kind_of_tree(given)}, but it belongs to {wanted}",
            construct=name,
            remedy=f"Pass a {word} of the same shape and dtype, or None for zero.",
        )
    have, want = given.value.type, like.type
    if isinstance(want, ArrayType) and isinstance(have, ArrayType):
        _check_shapes(have, want, name, sizes, word)
        if have.dtype != want.dtype and not is_integral(want):
            raise ArgumentError(
                f"the {word} `{name}` has dtype {have.dtype}, but it belongs to {wanted} of dtype "
                f"{want.dtype}",
                construct=name,
                remedy=f"Convert it: `{name}.astype({str(want.dtype)!r})`.",
            )
    elif isinstance(want, ArrayType) and want.shape != ():
        raise ArgumentError(
            f"the {word} `{name}` is {kind_text(have)}, but it belongs to an array of shape "
            f"{shape_text(want.shape, sizes)}",
            construct=name,
            remedy=f"Pass a {word} of the same shape.",
        )
    elif isinstance(have, ArrayType) and have.shape != ():
        raise ArgumentError(
            f"the {word} `{name}` is an array of shape {shape_text(have.shape, sizes)}, but it "
            "belongs to a number",
            construct=name,
            remedy=f"Pass a {word} that is a number.",
        )
    if is_complex(have) and not is_complex(want):
        raise ArgumentError(
            f"the {word} `{name}` is complex, but it belongs to {wanted}",
            construct=name,
            remedy="Pass its real part.",
        )
    if not isinstance(have, (ArrayType, ScalarType)):
        raise ArgumentError(
            f"the {word} `{name}` is {kind_text(have)}, which is no number", construct=name
        )


def _check_shapes(
    have: ArrayType, want: ArrayType, name: str, sizes: Assumptions, word: str
) -> None:
    if have.shape is None or want.shape is None:
        return
    same = len(have.shape) == len(want.shape) and all(
        a is None or b is None or sizes.assume_equal(a, b) or not sizes.differ(a, b)
        for a, b in zip(have.shape, want.shape)
    )
    if not same:
        raise ArgumentError(
            f"the {word} `{name}` has shape {shape_text(have.shape, sizes)}, but it belongs to an "
            f"array of shape {shape_text(want.shape, sizes)}",
            construct=name,
            remedy=f"Pass a {word} of the same shape.",
        )
