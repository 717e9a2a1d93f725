"""Which operations give an array whose memory nothing else shares."""

from __future__ import annotations

import numpy as np

from srcgrad.graph import ArrayType, Hole, Node, shape_of
from srcgrad.rules.registry import is_primitive_name, is_store, primitive_named

_MAKE_NEW_ARRAYS = frozenset(
    """
    angle array_of arange argpartition argsort argwhere array bincount block cast choose
    clip column_stack compress concatenate concatenate_list convolve copy correlate cov cross
    cummax cumprod cumsum cumulative_sum delete diff digitize dot dstack empty empty_like
    extract eye fix
    flatnonzero fresh full full_like geomspace gradient histogram hstack identity
    flat_get inner insert interp isclose kron linspace logspace matmul
    matvec max mean median min nan_to_num nancumprod nancumsum nanmax nanmean nanmedian
    nanmin nanprod nanstd nansum nanvar ones ones_like outer pad partition percentile prod
    quantile repeat roll round searchsorted select sinc sort stack stack_list std sum take
    take_along_axis tensordot tile tri tril triu unique unwrap vander var vecmat vstack
    where zeros zeros_like
    """.split()
)
_AREAS = ("linalg.", "fft.", "scipy.")
_NOT_NEW = ("linalg.diagonal", "linalg.matrix_transpose", "linalg.matrix_power")


def makes_new_array(node: Node) -> bool:
    """Is the result of this node memory that nothing else shares, whatever its operands are?"""
    name = node.operation
    if name == "getitem":
        return _gathers(node)
    if name == "einsum":
        return len(node.operands) > 1
    if name == "diag":
        return len(shape_of(node.operands[0].type) or ()) == 1
    if name in _MAKE_NEW_ARRAYS or is_store(name):
        return True
    if name.startswith(_AREAS):
        return name not in _NOT_NEW
    owner = getattr(np, name.partition(".")[0], None)
    if isinstance(owner, np.ufunc) and "." in name:
        return True
    return is_primitive_name(name) and isinstance(primitive_named(name).function, np.ufunc)


def _gathers(node: Node) -> bool:
    """Does the index hold an array, a list or a mask, so that NumPy copies what it selects?"""
    if not isinstance(node.operands[0].type, ArrayType):
        return False
    index = node.parameters.get("index")
    entries = index if isinstance(index, tuple) else (index,)
    return any(_is_gathering(entry, node) for entry in entries)


def _is_gathering(entry: object, node: Node) -> bool:
    if isinstance(entry, (list, np.ndarray, bool, np.bool_)):
        return True
    if not isinstance(entry, Hole):
        return False
    type_ = node.operands[entry.operand].type
    return isinstance(type_, ArrayType) and bool(type_.shape)
