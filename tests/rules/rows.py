"""One row per function and set of arguments: what every derivative rule is checked against.

    ROWS = [row(np.tanh, normal(3)), row(np.sum, normal(3, 2), axis=0, keepdims=True)]

    @pytest.mark.parametrize("row", ROWS, ids=str)
    def test_rules_agree_with_numpy_and_with_differences(row):
        check(row)

Among the arguments, arrays, floats and complex numbers (also inside lists and tuples) are operands
of the graph; ints, strings and whatever is wrapped in `fixed` are passed as they are written.  A
row is checked with sizes known, symbolic, unknown, and with ranks unknown: result types and values
against NumPy's own; vjp against jvp by inner products; both against central differences.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from srcgrad.rules.broadcasting import sum_to
from srcgrad.rules.registry import Primitive, bind, find_primitive, primitive_named
from srcgrad.rules.symbols import Symbol, apply, as_argument, as_value, call
from srcgrad.transforms.derivatives import fit
from tests.interpreter import interpret

STEP = 1e-3
TOLERANCE = 1e-7
TOLERANCE_SINGLE = 2e-5


# Rows


@dataclass(frozen=True)
class Row:
    """A call.  `like` computes its value where that is not `function` itself (a name, a method)."""

    function: Callable[..., Any] | str
    arguments: tuple[Any, ...]
    parameters: dict[str, Any]
    like: Callable[..., Any]
    tolerance: float = TOLERANCE
    step: float = STEP
    differentiable: bool = True

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
    tolerance: float = TOLERANCE,
    step: float = STEP,
    differentiable: bool = True,
    **parameters: Any,
) -> Row:
    if like is None:
        like = primitive_named(function).function if isinstance(function, str) else function
    return Row(function, arguments, parameters, like, tolerance, step, differentiable)


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
    active = [k for k, value in enumerate(trace.inputs) if _is_active(value)]
    assert active, f"{row} has nothing to differentiate with respect to"
    tangents = [_random_like(value, seed=11 + k) for k, value in enumerate(trace.inputs)]
    with _quiet():
        results = _several(row.like(*_plain(row.arguments), **_plain(row.parameters)))
        cotangents = tuple(_random_like(result, seed=101 + k) for k, result in enumerate(results))
        adjoints = _run_vjp(row, knowledge, cotangents)
        y_dots = _run_jvp(row, knowledge, tangents)
        differences = _differences(row, trace.inputs, active, tangents)
    backward = sum(_inner(adjoints[k], tangents[k]) for k in active if adjoints[k] is not None)
    forward = _total(cotangents, y_dots)
    numeric = _total(cotangents, differences)
    single = any(map(_is_single, (*trace.inputs, *results)))
    tolerance = max(row.tolerance, TOLERANCE_SINGLE) if single else row.tolerance
    scale = 1.0 + max(abs(numeric), max(_inner(abs(np.asarray(c)), 1.0) for c in cotangents))
    assert abs(backward - numeric) <= tolerance * scale, ("vjp", backward, "differences", numeric)
    assert abs(forward - backward) <= 1e-2 * tolerance * scale + (single * tolerance * scale), (
        "jvp",
        forward,
        "vjp",
        backward,
    )


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
) -> list[Any]:
    """Fourth-order central differences along the tangents, in double precision."""
    wide = [_widen(value) if k in active else value for k, value in enumerate(inputs)]
    positions = {id(value): k for k, value in enumerate(inputs)}

    def along(t: float) -> tuple[Any, ...]:
        def move(k: int) -> Any:
            return wide[k] + t * _widen(tangents[k]) if k in active else wide[k]

        arguments = _replace(row.arguments, lambda item: move(positions[id(item)]))
        parameters = _replace(row.parameters, lambda item: move(positions[id(item)]))
        return _several(row.like(*arguments, **parameters))

    h = row.step
    samples = [along(t * h) for t in (1.0, -1.0, 2.0, -2.0)]
    return [
        (8.0 * (np.subtract(a, b, dtype=_wide(a))) - np.subtract(c, d, dtype=_wide(a))) / (12.0 * h)
        if _is_active(a)
        else None
        for a, b, c, d in zip(*samples, strict=True)
    ]


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


@dataclass
class _Call:
    """A traced call with what its rules receive."""

    trace: _Trace
    primitive: Primitive
    operands: list[Any]
    parameters: dict[str, Any]
    y: Any
    results: tuple[Symbol, ...]
    positions: dict[int, int] = field(default_factory=dict)

    def check_accepted(self, rule: str) -> None:
        unknown = self.primitive.rule_accepts(rule, list(self.parameters))
        if unknown:
            raise UnsupportedError(f"the {rule} rule of {self.primitive.name} knows no {unknown}")


def _traced_call(row: Row, knowledge: str) -> _Call:
    trace = _Trace(row, knowledge)
    primitive = row.primitive
    bound = bind(primitive, trace.arguments, trace.parameters)
    values = apply(trace.builder, primitive, bound.operands, bound.parameters)
    results = tuple(Symbol(trace.builder, value) for value in values)
    operands = [as_argument(trace.builder, as_value(operand)) for operand in bound.operands]
    y = results[0] if len(results) == 1 else results
    return _Call(trace, primitive, operands, dict(bound.parameters), y, results)


def _run_vjp(row: Row, knowledge: str, cotangents: tuple[Any, ...] | None) -> list[Any]:
    """The adjoint of every input, as the driver makes it of the rule's contributions."""
    traced = _traced_call(row, knowledge)
    trace, primitive = traced.trace, traced.primitive
    assert primitive.vjp is not None, f"`{primitive.name}` has no backward rule"
    traced.check_accepted("vjp")
    inputs = len(trace.inputs)
    gs = []
    for k, result in enumerate(traced.results):
        if not carries_derivative(result.type):
            gs.append(None)
            continue
        given = np.ones(np.shape(_value_of(row, k)))[()] if cotangents is None else cotangents[k]
        g = Value(result.type, f"g{k}")
        trace.inputs.append(_of_type(given, result.type))
        trace.values.append(g)
        gs.append(Symbol(trace.builder, g))
    g = gs[0] if len(gs) == 1 else tuple(gs)
    contributions = primitive.vjp(g, traced.y, *traced.operands, **traced.parameters)
    adjoints = _sum_contributions(traced, contributions)
    return _evaluate(trace, [adjoints.get(value) for value in trace.values[:inputs]])


def _sum_contributions(traced: _Call, contributions: Any) -> dict[Value, Symbol]:
    """As the driver does: broadcasting undone, kinds of numbers matched, contributions summed."""
    assert len(contributions) == len(traced.operands), "one contribution per operand"
    adjoints: dict[Value, Symbol] = {}
    for operand, contribution in zip(traced.operands, contributions):
        if contribution is None or not isinstance(operand, Symbol):
            continue
        if not carries_derivative(operand.type):
            continue
        if not isinstance(contribution, Symbol):
            contribution = call("cast", operand, dtype=operand.dtype) * 0.0 + contribution
        if traced.primitive.elementwise:
            contribution = sum_to(contribution, operand)
        contribution = Symbol(operand.builder, fit(contribution, operand))
        found = adjoints.get(operand.value)
        adjoints[operand.value] = contribution if found is None else found + contribution
    return adjoints


def _run_jvp(row: Row, knowledge: str, tangents: Sequence[Any]) -> list[Any]:
    """The tangent of every result, by the forward rule or what it is derived from."""
    traced = _traced_call(row, knowledge)
    trace = traced.trace
    dots: dict[Value, Symbol] = {}
    for value, number, tangent in list(zip(trace.values, trace.inputs, tangents)):
        if _is_active(number):
            dot = Value(value.type, f"{value.name}_dot")
            trace.values.append(dot)
            trace.inputs.append(tangent)
            dots[value] = Symbol(trace.builder, dot)
    given = [dots.get(as_value(operand)) for operand in traced.operands]
    return _evaluate(trace, _forward(traced, given))


def _forward(traced: _Call, dots: list[Symbol | None]) -> list[Any]:
    primitive = traced.primitive
    if primitive.jvp is not None:
        traced.check_accepted("jvp")
        found = primitive.jvp(*dots, traced.y, *traced.operands, **traced.parameters)
        return list(found) if isinstance(found, tuple) else [found]
    if primitive.linear:
        return [_apply_to(traced, [_dot_or_zero(d, o) for d, o in zip(dots, traced.operands)])]
    terms = []
    for k, dot in enumerate(dots):
        if dot is None:
            continue
        if primitive.bilinear:
            terms.append(_apply_to(traced, [*traced.operands[:k], dot, *traced.operands[k + 1 :]]))
        else:
            assert primitive.elementwise, f"`{primitive.name}` has no forward rule"
            rule = primitive.vjp
            assert rule is not None
            terms.append(rule(dot, traced.y, *traced.operands, **traced.parameters)[k])
    total = None
    for term in terms:
        if term is not None:
            total = term if total is None else total + term
    return [total]


def _dot_or_zero(dot: Symbol | None, operand: Any) -> Any:
    is_number = isinstance(operand, (Symbol, int, float, complex))
    return dot if dot is not None else operand * 0 if is_number else operand


def _apply_to(traced: _Call, operands: list[Any]) -> Symbol:
    (value,) = apply(traced.trace.builder, traced.primitive, operands, traced.parameters)
    return Symbol(traced.trace.builder, value)


def _evaluate(trace: _Trace, wanted: Sequence[Symbol | None]) -> list[Any]:
    """The numbers that symbols stand for; checks that each is of the type it claims."""
    present = [item for item in wanted if isinstance(item, Symbol)]
    with _quiet():
        computed = iter(interpret(trace.graph(present), trace.inputs))
    numbers = [next(computed) if isinstance(item, Symbol) else item for item in wanted]
    for item, number in zip(wanted, numbers):
        if isinstance(item, Symbol) and not isinstance(item.value, Literal):
            _assert_kind_fits(item.type, number)
    return numbers


def _assert_kind_fits(type_: Type, number: Any) -> None:
    """As `assert_type_fits`; what is computed may be a Python number for a 0-d array."""
    if isinstance(type_, ArrayType) and isinstance(number, (bool, int, float, complex)):
        assert type_.shape in ((), None)
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
