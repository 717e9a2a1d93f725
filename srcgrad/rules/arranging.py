"""Arrays made of the elements of others, by bodies: what takes more than moving an axis.

NumPy's manual, "Array manipulation routines" and "Building matrices".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, is_complex
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.indexing import at_axis
from srcgrad.rules.registry import (
    defjvp,
    defshape,
    defvjp,
    gives_tuple,
)
from srcgrad.rules.shapes import array_shape, dtype_of, normalize_axes
from srcgrad.rules.symbols import Symbol, call

# Building matrices


@composite(np.diagflat, operands=("v",))
def diagflat(v, k=0):
    return np.diag(_vector(v), k=k)


def _vector(x: Any) -> Any:
    if not isinstance(x, Symbol) or x.ndim == 0:
        return call(np.reshape, x, (1,))
    return x if x.ndim == 1 else call(np.ravel, x)


@composite(np.vander, operands=("x",))
def vander(x, N=None, increasing=False):
    """The powers 0, 1, ... of each element."""
    count = x.shape[0] if N is None else N
    exponents = make(x, np.arange, 0, count)
    powers = np.power(x[:, None], exponents if increasing else exponents[::-1])
    return powers if np.dtype(x.dtype).kind in "fc" else call("cast", powers, dtype=np.dtype(int))


# Changing the number of elements


@composite(np.resize, operands=("a",))
def resize(a, new_shape):
    """The elements in order, from the first again after the last."""
    flat = _vector(a)
    shape = new_shape if isinstance(new_shape, (tuple, list)) else (new_shape,)
    total: Any = 1
    for length in shape:
        total = total * length
    places = make(flat, np.arange, 0, total) % flat.shape[0]
    return np.reshape(flat[places], tuple(shape))


@defshape(np.trim_zeros, operands=("filt",))
def trim_zeros_shape(sizes: Assumptions, filt: Type, trim: str = "fb", axis: Any = None) -> Type:
    shape = array_shape(filt)
    if shape is None or len(shape) != 1 or axis not in (None, 0, -1):
        raise UnsupportedError(
            "`np.trim_zeros` of an array that is no vector is not supported",
            remedy="Cut the array by index: `x[first:last]`.",
        )
    return ArrayType(dtype_of(filt), (None,))


@defvjp(np.trim_zeros)
def trim_zeros_vjp(g, y, filt, trim="fb", axis=None):
    first = _leading_zeros(filt) if "f" in trim.lower() else 0
    places = make(filt, np.arange, 0, g.shape[0]) + first
    return (call("index_add", call(np.zeros_like, filt), g, index=places),)


@defjvp(np.trim_zeros)
def trim_zeros_jvp(filt_dot, y, filt, trim="fb", axis=None):
    first = _leading_zeros(filt) if "f" in trim.lower() else 0
    return filt_dot[make(filt, np.arange, 0, y.shape[0]) + first]


def _leading_zeros(x: Any) -> Any:
    """How many, where there is another element at all."""
    return np.argmax(x != 0)


def _unstack_like(x: Any, /, *, axis: int = 0) -> None:
    """The signature of `np.unstack`."""


def unstack(x, axis=0):
    (place,) = normalize_axes(axis, x.ndim)
    sizes, dim = x.builder.assumptions, x.dims[place]
    count = sizes.hint(dim)
    if count is None or not sizes.assume_equal(dim, count):
        raise UnsupportedError(
            "the number of arrays that `np.unstack` gives must be known before the call",
            remedy="Index the array instead: `x[i]`.",
        )
    return tuple(x[at_axis(place, k)] for k in range(count))


# Since NumPy 2.1.
if hasattr(np, "unstack"):
    composite(np.unstack, like=_unstack_like)(unstack)
    gives_tuple(np.unstack)


@composite(np.lib.stride_tricks.sliding_window_view, operands=("x",))
def sliding_window_view(x, window_shape, axis=None, subok=False, writeable=False):
    """For each place in a window the elements at that place of all windows."""
    lengths = window_shape if isinstance(window_shape, (tuple, list)) else (window_shape,)
    axes = normalize_axes(axis, x.ndim)
    if not all(isinstance(length, int) for length in lengths):
        raise UnsupportedError(
            "`window_shape` of `sliding_window_view` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    for place, length in zip(axes, lengths, strict=True):
        count = x.shape[place] - (length - 1)
        parts = [x[at_axis(place, slice(k, count + k))] for k in range(length)]
        x = np.stack(parts, axis=-1)
    return x


# Kinds of arrays


@composite(np.sort_complex)
def sort_complex(a):
    wide = np.result_type(a.dtype, np.complex64)
    return call("cast", np.sort(a), dtype=wide)


@composite(np.asarray_chkfinite, operands=("a",))
def asarray_chkfinite(a, dtype=None, order=None):
    return call(np.asarray, a, **({} if dtype is None else {"dtype": dtype}))


@composite(np.real_if_close, operands=("a",))
def real_if_close(a, tol=100):
    if is_complex(a.type):
        raise UnsupportedError(
            "`np.real_if_close` of a complex array gives real or complex numbers, which only the "
            "call knows",
            remedy="Write `x.real` where the imaginary parts are known to vanish.",
        )
    return call(np.asarray, a)
