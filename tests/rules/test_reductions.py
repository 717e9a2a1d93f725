"""Reductions: rules against NumPy's results and differences; ties, zeros and constants exactly."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import ShapeError, UnsupportedError
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row, uniform

X = normal(3, 4)
CUBE = normal(2, 3, 4)
Z = normal(3, 4, dtype=complex)
HOLED = np.where(uniform(0, 1, 3, 4) > 0.3, X, np.nan)
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}, {"axis": (0, 2)}]
AXES += [{"axis": (-1, 1), "keepdims": True}, {"keepdims": True}, {"axis": (2, 0, 1)}]
ONE_AXIS = [axes for axes in AXES if not isinstance(axes.get("axis"), tuple)]

PLAIN = [np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std, np.ptp]
IGNORING_NAN = [np.nansum, np.nanmean, np.nanmax, np.nanmin, np.nanprod, np.nanvar, np.nanstd]
CUMULATIVE = [np.cumsum, np.cumprod, np.nancumsum, np.nancumprod]
COMPLEX = [np.sum, np.mean, np.prod, np.var, np.std, np.nansum, np.nanmean, np.nanvar, np.nanstd]

ROWS = [
    *(row(f, CUBE, **axes) for f in PLAIN + IGNORING_NAN for axes in AXES),
    *(row(np.median, CUBE, **axes) for axes in AXES),
    *(
        row(f, X, where=X > -0.5, axis=axis)
        for f in (
            np.mean,
            np.prod,
            np.var,
            np.std,
            np.nansum,
            np.nanmean,
            np.nanprod,
            np.nanvar,
            np.nanstd,
        )
        for axis in (None, 0, 1)
    ),
    *(row(f, X, where=X > -0.5, axis=1, keepdims=True) for f in (np.mean, np.var, np.nanvar)),
    *(row(f, HOLED, where=X > -0.5) for f in (np.nansum, np.nanmean, np.nanvar)),
    *(row(f, X, correction=1, axis=1) for f in (np.var, np.std, np.nanvar, np.nanstd)),
    row(np.nanprod, HOLED, initial=fixed(2.0)),
    row(np.nanmax, X, initial=fixed(-9.0), axis=1),
    row(np.var, Z, where=X > -0.5, axis=1),
    *(row(f, normal(5, dtype="f4")) for f in [*PLAIN, *IGNORING_NAN, *CUMULATIVE, np.median]),
    *(row(f, 2.0) for f in [np.sum, np.mean, np.max, np.min, np.prod, np.nansum, np.nanmean]),
    *(row(f, np.array(2.0)) for f in [np.sum, np.mean, np.max, np.min, np.prod]),
    *(row(f, HOLED, axis=axis) for f in IGNORING_NAN for axis in (None, 0, 1)),
    *(row(f, HOLED, axis=axis) for f in (np.nancumsum, np.nancumprod) for axis in (None, 0)),
    *(row(f, Z, axis=axis) for f in COMPLEX for axis in (None, 1)),
    *(row(f, CUBE, axis=axis) for f in CUMULATIVE for axis in (None, 0, -1)),
    *(row(f, normal(4)) for f in CUMULATIVE),
    *(row(f, X, ddof=1, axis=axis) for f in (np.var, np.std) for axis in (None, 0)),
    *(row(f, HOLED, ddof=1) for f in (np.nanvar, np.nanstd)),
    *(row(f, normal(n)) for f in (np.median,) for n in (5, 6)),
    *(
        row(f, CUBE, axis=fixed(()), keepdims=k)
        for f in (np.median, np.nanmedian)
        for k in (False, True)
    ),
    *(row(f, normal(), keepdims=True) for f in (np.median, np.nanmedian)),
    *(row(np.average, X, axis=axis) for axis in (None, 1)),
    *(row(np.average, X, weights=uniform(1, 2, 3, 4), axis=axis) for axis in (None, 0, (0, 1))),
    row(np.average, X, weights=uniform(1, 2, 4), axis=-1, keepdims=True),
    row(np.average, X, weights=uniform(1, 2, 3), axis=0),
    row(np.average, X.astype("f4"), weights=uniform(1, 2, 3), axis=0),
    row(np.amax, X, axis=1),
    row(np.amin, X),
    row(np.sum, X, dtype=np.float32, axis=1, step=1.0),
    row(np.mean, X, dtype=np.float32, step=1.0),
    row(np.sum, normal(3, dtype="f4"), dtype=np.float64),
    row(np.sum, X, initial=fixed(2.0)),
    row(np.prod, X, initial=fixed(2.0), axis=1),
    row(np.nansum, HOLED, initial=fixed(2.0)),
    row(np.sum, X, where=X > 0, axis=1),
    row(np.max, X, where=X < 1, initial=fixed(-9.0), axis=1),
    row(np.max, X, initial=fixed(0.5), axis=1),
    row(np.min, X, initial=fixed(-9.0), axis=1),
    *(row(np.cumprod, np.array(x)) for x in ([2.0, 0.0, 3.0, 4.0], [0.0, 0.0, 3.0, 1.0])),
    *(
        row("linear_recurrence", X, normal(3, 4, seed=1), axis=k, back=b)
        for k in (0, -1)
        for b in (0, 1)
    ),
    row("linear_recurrence", normal(0), normal(0, seed=1)),
    row("product_of_others", normal(4)),
    row("product_of_others", CUBE, axis=(0, 2)),
    row("product_of_others", CUBE, axis=1),
    row("product_of_others", X),
    row("product_of_others", np.array([0.0, 2.0, 3.0])),
]

CONSTANT = [np.all, np.any, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.count_nonzero]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("axes", [{}, {"axis": 1}, {"axis": -1, "keepdims": True}], ids=str)
@pytest.mark.parametrize("function", CONSTANT)
def test_functions_without_derivative_say_so(function, axes) -> None:
    check_constant(row(function, CUBE, **axes))


KINKS = [
    (np.max, [1.0, 3.0, 3.0], {}, [0.0, 0.5, 0.5]),
    (np.min, [1.0, 1.0, 3.0, 1.0], {}, [1 / 3, 1 / 3, 0.0, 1 / 3]),
    (np.max, [[1.0, 1.0], [0.0, 2.0]], {"axis": 1}, [[0.5, 0.5], [0.0, 1.0]]),
    (np.nanmax, [1.0, np.nan, 1.0], {}, [0.5, 0.0, 0.5]),
    (np.ptp, [1.0, 3.0, 3.0], {}, [-1.0, 0.5, 0.5]),
    (np.ptp, [2.0, 2.0], {}, [0.0, 0.0]),
    (np.std, [2.0, 2.0, 2.0], {}, [0.0, 0.0, 0.0]),
    (np.std, [0.1, 0.1, 0.1], {}, [0.0, 0.0, 0.0]),
    (np.nanstd, [2.0, np.nan, 2.0], {}, [0.0, 0.0, 0.0]),
    (np.nanstd, [0.1, 0.1, np.nan, 0.1], {}, [0.0, 0.0, 0.0, 0.0]),
    (np.var, [2.0, 2.0, 2.0], {}, [0.0, 0.0, 0.0]),
    (np.prod, [2.0, 0.0, 3.0], {}, [0.0, 6.0, 0.0]),
    (np.prod, [0.0, 0.0, 3.0], {}, [0.0, 0.0, 0.0]),
    (np.prod, [[0.0, 4.0], [2.0, 0.0]], {"axis": 0}, [[2.0, 0.0], [0.0, 4.0]]),
    (np.nanprod, [2.0, 0.0, np.nan], {}, [0.0, 2.0, 0.0]),
    (np.cumprod, [2.0, 0.0, 3.0], {}, [1.0, 8.0, 0.0]),
    (np.cumprod, [0.0, 0.0, 3.0], {}, [1.0, 0.0, 0.0]),
    (np.median, [3.0, 1.0, 2.0], {}, [0.0, 0.0, 1.0]),
    (np.median, [3.0, 1.0, 2.0, 0.0], {}, [0.0, 0.5, 0.5, 0.0]),
    (np.nansum, [1.0, np.nan], {}, [1.0, 0.0]),
    (np.nanmean, [1.0, np.nan], {}, [1.0, 0.0]),
]


@pytest.mark.parametrize(("function", "x", "parameters", "expected"), KINKS)
def test_values_at_ties_zeros_and_constants(function, x, parameters, expected) -> None:
    np.testing.assert_array_equal(gradient(function, np.array(x), **parameters), expected)


def test_the_extremum_including_an_initial_value_may_belong_to_no_element() -> None:
    found = gradient(np.max, np.array([1.0, 2.0]), initial=fixed(5.0))
    np.testing.assert_array_equal(found, [0.0, 0.0])


def test_second_derivatives_of_products_are_exact_at_zeros() -> None:
    """The Hessian of x0 x1 x2 at (0, 2, 3) has x2 = 3, x1 = 2 and x0 = 0 off its diagonal."""
    x = np.array([0.0, 2.0, 3.0])
    hessian = [gradient("product_of_others", x, g=unit) for unit in np.eye(3)]
    np.testing.assert_array_equal(hessian, [[0, 3, 2], [3, 0, 0], [2, 0, 0]])


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (np.sum, {"out": np.empty(3)}),
        (np.var, {"mean": normal(1, 4)}),
        (np.sum, {"initial": 1.5}),
        (np.cumsum, {"out": np.empty(3)}),
    ],
)
def test_unsupported_options_are_refused_with_a_remedy(function, options) -> None:
    (name,) = options
    with pytest.raises(UnsupportedError, match=f"`{name}=` of `np.{function.__name__}`") as caught:
        gradient(function, X, axis=0, **options)
    assert caught.value.remedy


def test_an_axis_out_of_bounds_is_refused() -> None:
    with pytest.raises(ShapeError, match="axis 2 is out of bounds for 2 dimensions"):
        gradient(np.sum, X, axis=2)
