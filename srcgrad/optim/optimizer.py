"""What all optimisers share: the walk over parameters, dtypes, and the state between steps.

Each optimiser says which arrays it remembers for a parameter and how one parameter makes one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.optim.schedules import Schedule
from srcgrad.optim.trees import (
    Tree,
    flatten,
    flatten_like,
    holds_instances,
    leaf_names,
    spread_over,
    unflatten,
)

Params = TypeVar("Params")
Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


@dataclass(frozen=True, slots=True)
class OptimizerState:
    """What an optimiser knows between steps.

    `step` counts the steps taken.  `memory` holds, for each thing that is remembered ("velocity"),
    one array per leaf of the parameters, in order; `None` for leaves that are not trained.  Of
    models that are instances, whose attributes may become more, `names` has those of the leaves.
    """

    step: int
    memory: Mapping[str, tuple[Array | None, ...]]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Optimizer(Generic[Params]):
    """Turns parameters and gradients into the next parameters.

    `learning_rate` is a number, or a schedule: a function from the number of steps taken so far
    (0 at the first one) to a number.
    """

    learning_rate: float | Schedule

    @property
    def remembers(self) -> tuple[str, ...]:
        """The names of the arrays that are kept for each parameter."""
        return ()

    def init(self, params: Params) -> OptimizerState:
        """The state before the first step: everything remembered is zero."""
        leaves, structure = flatten(params)
        zeros = tuple(map(_nothing_yet, leaves))
        names = tuple(leaf_names(structure)) if holds_instances() else ()
        return OptimizerState(0, dict.fromkeys(self.remembers, zeros), names)

    def update(
        self, params: Params, grads: Tree, state: OptimizerState
    ) -> tuple[Params, OptimizerState]:
        """The parameters after one step, and the state to hand to the next one.

        Gradients have the structure of the parameters.  Where a gradient is `None`, the parameter
        (or all that is in the container there) and what is remembered of it stay as they are.
        dtypes stay what they were.  Attributes that an instance has got since `init` are new
        parameters.

        Raises `ArgumentError` where structures, shapes or kinds of number do not fit together.
        """
        parameters, structure = flatten(params)
        if state.names:
            state = _aligned(state, tuple(leaf_names(structure)), parameters)
        gradients = flatten_like(spread_over(grads, params), structure, "gradients")
        self._check_state(state, len(parameters))
        rate = self.learning_rate_at(state.step)
        memory = {name: list(state.memory[name]) for name in self.remembers}
        for k, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            if gradient is None:
                continue
            complaint = _complaint(parameter, gradient)
            if complaint:
                raise ArgumentError(f"cannot update `{leaf_names(structure)[k]}`: {complaint}")
            remembered = [memory[name][k] for name in self.remembers]
            exact = working_array(parameter)
            slope = np.asarray(gradient, dtype=exact.dtype)
            moved, *kept = self.step_parameter(state.step + 1, rate, exact, slope, *remembered)
            parameters[k] = _like(parameter, moved)
            for name, array in zip(self.remembers, kept, strict=True):
                memory[name][k] = np.asarray(array)
        following = {name: tuple(arrays) for name, arrays in memory.items()}
        return unflatten(structure, parameters), OptimizerState(
            state.step + 1, following, state.names
        )

    def step_parameter(
        self, step: int, rate: float, parameter: Array, gradient: Array, *remembered: Any
    ) -> tuple[Array, ...]:
        """The parameter after step number `step` (from 1), then what is remembered, in order.

        Must not write into the arrays it is given.
        """
        raise NotImplementedError

    def learning_rate_at(self, step: int) -> float:
        """The learning rate after `step` steps; a plain float, so that float32 stays float32."""
        rate = self.learning_rate
        return float(rate(step) if callable(rate) else rate)

    def _check_state(self, state: OptimizerState, leaves: int) -> None:
        kind = type(self).__name__
        if set(state.memory) != set(self.remembers):
            raise ArgumentError(
                f"this state is not one of {kind}: it remembers {sorted(state.memory)}, "
                f"{kind} remembers {sorted(self.remembers)}"
            )
        for name, arrays in state.memory.items():
            if len(arrays) != leaves:
                raise ArgumentError(
                    f"the state was made for {len(arrays)} parameters (`{name}`), not for {leaves}"
                )


def _aligned(
    state: OptimizerState, names: tuple[str, ...], parameters: list[Any]
) -> OptimizerState:
    """The state for leaves of these names: what it knows of them, and nothing yet of new ones."""
    if names == state.names:
        return state
    new = dict(zip(names, map(_nothing_yet, parameters), strict=True))
    memory = {
        what: tuple({**new, **dict(zip(state.names, arrays))}[name] for name in names)
        for what, arrays in state.memory.items()
    }
    return OptimizerState(state.step, memory, names)


def _nothing_yet(leaf: Any) -> Array | None:
    return _zeros(leaf) if is_trainable(leaf) else None


def is_trainable(leaf: object) -> bool:
    """Is this leaf a number or array that a gradient step can move?"""
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind in "fc"
    return isinstance(leaf, (int, float, complex)) and not isinstance(leaf, bool)


def working_array(leaf: Any) -> Array:
    """The leaf as an array to compute with: float16 and Python ints would lose their steps."""
    dtype = leaf.dtype if isinstance(leaf, (np.ndarray, np.generic)) else np.dtype(type(leaf))
    if dtype.kind not in "fc":
        dtype = np.dtype(np.float64)
    return np.asarray(leaf, dtype=np.result_type(dtype, np.float32))


def _zeros(leaf: Any) -> Array:
    return np.zeros_like(working_array(leaf))


def _like(leaf: Any, moved: Array) -> Any:
    """The new value as the kind of thing that the leaf is: array or scalar, its dtype."""
    if isinstance(leaf, np.ndarray):
        return np.asarray(moved, dtype=leaf.dtype)
    if isinstance(leaf, np.generic):
        return leaf.dtype.type(moved)
    return complex(moved) if isinstance(leaf, complex) else float(moved)


def _complaint(parameter: Any, gradient: Any) -> str | None:
    """Why a parameter cannot take this gradient, or None."""
    if not is_trainable(parameter):
        kind = getattr(parameter, "dtype", type(parameter).__name__)
        return f"it is of type {kind}, which has no small steps; make it a float"
    slope = np.asarray(gradient)
    if slope.dtype.kind not in "iufc":
        return f"its gradient is of type {slope.dtype}"
    if slope.dtype.kind == "c" and not np.iscomplexobj(parameter):
        return "it is real and its gradient is complex"
    if slope.shape != np.shape(parameter):
        return f"its shape is {np.shape(parameter)} and that of its gradient {slope.shape}"
    return None
