"""Fourier transforms: NumPy's manual, "Discrete Fourier transform".

All are linear.  Their matrices are symmetric, so that in the transposed convention the adjoint of
`fft` is `fft`; padding and cropping to `n` points are undone after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Dim, Type, add_dims, multiply_dims, subtract_dims
from srcgrad.rules.composites import composite
from srcgrad.rules.products import conjugate
from srcgrad.rules.registry import defjvp, defshape, defvjp, linear, named
from srcgrad.rules.shapes import array_shape, as_dim, inexact_dtype, real_dtype
from srcgrad.rules.symbols import call

# In a norm, what the transform itself is divided by, and its inverse is not.
_SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _complex_dtype(a: Type) -> np.dtype:
    return np.result_type(inexact_dtype(a), np.complex64)


def _resized(a: Type, sizes_of: Sequence[Any], axes: Sequence[int]) -> tuple[Dim, ...] | None:
    """The shape with these sizes along these axes, None standing for the size that is there."""
    shape = array_shape(a)
    if shape is None:
        return None
    dims = list(shape)
    for axis, size in zip(axes, sizes_of):
        if size is not None and size != -1:
            dims[axis] = as_dim(size)
    return tuple(dims)


def _fitted(g: Any, a: Any, axes: Sequence[int], padded: bool) -> Any:
    """The transform of a cotangent cropped or padded with zeros to the shape of `a`.

    Without `n` the shapes are the same.
    """
    if not padded:
        return g
    for axis in axes:
        axis %= a.ndim
        have, want = g.dims[axis], a.dims[axis]
        if have is not None and have == want:
            continue
        size = a.shape[axis]
        missing = call(max, size - g.shape[axis], 0)
        if not isinstance(missing, int) or missing > 0:
            widths = [(0, 0)] * a.ndim
            widths[axis] = (0, missing)
            g = call(np.pad, g, widths)
        g = g[(slice(None),) * axis + (slice(size),)]
    return g


# One axis


@defshape(np.fft.fft, np.fft.ifft, operands=("a",))
def fft_shape(
    sizes: Assumptions, a: Type, n: Any = None, axis: int = -1, norm: str | None = None
) -> Type:
    return ArrayType(_complex_dtype(a), _resized(a, (n,), (axis,)))


@defvjp(np.fft.fft)
def fft_vjp(g, y, a, n=None, axis=-1, norm=None):
    return (_fitted(call(np.fft.fft, g, axis=axis, norm=norm), a, (axis,), n is not None),)


@defvjp(np.fft.ifft)
def ifft_vjp(g, y, a, n=None, axis=-1, norm=None):
    return (_fitted(call(np.fft.ifft, g, axis=axis, norm=norm), a, (axis,), n is not None),)


@defshape(np.fft.rfft, operands=("a",))
def rfft_shape(
    sizes: Assumptions, a: Type, n: Any = None, axis: int = -1, norm: str | None = None
) -> Type:
    shape = _resized(a, (n,), (axis,))
    if shape is not None:
        shape = _with(shape, axis, _half(sizes, shape[axis]))
    return ArrayType(_complex_dtype(a), shape)


def _with(shape: tuple[Dim, ...], axis: int, dim: Dim) -> tuple[Dim, ...]:
    dims = list(shape)
    dims[axis] = dim
    return tuple(dims)


def _half(sizes: Assumptions, dim: Dim) -> Dim:
    """How many frequencies a real signal of this length has."""
    return add_dims(sizes.quotient(dim, 2), 1)


@defvjp(np.fft.rfft)
def rfft_vjp(g, y, a, n=None, axis=-1, norm=None):
    """The frequencies that `rfft` leaves out get zeros, with which `fft` pads by itself."""
    count = a.shape[axis] if n is None else n
    d_a = call(np.real, call(np.fft.fft, g, n=count, axis=axis, norm=norm))
    return (_fitted(d_a, a, (axis,), n is not None),)


@defshape(np.fft.irfft, operands=("a",))
def irfft_shape(
    sizes: Assumptions, a: Type, n: Any = None, axis: int = -1, norm: str | None = None
) -> Type:
    shape = _resized(a, (n,), (axis,))
    if n is None and shape is not None:
        shape = _with(shape, axis, subtract_dims(multiply_dims(shape[axis], 2), 2))
    return ArrayType(real_dtype(_complex_dtype(a)), shape)


@defvjp(np.fft.irfft)
def irfft_vjp(g, y, a, n=None, axis=-1, norm=None):
    transformed = conjugate(call(np.fft.rfft, g, axis=axis, norm=_SWAPPED[norm]))
    d_a = call("both_halves", transformed, n=y.shape[axis], axis=axis)
    return (_fitted(d_a, a, (axis,), n is not None),)


@lambda function: named("both_halves", function)
def both_halves(x: Any, n: int, axis: int) -> Any:
    """The frequencies of a real signal of length `n`, twice where the conjugate is one too."""
    frequencies = np.arange(x.shape[axis])
    times = np.where(2 * frequencies % n == 0, 1.0, 2.0).astype(x.real.dtype)
    return np.moveaxis(np.moveaxis(x, axis, -1) * times, -1, axis)


@defshape(both_halves, operands=("x",))
def both_halves_shape(sizes: Assumptions, x: Type, n: Any, axis: int) -> Type:
    return x


@defvjp(both_halves)
def both_halves_vjp(g, y, x, n=None, axis=-1):
    return (call("both_halves", g, n=n, axis=axis),)


@composite(np.fft.hfft)
def hfft(a, n=None, axis=-1, norm=None):
    return call(np.fft.irfft, conjugate(a), n=n, axis=axis, norm=_SWAPPED[norm])


@composite(np.fft.ihfft)
def ihfft(a, n=None, axis=-1, norm=None):
    return conjugate(call(np.fft.rfft, a, n=n, axis=axis, norm=_SWAPPED[norm]))


# Several axes


def _axes(a: Any, s: Any, axes: Any) -> tuple[int, ...]:
    if axes is not None:
        return tuple(axes)
    return tuple(range(-len(s), 0)) if s is not None else tuple(range(-a, 0))


def _rank(a: Type) -> int:
    shape = array_shape(a)
    return 0 if shape is None else len(shape)


@defshape(np.fft.fftn, np.fft.ifftn, operands=("a",))
def fftn_shape(
    sizes: Assumptions, a: Type, s: Any = None, axes: Any = None, norm: str | None = None
) -> Type:
    shape = _resized(a, s, _axes(_rank(a), s, axes)) if s is not None else array_shape(a)
    return ArrayType(_complex_dtype(a), shape)


@defvjp(np.fft.fftn)
def fftn_vjp(g, y, a, s=None, axes=None, norm=None):
    axes = None if s is None and axes is None else _axes(a.ndim, s, axes)
    return (_fitted(call(np.fft.fftn, g, axes=axes, norm=norm), a, axes or (), s is not None),)


@defvjp(np.fft.ifftn)
def ifftn_vjp(g, y, a, s=None, axes=None, norm=None):
    axes = None if s is None and axes is None else _axes(a.ndim, s, axes)
    return (_fitted(call(np.fft.ifftn, g, axes=axes, norm=norm), a, axes or (), s is not None),)


@composite(np.fft.fft2)
def fft2(a, s=None, axes=(-2, -1), norm=None):
    return call(np.fft.fftn, a, s=s, axes=axes, norm=norm)


@composite(np.fft.ifft2)
def ifft2(a, s=None, axes=(-2, -1), norm=None):
    return call(np.fft.ifftn, a, s=s, axes=axes, norm=norm)


@composite(np.fft.rfftn)
def rfftn(a, s=None, axes=None, norm=None):
    axes = _axes(a.ndim, s, axes)
    sizes = (None,) * len(axes) if s is None else tuple(s)
    y = call(np.fft.rfft, a, n=sizes[-1], axis=axes[-1], norm=norm)
    return _several(np.fft.fftn, y, sizes[:-1], axes[:-1], norm)


@composite(np.fft.irfftn)
def irfftn(a, s=None, axes=None, norm=None):
    axes = _axes(a.ndim, s, axes)
    sizes = (None,) * len(axes) if s is None else tuple(s)
    y = _several(np.fft.ifftn, a, sizes[:-1], axes[:-1], norm)
    return call(np.fft.irfft, y, n=sizes[-1], axis=axes[-1], norm=norm)


def _several(transform: Any, a: Any, sizes: Any, axes: Any, norm: Any) -> Any:
    if not axes:
        return a
    given = None if all(size is None for size in sizes) else sizes
    return call(transform, a, s=given, axes=axes, norm=norm)


@composite(np.fft.rfft2)
def rfft2(a, s=None, axes=(-2, -1), norm=None):
    return call(np.fft.rfftn, a, s=s, axes=axes, norm=norm)


@composite(np.fft.irfft2)
def irfft2(a, s=None, axes=(-2, -1), norm=None):
    return call(np.fft.irfftn, a, s=s, axes=axes, norm=norm)


# Frequencies and their order


@defshape(np.fft.fftshift, np.fft.ifftshift, operands=("x",))
def fftshift_shape(sizes: Assumptions, x: Type, axes: Any = None) -> Type:
    return x


@defvjp(np.fft.fftshift)
def fftshift_vjp(g, y, x, axes=None):
    return (call(np.fft.ifftshift, g, axes=axes),)


@defvjp(np.fft.ifftshift)
def ifftshift_vjp(g, y, x, axes=None):
    return (call(np.fft.fftshift, g, axes=axes),)


def _frequencies_like(n: Any, d: Any = 1.0) -> None:
    """The signature of `np.fft.fftfreq`."""


@defshape(np.fft.fftfreq, operands=("d",), like=_frequencies_like)
def fftfreq_shape(sizes: Assumptions, d: Type, n: Any) -> Type:
    return ArrayType(np.dtype(float), (as_dim(n),))


@defshape(np.fft.rfftfreq, operands=("d",), like=_frequencies_like)
def rfftfreq_shape(sizes: Assumptions, d: Type, n: Any) -> Type:
    return ArrayType(np.dtype(float), (_half(sizes, as_dim(n)),))


@defvjp(np.fft.fftfreq, np.fft.rfftfreq)
def fftfreq_vjp(g, y, d, n=None):
    return (-call(np.sum, g * y) / d,)


@defjvp(np.fft.fftfreq, np.fft.rfftfreq)
def fftfreq_jvp(d_dot, y, d, n=None):
    return -y * (d_dot / d)


linear(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.fftn, np.fft.ifftn)
linear(np.fft.fftshift, np.fft.ifftshift, both_halves)
