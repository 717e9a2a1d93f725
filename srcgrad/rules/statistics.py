"""Order statistics, correlating and histograms.

https://numpy.org/doc/stable/reference/routines.statistics.html.  The cotangent of a quantile goes
to the elements that it was taken from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    Type,
    add_dims,
    is_complex,
    shape_of,
    subtract_dims,
)
from srcgrad.rules.composites import composite
from srcgrad.rules.differences import as_inexact
from srcgrad.rules.masking import either
from srcgrad.rules.registry import (
    bilinear,
    constant,
    defjvp,
    defshape,
    defvjp,
)
from srcgrad.rules.shapes import (
    array_shape,
    common_dtype,
    dtype_of,
    normalize_axes,
    product_of_dims,
)
from srcgrad.rules.symbols import Symbol, as_value, call

# Order statistics

# Where the quantile q of n elements stands among them in order, as n q + a + q (1 - a - b) - 1, for
# the continuous methods of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996).
_CONTINUOUS = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1.0 / 3.0, 1.0 / 3.0),
    "normal_unbiased": (3.0 / 8.0, 3.0 / 8.0),
}


def _define_quantile(function: Callable[..., Any], scale: float, ignores_nan: bool) -> None:
    def like(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
        interpolation: Any = None,
    ) -> None: ...

    @composite(function, operands=("a", "q", "weights"), like=like)
    def quantile(a, q, weights=None, axis=None, method="linear", keepdims=False, **options):
        refuse_options(function, options)
        places = q / scale if scale != 1.0 else q
        flat, axes = _last(as_inexact(a), axis)
        if weights is None:
            taken = _quantile(flat, places, method, ignores_nan)
        else:
            taken = _weighted_quantile(flat, places, _last(weights, None)[0], a, axis)
        if keepdims and axes:
            taken = np.expand_dims(taken, tuple(k + _rank(q) for k in axes))
        return taken


def _rank(x: Any) -> int:
    return len(shape_of(as_value(x).type) or ())


def _last(a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """The array with the axes reduced over as its last one, and which these are."""
    axes = normalize_axes(axis, a.ndim)
    if not axes and a.ndim:
        return np.expand_dims(a, -1), axes
    if axis is None or len(axes) == a.ndim:
        return (a if a.ndim == 1 else np.ravel(a)), tuple(sorted(axes))
    if len(axes) == 1:
        return (a if axes[0] == a.ndim - 1 else np.moveaxis(a, axes[0], -1)), axes
    moved = np.moveaxis(a, axes, tuple(range(-len(axes), 0)))
    return np.reshape(moved, (*moved.shape[: -len(axes)], -1)), tuple(sorted(axes))


def _quantile(flat: Any, q: Any, method: str, ignores_nan: bool) -> Any:
    """The share of the way between two neighbours in order along the last axis."""
    count = flat.shape[-1]
    if ignores_nan:
        count = np.sum(~np.isnan(flat), axis=-1, keepdims=True, dtype=np.dtype(np.intp))
    low, high, share = _neighbours(count, q, method)
    low, high = _place_among(low, count), _place_among(high, count)
    ordered = np.sort(flat)
    if ignores_nan:
        first = np.take_along_axis(ordered, low, axis=-1)
        second = np.take_along_axis(ordered, high, axis=-1)
        taken = first if _is_none(share) else first + (second - first) * share
        return np.moveaxis(taken, -1, 0) if _rank(q) else taken[..., 0]
    taken = _at(ordered, low)
    if not _is_none(share):
        taken = taken + (_at(ordered, high) - taken) * _weak(share, q)
    return np.moveaxis(taken, -1, 0) if _rank(q) and taken.ndim > 1 else taken


def _neighbours(count: Any, q: Any, method: str) -> tuple[Any, Any, Any]:
    """Which two elements in order a quantile lies between, and at which share of the way."""
    if method in ("lower", "higher", "nearest", "midpoint"):
        place = q * (count - 1)
        if method == "midpoint":
            return _rounded(np.floor, place), _rounded(np.ceil, place), 0.5
        rounding = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}[method]
        taken = _rounded(rounding, place)
        return taken, taken, 0.0
    if method == "inverted_cdf":
        taken = _rounded(np.ceil, q * count - 1.0)
        return taken, taken, 0.0
    if method == "averaged_inverted_cdf":
        place = q * count - 1.0
        return _rounded(np.ceil, place), _rounded(np.floor, place) + 1, 0.5
    if method == "closest_observation":
        taken = _rounded(np.rint, q * count) - 1
        return taken, taken, 0.0
    if method == "linear":
        place = q * (count - 1)
    elif method in _CONTINUOUS:
        alpha, beta = _CONTINUOUS[method]
        place = count * q + (alpha + q * (1.0 - alpha - beta)) - 1.0
    else:
        raise ArgumentError(f"{method!r} is not a method of `np.quantile`")
    low = _rounded(np.floor, place)
    if not isinstance(place, Symbol):
        return low, low + 1, float(min(max(place, 0.0), count - 1.0) - min(max(low, 0), count - 1))
    if method != "linear":
        place = np.minimum(call(np.maximum, place, 0.0), count - 1)
        low = _rounded(np.floor, place)
    return low, low + 1, place - low


def _at(ordered: Any, place: Any) -> Any:
    return ordered[place] if ordered.ndim == 1 else ordered[..., place]


def _is_none(share: Any) -> bool:
    return isinstance(share, float) and share == 0.0


def _rounded(rounding: Any, place: Any) -> Any:
    return rounding(place) if isinstance(place, Symbol) else int(rounding(place))


def _place_among(place: Any, count: Any) -> Any:
    """The place as an index: an integer from 0 to count - 1."""
    if not isinstance(place, Symbol) and not isinstance(count, Symbol):
        return min(max(place, 0), count - 1)
    return call("cast", call(np.clip, place, 0, count - 1), dtype=np.dtype(np.intp))


def _weak(share: Any, q: Any) -> Any:
    """The share as a Python number, which does not decide on the dtype, where `q` is one."""
    is_array = isinstance(q, Symbol) and isinstance(q.type, ArrayType)
    return share if is_array or not isinstance(share, Symbol) else call(float, share)


def _weighted_quantile(flat: Any, q: Any, weights: Any, a: Any, axis: Any) -> Any:
    """The first element in order with a share of `q` of the weights up to it."""
    if _rank(q):
        raise UnsupportedError(
            "the derivative of several weighted quantiles at once is not supported",
            remedy="Take them one at a time, and join them with `np.stack`.",
        )
    if weights.ndim != flat.ndim or flat.ndim > 1:
        raise UnsupportedError(
            "the derivative of weighted quantiles is supported of one row of numbers only",
            remedy="Take them one row at a time, and join them with `np.stack`.",
        )
    order = np.argsort(flat)
    shares = np.cumsum(weights[order]) / np.sum(weights)
    return flat[order][np.sum(shares < q)]


for _function, _scale, _ignores in (
    (np.quantile, 1.0, False),
    (np.percentile, 100.0, False),
    (np.nanquantile, 1.0, True),
    (np.nanpercentile, 100.0, True),
):
    _define_quantile(_function, _scale, _ignores)


@composite(np.median, operands=("a",))
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The mean of the two elements in the middle of the order, which may be one."""
    refuse_options(np.median, {"out": out, "overwrite_input": overwrite_input})
    flat, axes = _last(as_inexact(a), axis)
    count, ordered = flat.shape[-1], np.sort(flat)
    taken = 0.5 * (_at(ordered, (count - 1) // 2) + _at(ordered, count // 2))
    return np.expand_dims(taken, axes) if keepdims and axes else taken


@composite(np.nanmedian, operands=("a",))
def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    refuse_options(np.nanmedian, {"out": out, "overwrite_input": overwrite_input})
    flat, axes = _last(as_inexact(a), axis)
    taken = _quantile(flat, 0.5, "linear", True)
    return np.expand_dims(taken, axes) if keepdims and axes else taken


def refuse_options(function: Callable[..., Any], options: dict[str, Any]) -> None:
    """Refuse options that were given and that no rule covers."""
    for name, given in options.items():
        if given is not None and given is not False:
            raise UnsupportedError(
                f"`{name}=` of `np.{function.__name__}` is not supported",
                remedy="Leave it out, and use the result.",
            )


# Correlating


@composite(np.cov, operands=("m", "y", "fweights", "aweights"), like=np.cov)
def cov(m, y=None, fweights=None, aweights=None, rowvar=True, bias=False, ddof=None, dtype=None):
    samples = _as_rows(m, rowvar, dtype)
    if y is not None:
        samples = np.concatenate((samples, _as_rows(y, rowvar, dtype)))
    degrees = ddof if ddof is not None else 0 if bias else 1
    weights = fweights if aweights is None else aweights
    if fweights is not None and aweights is not None:
        weights = fweights * aweights
    if weights is None:
        mean = np.mean(samples, axis=1, keepdims=True)
        norm = samples.shape[1] - degrees
    else:
        total = np.sum(weights)
        mean = np.sum(samples * weights, axis=1, keepdims=True) / total
        norm = total
        if degrees and aweights is None:
            norm = total - degrees
        elif degrees:
            norm = total - degrees * np.sum(weights * aweights) / total
    centred = samples - mean
    weighted = centred if weights is None else centred * weights
    other = np.conjugate(weighted) if is_complex(weighted.type) else weighted
    return _squeezed(centred @ other.T * (1.0 / norm), y is None and m.ndim == 1)


def _as_rows(m: Any, rowvar: bool, dtype: Any) -> Any:
    m = call("cast", m, dtype=np.dtype(dtype)) if dtype is not None else _as_double(m)
    if m.ndim < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar else m.T


def _as_double(x: Any) -> Any:
    wide = np.result_type(x.dtype, np.float64)
    return x if wide == x.dtype else call("cast", x, dtype=wide)


def _squeezed(matrix: Any, is_one: bool) -> Any:
    return matrix[0, 0] if is_one else np.squeeze(matrix)


def _corrcoef_like(
    x: Any, y: Any = None, rowvar: bool = True, *, bias: Any = None, ddof: Any = None,
    dtype: Any = None,
) -> None:  # fmt: skip
    """The signature of `np.corrcoef`, whose `bias` and `ddof` have no effect any more."""


@composite(np.corrcoef, operands=("x", "y"), like=_corrcoef_like)
def corrcoef(x, y=None, rowvar=True, bias=None, ddof=None, dtype=None):
    """Rounding apart, the clipping to [-1, 1] changes nothing."""
    matrix = cov(x, y, rowvar=rowvar, dtype=dtype)
    if matrix.ndim == 0:
        return matrix / matrix
    deviation = np.sqrt(np.real(np.diagonal(matrix)))
    return matrix / deviation[:, None] / deviation


@defshape(np.convolve)
def convolve_shape(sizes: Assumptions, a: Type, v: Type, mode: str = "full") -> Type:
    _check_mode(np.convolve, mode)
    n, m = _length(a), _length(v)
    dtype = common_dtype((ArrayType(dtype_of(a), ()), ArrayType(dtype_of(v), ())))
    return ArrayType(dtype, (_length_of_product(sizes, n, m, mode),))


def _check_mode(function: Callable[..., Any], mode: Any) -> None:
    if mode not in ("full", "same", "valid"):
        raise UnsupportedError(
            f"`mode={mode!r}` of `np.{function.__name__}` is not supported",
            remedy="Write 'full', 'same' or 'valid'.",
        )


def _length(x: Type) -> Dim:
    shape = array_shape(x)
    if shape is None:
        raise UnsupportedError("the number of dimensions of what is convolved is not known")
    return product_of_dims(shape)


def _length_of_product(sizes: Assumptions, n: Dim, m: Dim, mode: str) -> Dim:
    if mode == "full":
        return subtract_dims(add_dims(n, m), 1)
    longer = sizes.is_nonnegative(subtract_dims(n, m))
    if longer is None:
        return None
    long, short = (n, m) if longer else (m, n)
    return long if mode == "same" else add_dims(subtract_dims(long, short), 1)


@defvjp(np.convolve)
def convolve_vjp(g, y, a, v, mode="full"):
    """In full y[k] = sum a[i] v[k - i], so that d_a[i] = sum g[k] v[k - i]; `mode` cuts g out."""
    if mode == "valid" and a.builder.assumptions.is_nonnegative(
        subtract_dims(a.dims[0], v.dims[0])
    ):
        return np.convolve(g, v[::-1]), np.convolve(a[::-1], g, mode="valid")
    whole = _uncut(g, a, v, mode)
    return np.convolve(whole, v[::-1], mode="valid"), np.convolve(whole, a[::-1], mode="valid")


def _uncut(g: Any, a: Any, v: Any, mode: str) -> Any:
    """The cotangent of the full product, of which `mode` has taken a part."""
    if mode == "full":
        return g
    longer = a.builder.assumptions.is_nonnegative(subtract_dims(a.dims[0], v.dims[0]))
    if longer is None:
        raise UnsupportedError("which of two arrays that are convolved is longer is not known")
    short = v.shape[0] if longer else a.shape[0]
    if mode == "valid":
        return call(np.pad, g, short - 1)
    before = (short - 1) // 2
    return call(np.pad, g, (before, short - 1 - before))


bilinear(np.convolve)


@composite(np.correlate)
def correlate(a, v, mode="valid"):
    """The product of `a` with `v` reversed and conjugated; of the longer one in the middle."""
    _check_mode(np.correlate, mode)
    reversed_ = np.conjugate(v[::-1]) if is_complex(v.type) else v[::-1]
    if mode != "same":
        return np.convolve(a, reversed_, mode=mode)
    longer = a.builder.assumptions.is_nonnegative(subtract_dims(a.dims[0], v.dims[0]))
    if longer is None:
        raise UnsupportedError("which of two arrays that are correlated is longer is not known")
    if longer:
        return np.convolve(a, reversed_, mode="same")
    first = a.shape[0] // 2
    return np.convolve(a, reversed_)[first : first + v.shape[0]]


# Histograms


@defshape(np.bincount, operands=("x", "weights"))
def bincount_shape(
    sizes: Assumptions, x: Type, weights: Type | None = None, minlength: Any = 0
) -> Type:
    return ArrayType(np.dtype(np.intp if weights is None else float), (None,))


@defvjp(np.bincount)
def bincount_vjp(g, y, x, weights, minlength=0):
    return None, None if weights is None else g[x]


@defjvp(np.bincount)
def bincount_jvp(x_dot, weights_dot, y, x, weights, minlength=0):
    return call(np.bincount, x, weights=weights_dot, minlength=minlength)


@defshape(np.digitize)
def digitize_shape(sizes: Assumptions, x: Type, bins: Type, right: Any = False) -> Type:
    return ArrayType(np.dtype(np.intp), array_shape(x))


def _histogram_like(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> None:
    """The signature of `np.histogram`."""


@defshape(np.histogram, operands=("a", "weights"), like=_histogram_like)
def histogram_shape(
    sizes: Assumptions,
    a: Type,
    weights: Type | None = None,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
) -> tuple[Type, Type]:
    counts = np.dtype(np.intp) if weights is None else dtype_of(weights)
    if density:
        counts = np.dtype(float)
    edges = _edges_dtype(a, bins, range)
    return ArrayType(counts, (_count_of_bins(bins, 0),)), ArrayType(
        edges, (_count_of_bins(bins, 1),)
    )


def _edges_dtype(a: Type, bins: Any, range_: Any) -> np.dtype:
    if isinstance(bins, ArrayType):
        return bins.dtype
    return np.histogram_bin_edges(np.zeros(2, dtype_of(a)), bins=2, range=range_).dtype


def _count_of_bins(bins: Any, more: int) -> Dim:
    if isinstance(bins, (int, np.integer)):
        return int(bins) + more
    shape = array_shape(bins) if isinstance(bins, ArrayType) else None
    return subtract_dims(shape[0], 1 - more) if shape else None


@defvjp(np.histogram)
def histogram_vjp(g, y, a, weights, bins=10, range=None, density=None):
    """Constant in where the samples are; a weight is counted in the bin of its sample."""
    if g[1] is not None and not isinstance(bins, Symbol) and range is None:
        raise UnsupportedError(
            "the derivative of the edges that `np.histogram` finds by itself is not supported",
            remedy="Give them: `bins=np.linspace(low, high, count + 1)`.",
        )
    if weights is None or g[0] is None:
        return None, None
    d_counts = g[0]
    if density:
        total = np.sum(weights)
        d_counts = (d_counts / np.diff(y[1]) - np.sum(d_counts * y[0])) / total
    return None, _of_bins(d_counts, y[1], a)


@defjvp(np.histogram)
def histogram_jvp(a_dot, weights_dot, y, a, weights, bins=10, range=None, density=None):
    if weights_dot is None:
        return None, None
    options = {} if range is None else {"range": range}
    moved, _ = call(np.histogram, a, weights=weights_dot, bins=y[1], **options)
    if density:
        total = np.sum(weights)
        moved = moved / np.diff(y[1]) / total - y[0] * (np.sum(moved) / total)
    return moved, None


def _of_bins(d_counts: Any, edges: Any, a: Any) -> Any:
    """For each sample the cotangent of its bin, whose right edge belongs to the last one only."""
    last = d_counts.shape[0] - 1
    place = call(np.clip, np.searchsorted(edges, a, side="right") - 1, 0, last)
    return either((a >= edges[0]) & (a <= edges[-1]), d_counts[place], 0.0)


constant(np.digitize)
