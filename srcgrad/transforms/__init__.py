"""Derivatives and optimisations: each module one pure function from graph to graph."""

from srcgrad.transforms.batch import batch
from srcgrad.transforms.block_elementwise import block_elementwise
from srcgrad.transforms.clean import clean, is_same
from srcgrad.transforms.defer_accumulation import defer_accumulation
from srcgrad.transforms.defer_conversions import defer_conversions
from srcgrad.transforms.delay_stores import delay_stores
from srcgrad.transforms.derivatives import derivative_type, fit, zero_like
from srcgrad.transforms.eliminate_common_subexpressions import eliminate_common_subexpressions
from srcgrad.transforms.fold_constants import fold_constants
from srcgrad.transforms.forward import forward
from srcgrad.transforms.gradient_hooks import any_changes_gradient, without_hooks
from srcgrad.transforms.hoist_invariants import hoist_invariants
from srcgrad.transforms.kinks import without_kinks
from srcgrad.transforms.merge_branches import merge_branches
from srcgrad.transforms.preallocate_tapes import preallocate_tapes
from srcgrad.transforms.remove_dead_code import remove_dead_code
from srcgrad.transforms.reverse import reverse
from srcgrad.transforms.rewriting import redefine
from srcgrad.transforms.save_overwritten import save_overwritten
from srcgrad.transforms.sections import as_section, written_out
from srcgrad.transforms.segments import in_segments
from srcgrad.transforms.simplify import simplify
from srcgrad.transforms.simplify_branches import simplify_branches
from srcgrad.transforms.simplify_loops import simplify_loops

__all__ = [
    "any_changes_gradient",
    "as_section",
    "clean",
    "batch",
    "block_elementwise",
    "defer_accumulation",
    "defer_conversions",
    "delay_stores",
    "derivative_type",
    "eliminate_common_subexpressions",
    "fit",
    "fold_constants",
    "forward",
    "hoist_invariants",
    "in_segments",
    "is_same",
    "merge_branches",
    "preallocate_tapes",
    "redefine",
    "remove_dead_code",
    "reverse",
    "save_overwritten",
    "simplify",
    "simplify_branches",
    "simplify_loops",
    "without_hooks",
    "without_kinks",
    "written_out",
    "zero_like",
]
