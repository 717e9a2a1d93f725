"""`check_grads`: are the derivatives of a function those of what it computes?

First the two modes are compared with each other: for a direction v and a cotangent c, c · (J v) is
(Jᵀ c) · v.  Then the tangent is compared with a numerical one: by a complex step where the function
takes complex numbers, which is exact to rounding (Squire and Trapp 1998), else by differences that
are extrapolated to step zero, with an estimate of their own error (Ridders 1982).
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.api.differentiate import jvp, vjp
from srcgrad.api.differentiated import compiler
from srcgrad.api.methods import as_method
from srcgrad.errors import ArgumentError, GradientError, SrcgradError
from srcgrad.location import Location, caller_location
from srcgrad.request import Wrt, parameters_of

FIRST_STEP = 1e-2
COMPLEX_STEP = 1e-30
# The error of differences is estimated; a derivative may be off by this many times the estimate.
ESTIMATES_ALLOWED = 20.0


def check_grads(
    function: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("rev", "fwd"),
    *,
    wrt: Wrt | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> None:
    """Compare derivatives up to an order with each other and with numerical ones.

    `args` are the arguments of one call; `modes` are among "rev" and "fwd".  Raises `GradientError`
    (an `AssertionError`) that names the mode, the argument, the element and, as far as it can be
    found, the line whose rule is suspect.

    >>> import numpy as np, srcgrad
    >>> f = lambda x: np.sin(x) * x[0]
    >>> srcgrad.check_grads(f, (np.array([0.5, 2.0]),))
    """
    if isinstance(modes, str):
        modes = (modes,)
    unknown = [mode for mode in modes if mode not in ("rev", "fwd")]
    if unknown or not modes:
        raise ArgumentError(
            f'`modes` must be among "rev" and "fwd", not {modes!r}',
            location=caller_location(),
            construct=repr(modes),
        )
    if not isinstance(args, (tuple, list)):
        raise ArgumentError(
            f"`args` must be a tuple of arguments, not a {type(args).__name__}",
            location=caller_location(),
            construct="args",
            remedy="Write `check_grads(f, (x,))` for a function of one argument.",
        )
    moving = None
    if wrt is not None:
        names = list(inspect.signature(function).parameters)
        wanted = parameters_of(wrt, names, getattr(function, "__name__", "function"))
        moving = frozenset(map(names.index, wanted))
    check = _Check(tuple(modes), moving, rtol, atol, np.random.default_rng(seed))
    check.run(function, tuple(args), 1, order)


@dataclasses.dataclass(slots=True)
class _Check:
    modes: tuple[str, ...]
    moving: frozenset[int] | None
    rtol: float | None
    atol: float | None
    random: np.random.Generator

    def run(
        self, function: Callable[..., Any], args: tuple[Any, ...], level: int, order: int
    ) -> None:
        if order < level:
            return
        directions = [
            _direction(arg, self.random) if self.moving is None or k in self.moving else None
            for k, arg in enumerate(args)
        ]
        value = function(*copy.deepcopy(args))
        cotangent = _direction(value, self.random)
        numeric, error = _numerical_tangent(function, args, directions)
        expected = _inner(cotangent, numeric)
        scale = _inner(cotangent, numeric, size=True) + _inner(cotangent, value, size=True)
        allowed = self._allowed(args, scale, _inner(cotangent, error, size=True))
        pulled = pushed = None
        if "rev" in self.modes:
            _, pullback = vjp(function, *copy.deepcopy(args))
            pulled = pullback(cotangent)
        if "fwd" in self.modes:
            _, pushed = jvp(function, copy.deepcopy(args), copy.deepcopy(tuple(directions)))
        found = {}
        if pulled is not None:
            found["reverse"] = _inner(pulled, tuple(directions))
        if pushed is not None:
            found["forward"] = _inner(cotangent, pushed)
        for mode, ours in found.items():
            if not abs(ours - expected) <= allowed:
                self._complain(
                    function,
                    args,
                    directions,
                    mode,
                    level,
                    ours,
                    expected,
                    allowed,
                    pulled,
                    cotangent,
                )
        if len(found) == 2 and not abs(found["reverse"] - found["forward"]) <= allowed:
            raise GradientError(
                f"forward and reverse mode of {_name(function)} differ: "
                f"{found['forward']:.9g} and {found['reverse']:.9g}",
                location=caller_location(),
                construct=_name(function),
            )
        self.run(self._derivative(function, cotangent, directions), args, level + 1, order)

    def _derivative(
        self, function: Callable[..., Any], cotangent: Any, directions: Sequence[Any]
    ) -> Callable[..., Any]:
        """A function whose derivatives are those of the next order."""
        tangents = tuple(directions)

        def pulled(*args: Any) -> Any:
            # What has a default and is not given is not checked.
            return vjp(function, *args)[1](cotangent)[: len(args)]

        def pushed(*args: Any) -> Any:
            return jvp(function, args, tangents)[1]

        made = pulled if "rev" in self.modes else pushed
        # It stands for the user's function, in messages too.
        made.__module__ = getattr(function, "__module__", made.__module__)
        made.__name__ = getattr(function, "__name__", made.__name__)
        return made

    def _allowed(self, args: Any, scale: float, error: float) -> float:
        single = any(np.asarray(leaf).dtype in (np.float32, np.complex64) for leaf in _leaves(args))
        rtol = self.rtol if self.rtol is not None else (1e-3 if single else 1e-7)
        atol = self.atol if self.atol is not None else (1e-4 if single else 1e-9)
        return atol + rtol * scale + ESTIMATES_ALLOWED * error

    def _complain(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        directions: Sequence[Any],
        mode: str,
        level: int,
        ours: float,
        expected: float,
        allowed: float,
        pulled: Any,
        cotangent: Any,
    ) -> None:
        worst = _worst_element(function, args, mode, pulled, cotangent)
        order = "derivative" if level == 1 else f"derivative of order {level}"
        where = f", most in {worst}" if worst else ""
        raise GradientError(
            f"the {order} of {_name(function)} in {mode} mode is wrong{where}: along a random "
            f"direction it is {ours:.9g}, numerically {expected:.9g} (within {allowed:.1g})",
            location=_suspect(function, args) or caller_location(),
            construct=_name(function),
            remedy="If the function has a kink near these arguments, check it elsewhere.",
        )


def _name(function: Callable[..., Any]) -> str:
    return f"`{getattr(function, '__name__', 'the function')}`"


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    import_names = getattr(function, "__code__", None)
    names = list(import_names.co_varnames[:count]) if import_names is not None else []
    return names + [f"argument {k}" for k in range(len(names), count)]


# Numbers in containers


def _children(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]] | None:
    """The parts of a container, and how to build one like it; None for what is none."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return list(tree), lambda items: type(tree)(*items)
    if isinstance(tree, (tuple, list)):
        return list(tree), type(tree)
    if isinstance(tree, dict):
        return list(tree.values()), lambda items: dict(zip(tree, items))
    if (
        hasattr(tree, "__dict__")
        and not callable(tree)
        and not isinstance(tree, (np.ndarray, type))
    ):
        return list(vars(tree).values()), lambda items: _rebuilt(tree, items)
    return None


def _rebuilt(tree: Any, items: list[Any]) -> Any:
    made = copy.copy(tree)
    for name, item in zip(vars(tree), items):
        object.__setattr__(made, name, item)
    return made


def _is_number(leaf: Any) -> bool:
    """Is this a real or complex number or array?"""
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind in "fc"
    return type(leaf) in (float, complex)


def _leaves(tree: Any) -> list[Any]:
    parts = _children(tree)
    if parts is None:
        return [tree] if _is_number(tree) else []
    return [leaf for item in parts[0] for leaf in _leaves(item)]


def _map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with its numbers changed, and None for everything else."""
    parts = _children(tree)
    if parts is None:
        if not _is_number(tree):
            return None
        return function(tree, *others)
    items, build = parts
    rest = [other if other is None else _children(other)[0] for other in others]  # type: ignore[index]
    return build(
        [
            _map(function, item, *(None if r is None else r[k] for r in rest))
            for k, item in enumerate(items)
        ]
    )


def _direction(tree: Any, random: np.random.Generator) -> Any:
    """Random numbers in the shapes and dtypes of a tree's."""

    def draw(leaf: Any) -> Any:
        array = np.asarray(leaf)
        drawn: Any = random.uniform(0.3, 1.0, array.shape) * random.choice([-1.0, 1.0], array.shape)
        if array.dtype.kind == "c":
            drawn = drawn + 1j * random.uniform(0.3, 1.0, array.shape)
        if isinstance(leaf, (float, complex)) and not isinstance(leaf, np.generic):
            return type(leaf)(drawn)
        return array.dtype.type(drawn) if array.shape == () else drawn.astype(array.dtype)

    return _map(draw, tree)


def _moved(tree: Any, direction: Any, step: float | complex) -> Any:
    """The tree, a step along a direction; what does not move is copied."""
    parts = _children(tree)
    if parts is None:
        moves = direction is not None and _is_number(tree)
        return tree + step * direction if moves else copy.deepcopy(tree)
    items, build = parts
    towards = [None] * len(items) if direction is None else _children(direction)[0]  # type: ignore[index]
    return build([_moved(item, to, step) for item, to in zip(items, towards)])


def _inner(a: Any, b: Any, *, size: bool = False) -> float:
    """The real part of the sum of the products (or of their sizes) of the numbers of two trees."""
    if a is None or b is None:
        return 0.0
    one, other = _children(a), _children(b)
    if one is not None and other is not None:
        return sum(_inner(x, y, size=size) for x, y in zip(one[0], other[0]))
    if not _is_number(a) or not _is_number(b):
        return 0.0
    products = np.asarray(a, complex) * np.asarray(b, complex)
    return float(np.sum(np.abs(products)) if size else np.sum(products).real)


# Numerical tangents


def _numerical_tangent(
    function: Callable[..., Any], args: tuple[Any, ...], directions: Sequence[Any]
) -> tuple[Any, Any]:
    """The tangent of the value along a direction, and an estimate of its error."""
    by_complex_step = _complex_step(function, args, directions)
    if by_complex_step is not None:
        return by_complex_step, _map(lambda leaf: np.abs(leaf) * 1e-14, by_complex_step)
    return _extrapolated(function, args, directions)


def _complex_step(
    function: Callable[..., Any], args: tuple[Any, ...], directions: Sequence[Any]
) -> Any:
    """The tangent by a complex step; None where the function does not go along with that."""
    leaves = _leaves(args)
    if any(np.asarray(leaf).dtype != np.float64 for leaf in leaves):
        return None
    value = function(*copy.deepcopy(args))
    try:
        with np.errstate(all="ignore"):
            stepped = function(*_moved(args, tuple(directions), 1j * COMPLEX_STEP))
        real = _map(lambda x, s: np.asarray(s).real, value, stepped)
        same = _leaves(_map(lambda x, r: float(np.all(np.isclose(x, r, 1e-9, 1e-12))), value, real))
        tangent = _map(lambda x, s: np.asarray(s).imag / COMPLEX_STEP, value, stepped)
    except Exception:  # anything: then it is no function of complex numbers
        return None
    if not all(same) or any(np.asarray(leaf).dtype.kind == "c" for leaf in _leaves(value)):
        return None
    rough, error = _extrapolated(function, args, directions)
    # `abs`, comparisons and `.real` take complex numbers and are not analytic.
    agrees = _map(
        lambda t, r, e: float(np.all(np.abs(t - r) <= 1e-4 * (1.0 + np.abs(r)) + 100 * e)),
        tangent,
        rough,
        error,
    )
    return tangent if all(_leaves(agrees)) else None


def _extrapolated(
    function: Callable[..., Any], args: tuple[Any, ...], directions: Sequence[Any]
) -> tuple[Any, Any]:
    """Central differences extrapolated to step zero, the entry of the smallest error each."""
    single = any(np.asarray(leaf).dtype.itemsize <= 4 for leaf in _leaves(args))
    step = 0.1 if single else FIRST_STEP
    table: list[list[Any]] = []
    best: Any = None
    for row in range(4 if single else 7):
        size = step / 2.0**row
        up = function(*_moved(args, tuple(directions), size))
        down = function(*_moved(args, tuple(directions), -size))
        entries = [_map(lambda u, d, s=size: (np.asarray(u) - d) / (2.0 * s), up, down)]
        for k, before in enumerate(table[-1] if table else [], start=1):
            factor = 4.0**k
            entries.append(
                _map(lambda new, old, f=factor: (f * new - old) / (f - 1.0), entries[-1], before)
            )
            error = _map(
                lambda e, a, b: np.maximum(np.abs(e - a), np.abs(e - b)),
                entries[-1],
                entries[-2],
                before,
            )
            if best is None:
                best = entries[-1], error
            else:
                closer = _map(lambda new, old: np.asarray(new < old, float), error, best[1])
                best = (
                    _map(lambda c, n, o: np.where(c > 0, n, o), closer, entries[-1], best[0]),
                    _map(lambda c, n, o: np.where(c > 0, n, o), closer, error, best[1]),
                )
        table.append(entries)
    return best


# What is to blame


def _worst_element(
    function: Callable[..., Any], args: tuple[Any, ...], mode: str, pulled: Any, cotangent: Any
) -> str | None:
    """The element of an argument in which the derivative is off most."""
    names = _parameter_names(function, len(args))
    worst: tuple[float, str] | None = None
    for place, arg in enumerate(args):
        for path, leaf in _paths(arg, names[place]):
            for index in np.ndindex(np.shape(leaf)):
                unit = [None] * len(args)
                unit[place] = _unit(arg, path[len(names[place]) :], index)
                numeric, _ = _numerical_tangent(function, args, unit)
                expected = _inner(cotangent, numeric)
                if mode == "reverse":
                    ours = _inner(pulled[place], unit[place])
                else:
                    _, tangent = jvp(function, copy.deepcopy(args), tuple(unit))
                    ours = _inner(cotangent, tangent)
                off = abs(ours - expected)
                if worst is None or not off <= worst[0]:
                    at = f"[{', '.join(map(str, index))}]" if index else ""
                    worst = off, f"`{path}{at}`"
    return None if worst is None else worst[1]


def _paths(tree: Any, path: str) -> list[tuple[str, Any]]:
    parts = _children(tree)
    if parts is None:
        return [(path, tree)] if _is_number(tree) else []
    keys: list[str]
    if isinstance(tree, dict):
        keys = [f"[{key!r}]" for key in tree]
    elif isinstance(tree, (tuple, list)):
        keys = [f"[{k}]" for k in range(len(tree))]
    else:
        keys = [f".{name}" for name in vars(tree)]
    return [found for item, key in zip(parts[0], keys) for found in _paths(item, path + key)]


def _unit(tree: Any, wanted: str, index: tuple[int, ...], path: str = "") -> Any:
    """A direction that is 1 in one element and 0 elsewhere."""
    paths = iter([found for found, _ in _paths(tree, "")])

    def fill(leaf: Any) -> Any:
        here = next(paths)
        filled = np.zeros(np.shape(leaf), np.asarray(leaf).dtype)
        if here == wanted:
            filled[index] = 1.0
        if isinstance(leaf, np.ndarray):
            return filled
        return type(leaf)(filled[()])

    return _map(fill, tree)


def _suspect(function: Callable[..., Any], args: tuple[Any, ...]) -> Location | None:
    """The line of the first call whose derivative is wrong, as far as that can be found."""
    method = as_method(function)
    if method is not None:
        function, args = method.__func__, (method.__self__, *args)
    try:
        signature = inspect.signature(function)
        found: Location | None = compiler().first_wrong_line(
            function, signature, copy.deepcopy(args)
        )
    except (SrcgradError, TypeError, ValueError):
        return None
    return found
