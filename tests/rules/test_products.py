"""Products: rules against NumPy's results and differences, and the forms that they come out in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Builder, Value, print_nodes, symbol
from srcgrad.rules import Symbol, call, primitive_named
from tests.rules.rows import Row, check, normal, row

PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 0), (0, 3)),
    ((0, 3), (3, 2)),
    ((1, 1), (1, 1)),
]
STACKS = [
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((4, 2, 0), (0, 3)),
]


def pair(one: tuple[int, ...], other: tuple[int, ...], dtype: object = float) -> list[np.ndarray]:
    return [normal(*one, dtype=dtype), normal(*other, seed=1, dtype=dtype)]


ADJOINTS = ("left_adjoint", "right_adjoint")


def adjoint_of(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[Any, ...]:
    """A cotangent of the product of two arrays of these shapes, and the arrays."""
    a, b = pair(left, right)
    product = np.matmul(np.ones(left), np.ones(right))
    return (normal(*np.shape(product)), a, b)


ROWS = [
    *(row(np.matmul, *pair(*shapes)) for shapes in PAIRS + STACKS),
    *(row(name, *adjoint_of(*shapes)) for name in ADJOINTS for shapes in PAIRS + STACKS),
    *(row(np.matmul, *pair(*shapes, dtype=np.float32)) for shapes in PAIRS[:4]),
    *(row(np.matmul, *pair(*shapes, dtype=complex)) for shapes in PAIRS[:4]),
    row(np.matmul, normal(2, 3), normal(3, 4, dtype="f4")),
    *(row(np.dot, *pair(*shapes)) for shapes in PAIRS),
    row(np.dot, *pair((5, 2, 3), (6, 3, 4))),
    row(np.dot, *pair((5, 2, 3), (3,))),
    row(np.dot, *pair((3,), (5, 3, 2))),
    row(np.dot, *pair((), (5, 3))),
    row(np.dot, normal(3, dtype="f4"), 2.0),
    row(np.dot, 2.5, 3.5),
    row(np.outer, *pair((2,), (3,))),
    row(np.outer, *pair((2, 2), (3,))),
    row(np.outer, 2.0, normal(3)),
    row(np.inner, *pair((3,), (3,))),
    row(np.inner, *pair((2, 3), (4, 3))),
    row(np.inner, *pair((2, 3), (3,))),
    row(np.inner, *pair((2, 3), (5, 4, 3))),
    row(np.inner, 2.0, normal(3)),
    row(np.vdot, *pair((2, 3), (6,))),
    row(np.vdot, *pair((3,), (3,), dtype=complex)),
    row(np.vdot, normal(3), normal(3, dtype=complex)),
    row(np.tensordot, *pair((2, 3, 4), (3, 4, 5))),
    row(np.tensordot, *pair((2, 3), (4,)), axes=0),
    row(np.tensordot, *pair((2, 3, 4), (4, 5, 2)), axes=([0, 2], [2, 0])),
    row(np.tensordot, *pair((2, 3, 4), (4, 5, 2)), axes=([2, 0], [0, 2])),
    row(np.tensordot, *pair((2, 3, 4), (4, 2)), axes=((-1, 0), (0, 1))),
    row(np.tensordot, *pair((2, 3), (3, 2)), axes=(1, 0)),
    row(np.kron, *pair((2,), (3,))),
    row(np.kron, *pair((2, 3), (4, 1))),
    row(np.kron, *pair((3,), (2, 2))),
    row(np.kron, *pair((2, 2, 1), (3,))),
    row(np.kron, 2.0, normal(3)),
    row(np.cross, *pair((3,), (3,))),
    row(np.cross, *pair((4, 3), (3,))),
    row(np.linalg.multi_dot, [normal(2, 3), normal(3, 4)]),
    row(np.linalg.multi_dot, [normal(2, 3), normal(3, 4), normal(4, 2)]),
    row(np.linalg.multi_dot, [normal(3), normal(3, 4), normal(4, 2), normal(2)]),
    row(np.linalg.multi_dot, [normal(3), normal(3)]),
    row(np.linalg.multi_dot, [normal(3), normal(3, 4), normal(4, 5)]),
    *(row(np.linalg.matrix_power, normal(3, 3), n) for n in (1, 2, 3, 5)),
    row(np.linalg.matrix_power, normal(2, 3, 3), 3),
    *(row(np.linalg.matrix_power, normal(2, 2) + 3 * np.eye(2), n) for n in (-1, -3)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def adjoint_nodes(shape_a: tuple, shape_b: tuple) -> list[str]:
    """The nodes that the backward rule of `a @ b` makes, as text."""
    builder = Builder(Assumptions({"n": 7, "k": 5, "m": 3, "b": 4}))
    a, b = (
        Symbol(builder, Value(ArrayType(np.dtype(float), shape), name))
        for shape, name in ((shape_a, "a"), (shape_b, "b"))
    )
    y = call(np.matmul, a, b)
    g = Symbol(builder, Value(y.type, "g"))
    first = len(builder.nodes)
    rule = primitive_named("matmul").vjp
    assert rule is not None
    rule(g, y, a, b)
    lines = print_nodes(tuple(builder.nodes[first:])).splitlines()
    return [line.split(" : ")[0] for line in lines]


N, K, M, B = map(symbol, "nkmb")


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((K,), (K,)), ["t = multiply g, b", "t = multiply g, a"]),
        (((N, K), (K,)), ["t = outer g, b", "t = matmul g, a"]),
        (((K,), (K, M)), ["t = matmul b, g", "t = outer a, g"]),
        (
            ((N, K), (K, M)),
            ["t = transpose b", "t_1 = matmul g, t", "t = transpose a", "t_1 = matmul t, g"],
        ),
    ],
)
def test_the_adjoint_of_matmul_is_what_one_writes_by_hand(
    shapes: tuple, expected: list[str]
) -> None:
    found = adjoint_nodes(*shapes)
    assert [line.split(" = ")[1].split()[0] for line in found] == [
        line.split(" = ")[1].split()[0] for line in expected
    ]


def test_the_weights_of_a_batch_of_sequences_get_one_product() -> None:
    operations = [line.split(" = ")[1].split()[0] for line in adjoint_nodes((B, N, K), (K, M))]
    assert operations.count("matmul") == 2
    assert "sum" not in operations
    assert operations.count("reshape") == 2


@pytest.mark.parametrize("function", [np.matmul, np.dot])
def test_shapes_that_do_not_fit_are_refused_with_both(function: object) -> None:
    with pytest.raises(ShapeError, match=r"\(2, 3\) and \(4, 2\)"):
        check(row(function, normal(2, 3), normal(4, 2)))  # type: ignore[arg-type]


def test_symbolic_sizes_that_differ_in_the_first_call_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(7, 5\) and \(3, 2\)"):
        adjoint_nodes((N, K), (M, 2))


def test_the_product_of_symbolic_sizes_assumes_nothing() -> None:
    sizes = Assumptions({"n": 7, "k": 5})
    rule = primitive_named("matmul").shape
    assert rule is not None
    kind = np.dtype(float)
    found = rule(sizes, ArrayType(kind, (N, K)), ArrayType(kind, (K, 1)))
    assert str(found) == "f64[n, 1]"
    assert not sizes.facts


def test_a_scalar_has_no_matrix_product() -> None:
    with pytest.raises(ShapeError, match="not a number"):
        check(row(np.matmul, normal(), normal(3)))


def test_cross_products_of_plane_vectors_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="three components"):
        check(row(np.cross, normal(2), normal(3)))


def test_high_powers_of_matrices_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="power 64"):
        check(row(np.linalg.matrix_power, 0.1 * normal(2, 2), 65))
