"""Where there is no second derivative, it is not finite; elsewhere kinks do no harm."""

import numpy as np
import pytest

from srcgrad import grad, hessian, hvp

ONES, ORIGIN = np.ones(3), np.zeros(2)
KINKS = [
    (np.std, ONES),
    (lambda x: np.std(x) * np.sum(x), ONES),
    (lambda x: np.std(x) ** 2, ONES),
    (lambda x: np.sum(np.std(np.stack([x, 2.0 * x]), axis=1)), ONES),
    (np.nanstd, np.array([1.0, np.nan, 1.0])),
    (lambda x: np.arctan2(x[0], x[1]), ORIGIN),
    (lambda x: np.angle(x[0] + 1j * x[1]), ORIGIN),
    (lambda x: np.abs(x[0] + 1j * x[1]), ORIGIN),
    (lambda x: np.hypot(x[0], x[1]), ORIGIN),
    (np.linalg.norm, ORIGIN),
    (lambda x: np.sqrt(np.sum(x * x)), ORIGIN),
    (lambda x: np.sqrt(x[0] ** 2 + x[1] ** 2), ORIGIN),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("function", "point"), KINKS)
def test_a_second_derivative_that_does_not_exist_is_not_finite(function, point, mode):
    with np.errstate(all="ignore"):
        assert np.all(np.nan_to_num(grad(function)(point)) == 0.0)
        assert not np.all(np.isfinite(hessian(function, mode=mode)(point)))
        assert not np.all(np.isfinite(hvp(function)(point, np.ones_like(point))))


SMOOTH = [
    (np.std, np.array([1.0, 2.0, 4.0])),
    (lambda x: np.sum(np.std(x.reshape(3, 1), axis=1) * x), ONES),
    (lambda x: np.var(x), ONES),
    (lambda x: np.arctan2(x[0], x[1]), np.array([0.3, -0.4])),
    (lambda x: np.angle(x[0] + 1j * x[1]), np.array([0.3, -0.4])),
    (lambda x: np.abs(x[0] + 1j * x[1]), np.array([0.3, -0.4])),
    (lambda x: np.sqrt(np.sum(x * x)), np.array([0.3, -0.4])),
    # In an arm that is not taken.
    (lambda x: np.where(x[0] > 1.0, np.sqrt(np.sum(x * x)), x[1] ** 2), ORIGIN),
    (lambda x: np.sum(np.where(x > 1.0, np.arctan2(x - x, x - x), x * x)), ORIGIN),
    (lambda x: np.std(x) if x[0] > 2.0 else x[0] * x[1], ONES),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("function", "point"), SMOOTH)
def test_elsewhere_second_derivatives_are_right(function, point, mode):
    step = 1e-5
    numeric = [
        (grad(function)(point + step * e) - grad(function)(point - step * e)) / (2 * step)
        for e in np.eye(len(point))
    ]
    assert np.allclose(hessian(function, mode=mode)(point), numeric, atol=1e-7)


def test_the_first_derivative_is_written_as_before():
    assert "nan" not in grad(np.std).lower(ONES).source
    assert "nan" not in grad(lambda x: np.sum(np.arctan2(x, 2.0))).lower(ONES).source
