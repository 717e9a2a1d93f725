"""Random draws: NumPy's manual, "Random sampling".

A draw is a call that is made once, in order, so that the stream of numbers is the plain program's.
What is drawn counts as given; a parameter by which a draw is only moved, stretched or otherwise
transformed has the derivative of that transformation.  `y` is the draw and `g` its cotangent.

The rules are plain Python and read by the frontend like rules of the user's own.  Where a draw has
no such form in a parameter, they say `NotImplemented`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

INT64 = np.dtype(np.int64)
FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is drawn: the parameters, those that a draw has one number for each of, the dtype.

    `event` is 1 where a draw is a vector as long as its first parameter.
    """

    signature: inspect.Signature
    parameters: tuple[str, ...]
    dtype: np.dtype = FLOAT64
    vjp: Callable[..., Any] | None = None
    event: int = 0


def location_scale_vjp(g, y, loc=0.0, scale=1.0):
    """y = loc + scale z; where the scale is 0, nobody knows z, and the derivative is nan."""
    return g, g * ((y - loc) / scale)


def uniform_vjp(g, y, low=0.0, high=1.0):
    """y = low + (high - low) u."""
    share = (y - low) / (high - low)
    return g * (1.0 - share), g * share


def scale_vjp(g, y, scale=1.0):
    """y = scale z."""
    return g * y / scale


def gamma_vjp(g, y, shape, scale=1.0):
    return NotImplemented, g * y / scale


def lognormal_vjp(g, y, mean=0.0, sigma=1.0):
    """y = exp(mean + sigma z)."""
    return g * y, g * y * (np.log(y) - mean) / sigma


def power_of_uniform_vjp(g, y, a):
    """y = u ** (1 / a) for `power`, e ** (1 / a) with an exponential e for `weibull`."""
    return -g * y * np.log(y) / a


def pareto_vjp(g, y, a):
    """y = exp(e / a) - 1."""
    return -g * (1.0 + y) * np.log1p(y) / a


def triangular_vjp(g, y, left, mode, right):
    """Below the mode y = left + sqrt(u (mode - left) (right - left)), and above it alike."""
    width = right - left
    rise, fall = (y - left) / 2.0, (right - y) / 2.0
    below = y <= mode
    d_left = np.where(below, 1.0 - rise / (mode - left) - rise / width, fall / width)
    d_mode = np.where(below, rise / (mode - left), fall / (right - mode))
    d_right = np.where(below, rise / width, 1.0 - fall / (right - mode) - fall / width)
    return g * d_left, g * d_mode, g * d_right


def multivariate_normal_vjp(g, y, mean, cov):
    return g.reshape(-1, mean.shape[0]).sum(axis=0), NotImplemented


def vonmises_vjp(g, y, mu, kappa):
    """y = mu + z, modulo a turn."""
    return g, NotImplemented


def _signature(like: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(like)


_NO_PARAMETERS = _signature(lambda size=None, dtype=None, out=None, method=None: None)
_ONE = _signature(lambda a, size=None: None)
_LOCATION = _signature(lambda loc=0.0, scale=1.0, size=None: None)
_LOCATION_SCALE = Distribution(_LOCATION, ("loc", "scale"), vjp=location_scale_vjp)
_SCALE = Distribution(_signature(lambda scale=1.0, size=None: None), ("scale",), vjp=scale_vjp)
_STANDARD = Distribution(_NO_PARAMETERS, ())
_DIMS = Distribution(_signature(lambda *dims: None), ())
_COUNT = Distribution(_signature(lambda low, high=None, size=None, dtype=None: None), (), INT64)

DISTRIBUTIONS: dict[str, Distribution] = {
    "normal": _LOCATION_SCALE,
    "laplace": _LOCATION_SCALE,
    "logistic": _LOCATION_SCALE,
    "gumbel": _LOCATION_SCALE,
    "uniform": Distribution(
        _signature(lambda low=0.0, high=1.0, size=None: None), ("low", "high"), vjp=uniform_vjp
    ),
    "exponential": _SCALE,
    "rayleigh": _SCALE,
    "gamma": Distribution(
        _signature(lambda shape, scale=1.0, size=None: None), ("shape", "scale"), vjp=gamma_vjp
    ),
    "lognormal": Distribution(
        _signature(lambda mean=0.0, sigma=1.0, size=None: None),
        ("mean", "sigma"),
        vjp=lognormal_vjp,
    ),
    "weibull": Distribution(_ONE, ("a",), vjp=power_of_uniform_vjp),
    "power": Distribution(_ONE, ("a",), vjp=power_of_uniform_vjp),
    "pareto": Distribution(_ONE, ("a",), vjp=pareto_vjp),
    "vonmises": Distribution(
        _signature(lambda mu, kappa, size=None: None), ("mu", "kappa"), vjp=vonmises_vjp
    ),
    "multivariate_normal": Distribution(
        _signature(lambda mean, cov, size=None, check_valid="warn", tol=1e-8: None),
        ("mean", "cov"),
        vjp=multivariate_normal_vjp,
        event=1,
    ),
    "standard_normal": _STANDARD,
    "standard_exponential": _STANDARD,
    "standard_cauchy": _STANDARD,
    "random": _STANDARD,
    "random_sample": _STANDARD,
    "ranf": _STANDARD,
    "sample": _STANDARD,
    "rand": _DIMS,
    "randn": _DIMS,
    "integers": Distribution(
        _signature(lambda low, high=None, size=None, dtype=None, endpoint=False: None), (), INT64
    ),
    "randint": _COUNT,
    "beta": Distribution(_signature(lambda a, b, size=None: None), ("a", "b")),
    "chisquare": Distribution(_signature(lambda df, size=None: None), ("df",)),
    "standard_t": Distribution(_signature(lambda df, size=None: None), ("df",)),
    "standard_gamma": Distribution(_signature(lambda shape, size=None: None), ("shape",)),
    "triangular": Distribution(
        _signature(lambda left, mode, right, size=None: None),
        ("left", "mode", "right"),
        vjp=triangular_vjp,
    ),
    "wald": Distribution(_signature(lambda mean, scale, size=None: None), ("mean", "scale")),
    "f": Distribution(_signature(lambda dfnum, dfden, size=None: None), ("dfnum", "dfden")),
    "dirichlet": Distribution(_signature(lambda alpha, size=None: None), ("alpha",), event=1),
    "binomial": Distribution(_signature(lambda n, p, size=None: None), ("n", "p"), INT64),
    "poisson": Distribution(_signature(lambda lam=1.0, size=None: None), ("lam",), INT64),
    "negative_binomial": Distribution(_signature(lambda n, p, size=None: None), ("n", "p"), INT64),
    "hypergeometric": Distribution(
        _signature(lambda ngood, nbad, nsample, size=None: None),
        ("ngood", "nbad", "nsample"),
        INT64,
    ),
    "logseries": Distribution(_signature(lambda p, size=None: None), ("p",), INT64),
    "zipf": Distribution(_signature(lambda a, size=None: None), ("a",), INT64),
    "multinomial": Distribution(
        _signature(lambda n, pvals, size=None: None), ("pvals",), INT64, event=1
    ),
    "multivariate_hypergeometric": Distribution(
        _signature(lambda colors, nsample, size=None, method="marginals": None),
        ("colors",),
        INT64,
        event=1,
    ),
    "noncentral_chisquare": Distribution(
        _signature(lambda df, nonc, size=None: None), ("df", "nonc")
    ),
    "noncentral_f": Distribution(
        _signature(lambda dfnum, dfden, nonc, size=None: None), ("dfnum", "dfden", "nonc")
    ),
    "geometric": Distribution(_signature(lambda p, size=None: None), ("p",), INT64),
}

INDICES: dict[str, Distribution] = {
    "permutation": Distribution(_signature(lambda x, axis=0: None), (), INT64),
    "choice": Distribution(
        _signature(lambda a, size=None, replace=True, p=None, axis=0, shuffle=True: None),
        (),
        INT64,
    ),
}
