"""What there is: the full names of all public callables that the ledger speaks of.

NumPy's `ma`, `char`, `strings`, `rec`, `testing`, `typing`, `ctypeslib`, `exceptions` and
`dtypes` are left out as wholes: they hold masked, text and record arrays, and what serves tests.
"""

from __future__ import annotations

import builtins
import cmath
import inspect
import math
import operator
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import numpy.polynomial as polynomial

MODULES: dict[str, ModuleType] = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.fft": np.fft,
    "numpy.random": np.random,
    "numpy.lib.stride_tricks": np.lib.stride_tricks,
    "numpy.emath": np.emath,
    "numpy.polynomial": polynomial,
    "numpy.polynomial.polynomial": polynomial.polynomial,
    "numpy.polynomial.chebyshev": polynomial.chebyshev,
    "numpy.polynomial.hermite": polynomial.hermite,
    "numpy.polynomial.hermite_e": polynomial.hermite_e,
    "numpy.polynomial.laguerre": polynomial.laguerre,
    "numpy.polynomial.legendre": polynomial.legendre,
    "math": math,
    "cmath": cmath,
    "operator": operator,
    "builtins": builtins,
}
UFUNC_METHODS = ("reduce", "accumulate", "outer", "at", "reduceat")


def chapters() -> dict[str, list[str]]:
    """The full names, in alphabetical order, by chapter."""
    found = {name: list(_functions_of(name, module)) for name, module in MODULES.items()}
    found["numpy.random.Generator"] = list(
        _members_of("numpy.random.Generator", np.random.Generator)
    )
    found["numpy.ndarray"] = list(_members_of("numpy.ndarray", np.ndarray))
    found["numpy.generic"] = list(_members_of("numpy.generic", np.float64, np.int64, np.complex128))
    found["numpy.ufunc"] = list(_ufunc_methods())
    return found


def _functions_of(prefix: str, module: ModuleType) -> Iterator[str]:
    listed = getattr(module, "__all__", None) if prefix.count(".") > 1 else None
    for name in sorted(listed or dir(module)):
        item = getattr(module, name, None)
        if name.startswith("_") or not callable(item) or _is_exception(item):
            continue
        if prefix.startswith("numpy.polynomial.") and inspect.isclass(item):
            continue  # stands in `numpy.polynomial`
        yield f"{prefix}.{name}"


def _is_exception(item: Any) -> bool:
    return inspect.isclass(item) and issubclass(item, BaseException)


def _members_of(prefix: str, *kinds: type) -> Iterator[str]:
    names = {name for kind in kinds for name in dir(kind) if not name.startswith("_")}
    yield from (f"{prefix}.{name}" for name in sorted(names))


def _ufunc_methods() -> Iterator[str]:
    """Those of the ufuncs of two arguments and one result, which are the ones that have them."""
    for name, item in sorted(vars(np).items()):
        if isinstance(item, np.ufunc) and item.__name__ == name and _has_methods(item):
            yield from (f"numpy.{name}.{method}" for method in UFUNC_METHODS)


def _has_methods(ufunc: np.ufunc) -> bool:
    return (ufunc.nin, ufunc.nout, ufunc.signature) == (2, 1, None)
