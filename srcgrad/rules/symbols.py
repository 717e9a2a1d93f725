"""Symbols: what rules compute with.  NumPy notation on a symbol appends nodes to a graph.

`g * (1 - y * y)`, `np.sum(g, axis=0)`, `x.T`, `x[1:]` on symbols work as on arrays, so that a rule
is written once, runs once at compile time, and costs nothing during the call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.errors import InternalError, MissingRuleError, UnsupportedError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    ArrayType,
    Builder,
    Hole,
    Literal,
    ScalarType,
    Type,
    Value,
    is_complex,
    literal,
    map_template,
    rank_of,
    shape_of,
)
from srcgrad.rules.registry import Primitive, bind, find_primitive, primitive_named, result_types


class Symbol:
    """A value of the graph that is being built, in NumPy notation."""

    __slots__ = ("builder", "value")
    __hash__ = object.__hash__

    def __init__(self, builder: Builder, value: Value) -> None:
        self.builder = builder
        self.value = value

    def __repr__(self) -> str:
        return f"<symbol {self.value!r}>"

    def __bool__(self) -> bool:
        raise InternalError(f"a rule asked for the truth of {self!r}, which only the call knows")

    # What is known before the call

    @property
    def type(self) -> Type:
        return self.value.type

    @property
    def ndim(self) -> int:
        rank = rank_of(self.value.type)
        if rank is None:
            raise UnsupportedError(
                f"the number of dimensions of `{self.value.name or 'a value'}` is not known here"
            )
        return rank

    @property
    def dtype(self) -> np.dtype:
        return dtype_of(self.value.type)

    @property
    def dims(self) -> tuple[Any, ...]:
        """The shape as it is known before the call."""
        self.ndim  # noqa: B018  (raises where the rank is not known)
        return shape_of(self.value.type)  # type: ignore[return-value]

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape in numbers where they are known, in symbols elsewhere."""
        return tuple(
            dim if isinstance(dim, int) else call("dim", self, axis=axis)
            for axis, dim in enumerate(self.dims)
        )

    @property
    def size(self) -> Any:
        """The number of elements: a number where it is known, else a symbol."""
        if all(isinstance(dim, int) for dim in self.dims):
            return math.prod(self.dims)
        return call("size", self)

    # NumPy notation

    @property
    def T(self) -> Symbol:
        return call(np.transpose, self)

    @property
    def real(self) -> Symbol:
        return call(np.real, self)

    def reshape(self, *shape: Any) -> Symbol:
        return call(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def sum(self, **parameters: Any) -> Symbol:
        return call(np.sum, self, **parameters)

    def __getitem__(self, index: Any) -> Symbol:
        return call("getitem", self, index=index)

    # Without it, Python would try one index after the other, without end.
    __iter__ = None

    if TYPE_CHECKING:
        # The operators are installed below, all in the same way.
        def __neg__(self) -> Symbol: ...
        def __add__(self, other: Any) -> Symbol: ...
        def __radd__(self, other: Any) -> Symbol: ...
        def __sub__(self, other: Any) -> Symbol: ...
        def __mul__(self, other: Any) -> Symbol: ...
        def __rmul__(self, other: Any) -> Symbol: ...
        def __truediv__(self, other: Any) -> Symbol: ...
        def __matmul__(self, other: Any) -> Symbol: ...

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise MissingRuleError(f"no rule for `np.{ufunc.__name__}.{method}`")
        return call(_counterpart(ufunc, args), *args, **kwargs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        return call(_counterpart(function, args), *args, **kwargs)


_on_python_numbers: dict[object, tuple[Callable[..., Any], Callable[..., Any] | None]] = {}
_python_functions: ContextVar[bool] = ContextVar("_python_functions", default=False)


def counterpart(
    function: Callable[..., Any],
    real: Callable[..., Any],
    complex: Callable[..., Any] | None = None,
) -> None:
    """Declare what stands for a NumPy function in the rules of `math` functions: `math.cos`."""
    _on_python_numbers[function] = (real, complex)


@contextmanager
def python_functions() -> Iterator[None]:
    """Inside the `with`, NumPy functions of Python numbers become those of `math` and `cmath`.

    Only rules of functions on Python numbers want that: `math` raises where NumPy gives inf or nan,
    and an adjoint must not raise where its primal did not.
    """
    token = _python_functions.set(True)
    try:
        yield
    finally:
        _python_functions.reset(token)


def runs_on_python_numbers() -> bool:
    """Is a rule of a function of `math` running?"""
    return _python_functions.get()


def _counterpart(function: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
    if function not in _on_python_numbers or not runs_on_python_numbers():
        return function
    types = [as_value(arg).type for arg in args]
    if not all(isinstance(type_, ScalarType) for type_ in types):
        return function
    real, on_complex = _on_python_numbers[function]
    return (on_complex or function) if any(map(is_complex, types)) else real


def _install_operators() -> None:
    binary = {
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "truediv": np.true_divide,
        "floordiv": np.floor_divide,
        "mod": np.remainder,
        "pow": np.power,
        "matmul": np.matmul,
        "lt": np.less,
        "le": np.less_equal,
        "gt": np.greater,
        "ge": np.greater_equal,
        "eq": np.equal,
        "ne": np.not_equal,
        "and": np.bitwise_and,
        "or": np.bitwise_or,
        "xor": np.bitwise_xor,
    }
    for name, function in binary.items():

        def forward(self: Symbol, other: Any, function: Any = function) -> Any:
            return call(function, self, other)

        def reflected(self: Symbol, other: Any, function: Any = function) -> Any:
            return call(function, other, self)

        setattr(Symbol, f"__{name}__", forward)
        if name not in ("lt", "le", "gt", "ge", "eq", "ne"):
            setattr(Symbol, f"__r{name}__", reflected)
    unary = {"neg": np.negative, "abs": np.absolute, "invert": np.invert, "pos": np.positive}
    for name, function in unary.items():

        def apply_unary(self: Symbol, function: Any = function) -> Any:
            return call(function, self)

        setattr(Symbol, f"__{name}__", apply_unary)


_install_operators()


def dtype_of(type_: Type) -> np.dtype:
    """The dtype that NumPy gives a value of this type when it makes an array of it."""
    if isinstance(type_, ArrayType):
        return type_.dtype
    if isinstance(type_, ScalarType):
        return np.dtype(type_.python_type)
    raise UnsupportedError(f"a value of type {type_} has no dtype")


def call(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Call a primitive, given as a function or by its name, on symbols and plain values."""
    from_name = isinstance(function, str)
    primitive = primitive_named(function) if from_name else find_primitive(function)
    if primitive is None:
        name = getattr(function, "__name__", str(function))
        raise MissingRuleError(f"no rule for `{name}`")
    bound = bind(primitive, args, kwargs)
    builder = _builder_of(bound.operands, bound.parameters)
    if builder is None:
        return primitive.function(*args, **kwargs)
    values = apply(builder, primitive, bound.operands, bound.parameters)
    wrapped = tuple(Symbol(builder, value) for value in values)
    return wrapped[0] if len(wrapped) == 1 else wrapped


def _builder_of(operands: list[object], parameters: dict[str, object]) -> Builder | None:
    found: list[Builder] = []

    def look(item: object) -> object:
        if isinstance(item, Symbol):
            found.append(item.builder)
        return item

    map_template([operands, parameters], look)
    return found[0] if found else None


def apply(
    builder: Builder,
    primitive: Primitive,
    operands: Sequence[object],
    parameters: dict[str, object],
    names: Sequence[str | None] = (),
) -> tuple[Value, ...]:
    """Append the node of a call and return its results.

    Operands are symbols or plain values (which become literals); symbols inside parameters become
    further operands, with a hole in their place.
    """
    values = [as_value(operand) for operand in operands]

    def make_hole(item: object) -> object:
        if not isinstance(item, Symbol):
            return item
        values.append(item.value)
        return Hole(len(values) - 1)

    template = {key: map_template(item, make_hole) for key, item in parameters.items()}
    inferred = infer(builder, primitive, values, template)
    if primitive.effect:
        template["effect"] = True
    return builder.append(primitive.name, values, inferred, template, names=names)


_NUMERIC_KINDS = "biufc"


def infer(
    builder: Builder, primitive: Primitive, values: Sequence[Value], template: dict[str, object]
) -> tuple[Type, ...]:
    """The types of the results, by the primitive's shape rule."""
    assert primitive.shape is not None

    def see(item: object) -> object:
        return operand_type(values[item.operand]) if isinstance(item, Hole) else item

    regular = len(values) - _count_holes(template)
    seen = {
        key: map_template(item, see)
        for key, item in template.items()
        if key not in EFFECT_PARAMETERS
    }
    types = [operand_type(value) for value in values[:regular]]
    inferred = result_types(primitive.shape(builder.assumptions, *types, **seen))  # type: ignore
    for type_ in inferred:
        if isinstance(type_, ArrayType) and type_.dtype.kind not in _NUMERIC_KINDS:
            raise UnsupportedError(
                f"an array of dtype {type_.dtype} cannot be differentiated",
                remedy="Use an array of real or complex numbers.",
            )
    return inferred


def operand_type(value: Value) -> object:
    """What a shape rule sees of an operand: its type; None where the argument was not given.

    The type of an integer that is known now says which one it is.
    """
    if not isinstance(value, Literal):
        return value.type
    if type(value.value) is int:
        return ScalarType(int, value.value)
    return None if value.value is None else value.type


def _count_holes(template: dict[str, object]) -> int:
    count = 0

    def see(item: object) -> object:
        nonlocal count
        count += isinstance(item, Hole)
        return item

    map_template(template, see)
    return count


def as_value(operand: object) -> Value:
    if isinstance(operand, Symbol):
        return operand.value
    if isinstance(operand, Value):
        return operand
    if isinstance(operand, np.generic):
        return literal(operand.item())
    return literal(operand)


def as_argument(builder: Builder, value: Value) -> object:
    """What a rule receives for an operand: a symbol, or the plain number of a literal."""
    return value.value if isinstance(value, Literal) else Symbol(builder, value)
