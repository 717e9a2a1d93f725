"""`match` with every kind of pattern."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from tests.corpus.program import numbers, program

RELU = 1


class Kind:
    TANH = 1
    SQUARE = 2


@dataclass
class Segment:
    start: float
    length: float


Pair = namedtuple("Pair", ["first", "second"])


@program(numbers(3))
def matches_a_literal(x):
    match len(x):
        case 2:
            return np.sum(x)
        case 3:
            return np.sum(x**2)
        case _:
            return np.sum(x**3)


@program(1.5, 2)
def matches_a_dotted_name(x, kind):
    match kind:
        case Kind.TANH:
            return np.tanh(x)
        case Kind.SQUARE:
            return x * x


@program(0.5)
@program(1.25)
@program(3.5)
def matches_values_known_during_the_call(x):
    match np.floor(x):
        case 0.0:
            y = x * x
        case 1.0 | 2.0:
            y = x**3
        case _:
            y = x
    return y * 2.0


@program(numbers(4))
def matches_sequences_with_a_star(x):
    match (x[0], x[1], x[2], x[3]):
        case (a, b):
            return a * b
        case (a, *middle, b):
            return a * middle[0] + b * middle[1] ** 2


@program(numbers(2))
def matches_nested_sequences(x):
    match [("scale", x[0]), ("shift", x[1])]:
        case [("shift", a), *_]:
            return a
        case [("scale", a), ("shift", b)]:
            return a * a + b


@program(1.5)
@program(-1.5)
def matches_with_guards(x):
    match x:
        case v if v > 1.0:
            return v * v
        case v if v < -1.0:
            return -3.0 * v
        case _:
            return x


@program(1.5, {"kind": "square", "value": 2.0, "weight": 3.0})
def matches_mappings(x, options):
    match options:
        case {"kind": "line", "value": v}:
            return x * v
        case {"kind": "square", "value": v, **rest}:
            return x * x * v * rest["weight"]


@program(1.5)
def matches_classes_by_position_and_keyword(x):
    match Segment(x, 2.0 * x):
        case Segment(start, length=length):
            return start * length


@program(1.5)
def matches_named_tuples(x):
    match Pair(x, x * x):
        case Pair(first=a, second=b):
            return a * b


@program(1.5)
def matches_builtin_classes(x):
    match x:
        case int(n):
            return 2.0 * n
        case float(v):
            return v * v


@program(numbers(3))
def an_array_is_no_sequence(x):
    match x:
        case [a, b, c]:
            return a * b * c
        case np.ndarray():
            return np.sum(x * x)


@program(1.5, "relu")
@program(1.5, "sigmoid")
def matches_strings_with_an_alternative(x, name):
    match name:
        case "tanh" | "sigmoid" as chosen:
            return np.tanh(x) * len(chosen)
        case "relu":
            return max(x, 0.0)


@program(1.5)
def matches_nothing(x):
    match x:
        case str():
            x = 0.0
        case None:
            x = 1.0
        case True:
            x = 2.0
    return x * x


@program(numbers(4), 4)
def matches_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        match i % 3:
            case 0:
                total += x[i]
            case 1:
                continue
            case _:
                total *= x[i]
    return total


@program(1.5)
@program(0.5)
def alternatives_bind_one_name(x):
    match (x > 1.0, x * x):
        case (True, y) | (_, y):
            return y


@program(1.5, (2, 3.0))
def a_name_is_bound_before_the_guard_fails(x, pair):
    match pair:
        case (n, v) if n > 2:
            return v
        case _:
            return x * n * v
