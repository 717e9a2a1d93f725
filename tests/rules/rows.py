"""One row per function and set of arguments: what every derivative rule is checked against.

    ROWS = [row(np.tanh, normal(3)), row(np.sum, normal(3, 2), axis=0, keepdims=True)]

    @pytest.mark.parametrize("row", ROWS, ids=str)
    def test_rules_agree_with_numpy_and_with_differences(row):
        check(row)

Among the arguments, arrays, floats and complex numbers (also inside lists and tuples) are operands
of the graph; ints, strings and whatever is wrapped in `fixed` are passed as they are written.  A
row is checked with sizes known, symbolic, unknown, and with ranks unknown: result types and values
against NumPy's own; vjp against jvp by inner products; both against central differences, whose
error is estimated.  With sizes known the adjoints are differentiated once more, in both modes.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Graph,
    Literal,
    ScalarType,
    Type,
    Value,
    carries_derivative,
    symbol,
    verify,
)
from srcgrad.rules.registry import Primitive, find_primitive, primitive_named
from srcgrad.rules.symbols import Symbol, as_value, call
from srcgrad.transforms import forward, reverse
from tests.interpreter import interpret

STEP = 1e-3
TOLERANCE = 1e-9
TOLERANCE_SINGLE = 2e-5
COARSENESS = 1e-6


# Rows


@dataclass(frozen=True)
class Row:
    """A call.  `like` computes its value where that is not `function` itself (a name, a method).

    `tolerance` is what the estimated error of the differences may be, relative to the result; the
    derivatives must agree with them to 1e-9 besides.  `twice`: is the derivative differentiated?
    """

    function: Callable[..., Any] | str
    arguments: tuple[Any, ...]
    parameters: dict[str, Any]
    like: Callable[..., Any]
    tolerance: float = COARSENESS
    step: float = STEP
    differentiable: bool = True
    twice: bool = True

    def __str__(self) -> str:
        name = self.function if isinstance(self.function, str) else _name(self.function)
        given = [_describe(argument) for argument in self.arguments]
        given += [f"{key}={_describe(value)}" for key, value in self.parameters.items()]
        return f"{name}({', '.join(given)})"

    @property
    def primitive(self) -> Primitive:
        if isinstance(self.function, str):
            return primitive_named(self.function)
        found = find_primitive(self.function)
        assert found is not None, f"`{self.function}` has no shape rule"
        return found


@dataclass(frozen=True)
class fixed:
    """An argument passed as it is written, not as a value of the graph."""

    value: Any


def row(
    function: Callable[..., Any] | str,
    *arguments: Any,
    like: Callable[..., Any] | None = None,
    tolerance: float = COARSENESS,
    step: float = STEP,
    differentiable: bool = True,
    twice: bool = True,
    **parameters: Any,
) -> Row:
    if like is None:
        like = primitive_named(function).function if isinstance(function, str) else function
    return Row(function, arguments, parameters, like, tolerance, step, differentiable, twice)


def normal(*shape: int, seed: int = 0, dtype: Any = float) -> np.ndarray:
    """Reproducible numbers around 0; complex ones for a complex dtype."""
    random = np.random.default_rng([seed, *shape])
    values = random.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * random.normal(size=shape)
    return np.asarray(values, dtype)


def uniform(low: float, high: float, *shape: int, seed: int = 0, dtype: Any = float) -> np.ndarray:
    random = np.random.default_rng([seed, 1, *shape])
    return np.asarray(random.uniform(low, high, size=shape), dtype)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", str(function))


def _describe(argument: Any) -> str:
    if isinstance(argument, fixed):
        return f"fixed {_describe(argument.value)}"
    if isinstance(argument, (np.ndarray, np.generic)):
        return f"{argument.dtype}{list(np.shape(argument))}"
    if isinstance(argument, (list, tuple)):
        return f"[{', '.join(map(_describe, argument))}]"
    return repr(argument)


# Checks


KNOWLEDGE = ("sizes known", "sizes symbolic", "sizes unknown", "ranks unknown")


def check(row: Row) -> None:
    """Check everything about a row, with any knowledge of the sizes."""
    for knowledge in KNOWLEDGE:
        try:
            _check_value(row, knowledge)
            if row.differentiable:
                _check_derivatives(row, knowledge)
        except UnsupportedError:
            if knowledge in ("sizes known", "sizes symbolic"):
                raise
        except Exception as error:
            error.add_note(f"{row}, {knowledge}")
            raise


def check_constant(row: Row) -> None:
    """Check the value of a function that is declared to have no derivative."""
    assert row.primitive.constant, f"`{row.primitive.name}` is not declared constant"
    check(dataclasses.replace(row, differentiable=False))


def gradient(
    function: Callable[..., Any] | str, *arguments: Any, g: Any = None, **parameters: Any
) -> Any:
    """What the backward rule gives for each operand (just that for one operand), as numbers.

    The cotangent is 1 everywhere unless given; a tuple of cotangents for several results.
    """
    case = row(function, *arguments, **parameters)
    found = _run_vjp(case, "sizes known", None if g is None else _as_tuple(g))
    return found[0] if len(found) == 1 else found


def _as_tuple(g: Any) -> tuple[Any, ...]:
    return g if isinstance(g, tuple) else (g,)


def _check_value(row: Row, knowledge: str) -> None:
    """The results and their types are NumPy's."""
    trace = _Trace(row, knowledge)
    results = trace.primal()
    with _quiet():
        computed = interpret(trace.graph(results), trace.inputs)
        expected = _several(row.like(*_plain(row.arguments), **_plain(row.parameters)))
    assert len(computed) == len(expected)
    for symbol_, mine, numpys in zip(results, computed, expected):
        assert_type_fits(symbol_.type, numpys)
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(numpys))


def _check_derivatives(row: Row, knowledge: str) -> None:
    trace = _Trace(row, knowledge)
    active = trace.active
    assert active, f"{row} has nothing to differentiate with respect to"
    tangents = [_random_like(value, seed=11 + k) for k, value in enumerate(trace.inputs)]
    with _quiet():
        results = _several(row.like(*_plain(row.arguments), **_plain(row.parameters)))
        cotangents = tuple(_random_like(result, seed=101 + k) for k, result in enumerate(results))
        differences = _differences(row, trace.inputs, active, tangents)
    adjoints = _run_vjp(row, knowledge, cotangents)
    assert [np.shape(adjoints[k]) for k in active] == [np.shape(trace.inputs[k]) for k in active]
    y_dots = _run_jvp(row, knowledge, tangents)
    backward = sum(_inner(adjoints[k], tangents[k]) for k in active)
    straight = _total(cotangents, y_dots)
    sizes = [_inner(abs(np.asarray(c)), 1.0) for c in cotangents if _is_active(c)]
    scale = 1.0 + max(abs(backward), *sizes)
    single = any(map(_is_single, (*trace.inputs, *results)))
    slopes = [_total(cotangents, moved) for moved in differences]
    numeric, error = (slopes[0], 0.0) if single else _with_error(slopes, row, scale)
    tolerance = TOLERANCE_SINGLE if single else TOLERANCE
    _assert_close("vjp", backward, "differences", numeric, tolerance * scale + error)
    _assert_close("jvp", straight, "vjp", backward, tolerance * scale)
    if row.twice and knowledge == "sizes known":
        _check_second_order(row, cotangents, single)


def _check_second_order(row: Row, cotangents: tuple[Any, ...], single: bool) -> None:
    """The derivative of the adjoints, by both modes and by differences."""
    first = _Backward(row, "sizes known", cotangents)
    inputs, active = first.trace.inputs, first.trace.active
    along = [_random_like(inputs[k], seed=211 + k) for k in active]
    against = [_random_like(inputs[k], seed=311 + k) for k in active]
    moved = _total(against, first.moved_forward(along))
    moved_back = _total(along, first.moved_backward(against))
    tolerance = TOLERANCE_SINGLE if single else TOLERANCE
    sizes = [_inner(abs(np.asarray(item)), 1.0) for item in first.adjoints_at(inputs)]
    scale = 1.0 + max(sizes) + abs(moved_back)
    _assert_close("forward", moved, "reverse over reverse", moved_back, tolerance * scale)
    if single:
        return

    def adjoints_at(t: float) -> list[Any]:
        nearby = list(inputs)
        for k, direction in zip(active, along):
            nearby[k] = _of_type(nearby[k] + t * direction, first.trace.values[k].type)
        return first.adjoints_at(nearby)

    differences = [_total(against, slopes) for slopes in _slopes(adjoints_at, row.step)]
    numeric, error = _with_error(differences, row, scale)
    _assert_close("second order", moved, "differences", numeric, tolerance * scale + error)


def _with_error(slopes: Sequence[float], row: Row, scale: float) -> tuple[float, float]:
    """The limit of slopes by steps h and h / 2 of error h^4, and what it may be wrong by."""
    coarse, fine = slopes
    limit = (16.0 * fine - coarse) / 15.0
    error = 4.0 * abs(limit - fine)
    assert error <= row.tolerance * scale, ("differences are too coarse", coarse, fine)
    return limit, error


def _assert_close(what: str, a: float, other: str, b: float, tolerance: float) -> None:
    assert abs(a - b) <= tolerance, (what, a, other, b)


def assert_type_fits(type_: Type, value: Any) -> None:
    """The inferred type says nothing wrong about a value."""
    if isinstance(type_, ScalarType):
        assert type(value) is type_.python_type, (type_, type(value))
        return
    assert isinstance(type_, ArrayType), type_
    assert isinstance(value, (np.ndarray, np.generic)), (type_, type(value))
    assert value.dtype == type_.dtype, (type_, value.dtype)
    if type_.shape is not None:
        assert len(type_.shape) == value.ndim, (type_, value.shape)
        for dim, size in zip(type_.shape, value.shape):
            assert not isinstance(dim, int) or dim == size, (type_, value.shape)


def _total(cotangents: Sequence[Any], others: Sequence[Any]) -> float:
    pairs = zip(cotangents, others, strict=True)
    return sum(_inner(g, other) for g, other in pairs if other is not None and _is_active(g))


def _inner(a: ArrayLike, b: ArrayLike) -> float:
    """Re(sum(a * b)): cotangents are transposed, not conjugated."""
    return float(np.real(np.sum(np.multiply(a, b, dtype=np.result_type(a, b, float)))))


def _differences(
    row: Row, inputs: Sequence[Any], active: Sequence[int], tangents: Sequence[Any]
) -> list[list[Any]]:
    """Central differences along the tangents, in double precision, with two steps."""
    wide = [_widen(value) if k in active else value for k, value in enumerate(inputs)]
    positions = {id(value): k for k, value in enumerate(inputs)}

    def along(t: float) -> tuple[Any, ...]:
        def move(k: int) -> Any:
            return wide[k] + t * _widen(tangents[k]) if k in active else wide[k]

        arguments = _replace(row.arguments, lambda item: move(positions[id(item)]))
        parameters = _replace(row.parameters, lambda item: move(positions[id(item)]))
        return _several(row.like(*arguments, **parameters))

    return _slopes(along, row.step)


def _slopes(function: Callable[[float], Sequence[Any]], step: float) -> list[list[Any]]:
    """The slopes of several functions at 0, with an error of h^4, for the steps h and h / 2."""
    found = []
    for h in (step, step / 2.0):
        samples = [function(t * h) for t in (1.0, -1.0, 2.0, -2.0)]
        found.append([_slope(*values, h) for values in zip(*samples, strict=True)])
    return found


def _slope(a: Any, b: Any, c: Any, d: Any, h: float) -> Any:
    if not _is_active(a):
        return None
    near, far = np.subtract(a, b, dtype=_wide(a)), np.subtract(c, d, dtype=_wide(a))
    return (8.0 * near - far) / (12.0 * h)


def _wide(value: Any) -> np.dtype:
    return np.result_type(np.asarray(value).dtype, np.float64)


def _widen(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.astype(_wide(value))
    return value


def _is_single(value: Any) -> bool:
    return getattr(value, "dtype", None) in (np.float32, np.complex64)


def _is_active(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"


def _several(result: Any) -> tuple[Any, ...]:
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def _random_like(value: Any, *, seed: int) -> Any:
    """Random numbers of the type of the value, for a tangent or cotangent."""
    if not _is_active(value):
        return value
    if isinstance(value, (float, complex)) and not isinstance(value, np.generic):
        return normal(seed=seed, dtype=type(value)).item()
    random = normal(*np.shape(value), seed=seed, dtype=value.dtype)
    return random if isinstance(value, np.ndarray) else random[()]


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


# Graphs of a single call


class _Trace:
    """The graph of one call while it is built: its inputs as values and as numbers."""

    def __init__(self, row: Row, knowledge: str) -> None:
        self.row = row
        self.knowledge = knowledge
        self.assumptions = Assumptions()
        self.builder = Builder(self.assumptions)
        self.inputs: list[Any] = []
        self.values: list[Value] = []
        self.arguments = _replace(row.arguments, self.add_input)
        self.parameters = _replace(row.parameters, self.add_input)
        if _is_ufunc_of_python_numbers(row, self.inputs):
            self.parameters["function"] = True

    @property
    def active(self) -> list[int]:
        """The places of the inputs that are differentiated with respect to."""
        return [k for k, number in enumerate(self.inputs) if _is_active(number)]

    def add_input(self, number: Any) -> Symbol:
        value = Value(self.type_of(number), f"x{len(self.values)}")
        self.inputs.append(number)
        self.values.append(value)
        return Symbol(self.builder, value)

    def type_of(self, number: Any) -> Type:
        if isinstance(number, (float, complex)) and not isinstance(number, np.generic):
            return ScalarType(type(number))
        if self.knowledge == "ranks unknown":
            return ArrayType(number.dtype, None)
        if self.knowledge == "sizes unknown":
            return ArrayType(number.dtype, (None,) * number.ndim)
        if self.knowledge == "sizes symbolic":
            return ArrayType(number.dtype, tuple(map(self.symbol_of, number.shape)))
        return ArrayType(number.dtype, number.shape)

    def symbol_of(self, size: int) -> Any:
        name = f"n{size}"
        self.assumptions.hints[name] = size
        return symbol(name)

    def primal(self) -> tuple[Symbol, ...]:
        result = call(self.row.primitive.function, *self.arguments, **self.parameters)
        return result if isinstance(result, tuple) else (result,)

    def graph(self, results: Sequence[Any]) -> Graph:
        values = tuple(as_value(result) for result in results)
        name = "row"
        return verify(
            Graph(name, tuple(self.values), tuple(self.builder.nodes), values, self.assumptions)
        )


def _is_ufunc_of_python_numbers(row: Row, inputs: Sequence[Any]) -> bool:
    """Is this a ufunc by name, whose result is a NumPy scalar, where an operator's is not?"""
    signature = row.primitive.signature
    assert signature is not None
    named = isinstance(row.function, np.ufunc) and "function" in signature.parameters
    return named and not any(isinstance(number, (np.ndarray, np.generic)) for number in inputs)


def _run_vjp(row: Row, knowledge: str, cotangents: tuple[Any, ...] | None) -> list[Any]:
    """The adjoint of every input, by reverse mode."""
    backward = _Backward(row, knowledge, cotangents)
    adjoints = iter(backward.adjoints_at(backward.trace.inputs))
    return [next(adjoints) if _is_active(number) else None for number in backward.trace.inputs]


def _run_jvp(row: Row, knowledge: str, tangents: Sequence[Any]) -> list[Any]:
    """The tangent of every result that carries a derivative, by forward mode."""
    trace = _Trace(row, knowledge)
    results = trace.primal()
    moving = [k for k, result in enumerate(results) if carries_derivative(result.type)]
    graph = forward(trace.graph(results), trace.active, moving)
    found = iter(
        _evaluate(graph, [*trace.inputs, *(tangents[k] for k in trace.active)])[len(results) :]
    )
    return [next(found) if k in moving else None for k in range(len(results))]


class _Backward:
    """The graph of the adjoints of a call, with the cotangents as further inputs."""

    def __init__(self, row: Row, knowledge: str, cotangents: tuple[Any, ...] | None) -> None:
        self.trace = _Trace(row, knowledge)
        results = self.trace.primal()
        self.count = len(results)
        places = [k for k, result in enumerate(results) if carries_derivative(result.type)]
        seeds = [Value(results[k].type, f"g{k}") for k in places]
        graph = self.trace.graph(results)
        self.graph = verify(reverse(graph, self.trace.active, places, seeds))
        given = [np.ones(np.shape(_value_of(row, k)))[()] for k in places]
        if cotangents is not None:
            given = [cotangents[k] for k in places]
        pairs = zip(given, places)
        self.cotangents = [_of_type(number, results[k].type) for number, k in pairs]

    def adjoints_at(self, inputs: Sequence[Any]) -> list[Any]:
        return _evaluate(self.graph, [*inputs, *self.cotangents])[self.count :]

    def moved_forward(self, directions: Sequence[Any]) -> list[Any]:
        """How the adjoints change along the directions, by forward mode over reverse mode."""
        outputs = range(self.count, len(self.graph.results))
        graph = verify(forward(self.graph, self.trace.active, outputs))
        given = [*self.trace.inputs, *self.cotangents, *directions]
        return _evaluate(graph, given)[len(self.graph.results) :]

    def moved_backward(self, directions: Sequence[Any]) -> list[Any]:
        """The same transposed, by reverse mode over reverse mode."""
        outputs = range(self.count, len(self.graph.results))
        seeds = [Value(self.graph.results[k].type, f"h{k}") for k in outputs]
        graph = verify(reverse(self.graph, self.trace.active, outputs, seeds))
        given = [*self.trace.inputs, *self.cotangents, *directions]
        return _evaluate(graph, given)[len(self.graph.results) :]


def _evaluate(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """The results of a graph; checks that each is of the type it claims."""
    with _quiet():
        numbers = interpret(graph, inputs)
    for value, number in zip(graph.results, numbers):
        if not isinstance(value, Literal):
            _assert_kind_fits(value.type, number)
    return list(numbers)


def _assert_kind_fits(type_: Type, number: Any) -> None:
    """As `assert_type_fits`; what is computed may be a Python number for a 0-d array or reverse."""
    if isinstance(type_, ArrayType) and isinstance(number, (bool, int, float, complex)):
        assert type_.shape in ((), None)
        return
    if isinstance(type_, ScalarType) and isinstance(number, (int, type_.python_type)):
        return
    assert_type_fits(type_, number)


def _of_type(number: Any, type_: Type) -> Any:
    if isinstance(type_, ScalarType):
        return type_.python_type(number)
    return np.asarray(number, type_.dtype)[()]


def _value_of(row: Row, k: int) -> Any:
    with _quiet():
        return _several(row.like(*_plain(row.arguments), **_plain(row.parameters)))[k]


def _replace(template: Any, change: Callable[[Any], Any]) -> Any:
    """The arguments with `change` applied to each operand and the `fixed` ones unwrapped."""
    if isinstance(template, fixed):
        return template.value
    if isinstance(template, (list, tuple)) and not hasattr(template, "_fields"):
        return type(template)(_replace(item, change) for item in template)
    if isinstance(template, dict):
        return {key: _replace(item, change) for key, item in template.items()}
    if isinstance(template, (np.ndarray, np.generic, float, complex)):
        return change(template)
    return template


def _plain(template: Any) -> Any:
    return _replace(template, lambda item: item)


def primal_graph(row: Row) -> tuple[Graph, list[Any]]:
    """The graph of the call alone, with sizes known, and its inputs."""
    trace = _Trace(row, "sizes known")
    return trace.graph(trace.primal()), trace.inputs
