"""Differences, slopes and integrals of sampled functions, and values between the samples.

https://numpy.org/doc/stable/reference/routines.math.html, "Sums, products, differences", and
`np.interp`, `np.unwrap`.  Bodies do what NumPy's own do, so that types and values are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, is_complex
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.composites import composite
from srcgrad.rules.indexing import at_axis
from srcgrad.rules.masking import either
from srcgrad.rules.registry import defjvp, defshape, defvjp
from srcgrad.rules.shapes import array_shape, dtype_of, normalize_axes
from srcgrad.rules.symbols import Symbol, call

# Differences and slopes


@composite(np.ediff1d, operands=("ary", "to_end", "to_begin"))
def ediff1d(ary, to_end=None, to_begin=None):
    flat = ary if ary.ndim == 1 else call(np.ravel, ary)
    parts = [to_begin, flat[1:] - flat[:-1], to_end]
    given = [call(np.ravel, part) if isinstance(part, Symbol) else [part] for part in parts]
    kept = [item for part, item in zip(parts, given) if part is not None]
    return kept[0] if len(kept) == 1 else np.concatenate(list(map(_as_vector, kept)))


def _as_vector(part: Any) -> Any:
    return part if isinstance(part, Symbol) else np.array(part)


def _gradient_like(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> None:
    """The signature of `np.gradient`."""


@composite(np.gradient, like=_gradient_like)
def gradient(f, *varargs, axis=None, edge_order=1):
    """Central differences, one-sided at the ends; a list of them for several axes."""
    f = as_inexact(f)
    axes = normalize_axes(axis, f.ndim)
    spacings = varargs if len(varargs) == len(axes) else (varargs or (1.0,)) * len(axes)
    return tuple(_slopes(f, k, h, edge_order) for k, h in zip(axes, spacings))


def as_inexact(x: Any) -> Any:
    """As NumPy's functions of real numbers take integers: as `float64`."""
    return x if np.dtype(x.dtype).kind in "fc" else call("cast", x, dtype=np.dtype(float))


def _slopes(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    def part(start: int | None, stop: int | None) -> Any:
        return f[at_axis(axis, slice(start, stop))]

    if isinstance(spacing, Symbol) and spacing.ndim:
        steps = call(np.diff, as_inexact(spacing))
        return _slopes_of_uneven(part, steps, axis, f.ndim, edge_order)
    inner = (part(2, None) - part(None, -2)) / (2.0 * spacing)
    if edge_order == 1:
        first = (part(1, 2) - part(0, 1)) / spacing
        last = (part(-1, None) - part(-2, -1)) / spacing
    else:
        a, b, c = -1.5 / spacing, 2.0 / spacing, -0.5 / spacing
        first = a * part(0, 1) + b * part(1, 2) + c * part(2, 3)
        last = -c * part(-3, -2) - b * part(-2, -1) - a * part(-1, None)
    return np.concatenate((first, inner, last), axis=axis)


def _slopes_of_uneven(part: Any, steps: Any, axis: int, rank: int, edge_order: int) -> Any:
    after = (slice(None),) + (None,) * (rank - 1 - axis)

    def step(start: int | None, stop: int | None) -> Any:
        taken = steps[start:stop]
        return taken[after] if len(after) > 1 else taken

    h, k = step(None, -1), step(1, None)
    inner = -k / (h * (h + k)) * part(None, -2)
    inner = inner + (k - h) / (h * k) * part(1, -1) + h / (k * (h + k)) * part(2, None)
    if edge_order == 1:
        first = (part(1, 2) - part(0, 1)) / step(0, 1)
        last = (part(-1, None) - part(-2, -1)) / step(-1, None)
        return np.concatenate((first, inner, last), axis=axis)
    h, k = step(0, 1), step(1, 2)
    first = -(2.0 * h + k) / (h * (h + k)) * part(0, 1)
    first = first + (h + k) / (h * k) * part(1, 2) - h / (k * (h + k)) * part(2, 3)
    h, k = step(-2, -1), step(-1, None)
    last = k / (h * (h + k)) * part(-3, -2) - (k + h) / (h * k) * part(-2, -1)
    last = last + (2.0 * k + h) / (k * (h + k)) * part(-1, None)
    return np.concatenate((first, inner, last), axis=axis)


# Integrals


def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = y if isinstance(y, Symbol) else np.asarray(y)
    width = dx
    (axis,) = normalize_axes(axis, y.ndim)
    if x is not None and x.ndim == 1:
        width = np.diff(x)
        after = y.ndim - 1 - axis
        width = width[(slice(None),) + (None,) * after] if after else width
    elif x is not None:
        width = np.diff(x, axis=axis)
    high, low = y[at_axis(axis, slice(1, None))], y[at_axis(axis, slice(None, -1))]
    return np.sum(width * (high + low) / 2.0, axis=axis)


_TRAPEZOIDS = [getattr(np, name) for name in ("trapezoid", "trapz") if hasattr(np, name)]
composite(*_TRAPEZOIDS, operands=("y", "x", "dx"))(trapezoid)


# Values between samples


@defshape(np.interp, operands=("x", "xp", "fp", "left", "right"))
def interp_shape(
    sizes: Assumptions,
    x: Type,
    xp: Type,
    fp: Type,
    left: Type | None = None,
    right: Type | None = None,
    period: Any = None,
) -> Type:
    return ArrayType(np.dtype(complex if is_complex(fp) else float), array_shape(x))


@defvjp(np.interp)
def interp_vjp(g, y, x, xp, fp, left, right, period=None):
    """On its piece of the line y = f0 + s (x - x0), with the slope s = (f1 - f0) / (x1 - x0).

    Beyond the ends the value of the end, or `left` and `right`.  At a sample x belongs to the
    piece on its right.
    """
    piece = _piece_of_line(x, xp, fp, period)
    inside = either(piece.inside, g, 0.0)
    d_x = d_xp = d_fp = d_left = d_right = None
    if isinstance(x, Symbol):
        d_x = inside * piece.slope
    if isinstance(fp, Symbol):
        high = inside * piece.share
        low = inside - high
        if left is None:
            low = low + either(piece.below, g, 0.0)
        if right is None:
            high = high + either(piece.above, g, 0.0)
        d_fp = _added(fp, (low, piece.first), (high, piece.second))
    if isinstance(xp, Symbol):
        moved = -inside * piece.slope
        high = moved * piece.share
        d_xp = _added(xp, (moved - high, piece.first), (high, piece.second))
    if isinstance(left, Symbol):
        d_left = unbroadcast(either(piece.below, g, 0.0), left)
    if isinstance(right, Symbol):
        d_right = unbroadcast(either(piece.above, g, 0.0), right)
    return d_x, d_xp, d_fp, d_left, d_right


@defjvp(np.interp)
def interp_jvp(x_dot, xp_dot, fp_dot, left_dot, right_dot, y, x, xp, fp, left, right, period=None):
    piece = _piece_of_line(x, xp, fp, period)
    total: Any = 0.0
    if x_dot is not None:
        total = total + x_dot * piece.slope
    for dot, factor in ((fp_dot, 1.0), (xp_dot, None)):
        if dot is not None:
            low, high = dot[piece.first], dot[piece.second]
            moved = low + (high - low) * piece.share
            total = total + (moved if factor else -moved * piece.slope)
    total = either(piece.inside, total, 0.0)
    ends = ((piece.below, left, left_dot, 0), (piece.above, right, right_dot, -1))
    for beyond, given, given_dot, place in ends:
        dot = given_dot if given is not None else None if fp_dot is None else fp_dot[place]
        if dot is not None:
            total = either(beyond, dot, total)
    return total


class _Piece:
    """Where x falls among the samples: between `first` and `second`, at the `share` of the way."""

    def __init__(self, x: Any, xp: Any, fp: Any) -> None:
        count = xp.shape[0]
        place = np.searchsorted(xp, x, side="right")
        self.below, self.above = x < xp[0], x > xp[-1]
        self.inside = (x >= xp[0]) & (x <= xp[-1])
        self.second = call(np.clip, place, 1, count - 1)
        self.first = self.second - 1
        width = xp[self.second] - xp[self.first]
        self.slope = (fp[self.second] - fp[self.first]) / width
        self.share = (x - xp[self.first]) / width


def _piece_of_line(x: Any, xp: Any, fp: Any, period: Any) -> _Piece:
    if period is not None:
        raise UnsupportedError(
            "the derivative of `np.interp` with `period=` is not supported",
            remedy="Extend the samples by one period to both sides, and leave `period=` out.",
        )
    return _Piece(x, xp, fp)


def _added(like: Symbol, *terms: tuple[Any, Any]) -> Any:
    total = call(np.zeros_like, like)
    for term, places in terms:
        fits = is_complex(like.type) or not is_complex(term.type)
        total = call("index_add", total, term if fits else np.real(term), index=places)
    return total


# Phases


@defshape(np.unwrap, operands=("p",))
def unwrap_shape(
    sizes: Assumptions, p: Type, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi
) -> Type:
    dtype = np.unwrap(np.zeros(2, dtype_of(p)), period=period).dtype
    return ArrayType(dtype, array_shape(p))


@defvjp(np.unwrap)
def unwrap_vjp(g, y, p, discont=None, axis=-1, period=None):
    """What is added is a multiple of the period, and constant almost everywhere."""
    return (g,)


@defjvp(np.unwrap)
def unwrap_jvp(p_dot, y, p, discont=None, axis=-1, period=None):
    return p_dot
