"""Calls of sections (see `graph/section.py`), and the generators from which they draw again."""

from __future__ import annotations

import copy
from typing import Any

from srcgrad.graph import OPAQUE, Assumptions, Section, Type
from srcgrad.rules.registry import constant, defshape, gives_tuple, named, primitive_for


@lambda function: named("section", function)
def section(*operands: Any, section: Any = None) -> Any:
    """The results of a part of the program that is a function of its own."""
    raise NotImplementedError("sections exist in emitted code only")


gives_tuple(section)


@defshape(section, operands=("*operands",))
def section_shape(sizes: Assumptions, *operands: Type, section: Section) -> tuple[Type, ...]:
    return tuple(value.type for value in section.graph.results)


@lambda function: named("same_generator", function)
def same_generator(generator: Any) -> Any:
    """A generator that draws what this one is about to draw."""
    return copy.deepcopy(generator)


@defshape(same_generator)
def same_generator_shape(sizes: Assumptions, generator: Type) -> Type:
    return OPAQUE


@lambda function: named("generator_called", function)
def generator_called(text: str) -> Any:
    """A generator of the caller's, or NumPy's own, by the expression that reaches it."""
    raise NotImplementedError("generators are reached in emitted code only")


@defshape(generator_called, operands=())
def generator_called_shape(sizes: Assumptions, text: str = "") -> Type:
    return OPAQUE


# What a generator is about to draw depends on what was drawn before.
primitive_for(same_generator).effect = True
primitive_for(generator_called).effect = True
constant(same_generator, generator_called)
