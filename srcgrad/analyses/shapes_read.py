"""Where an operand is read for its shape or length alone: no number flows from there."""

from __future__ import annotations

# The places of such operands, by operation.
SHAPE_READS = {
    "dim": (0,),
    "size": (0,),
    "zeros_like": (0,),
    "ones_like": (0,),
    "empty_like": (0,),
    "full_like": (0,),
    "broadcast_like": (1,),
    "sum_like": (1,),
    "reshape_like": (1,),
    "fresh": (1,),
    "stack_like": (1,),
    "split_like": (1,),
    "unstack_like": (1,),
    "unstack_nested": (1,),
    "fill_list": (1,),
    "trim_list": (1,),
    "repeat_list": (1,),
    "zeros_list": (0,),
    "list_length": (0,),
}


def reads_shape_only(operation: str, place: int) -> bool:
    """Does the operation read its operand number `place` for its shape alone?"""
    return place in SHAPE_READS.get(operation, ())
