"""Random programs that write into arrays: value, effects and gradient are those of plain Python.

Programs are drawn as Python source from statements that NumPy programs are made of: stores through
indices of every kind, aliases, views of views, in-place operators, helper functions that change
their arguments, lists of arrays, in branches and loops.  Names carry their kind, so that every
program runs; what is stored is bounded, so that differences are meaningful.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

import srcgrad
from tests.test_random_programs import TooClose, compiled, differences, gap, watched_gap

EXAMPLES = settings.default.max_examples // 2

# Kinds of names: vectors of length 5 and 3, square matrices of order 3, numbers, lists of vectors.
VECTOR, TRIPLE, MATRIX, NUMBER, LIST = "vector", "triple", "matrix", "number", "list"
Scope = dict[str, str]

HELPERS = """
def bump(a, b):
    a[0] += np.sin(b[1])
    a *= 0.75


def middle(a):
    return a[1:4]


def put(a, i, v):
    a[i] = v
    return a


def relax(a, b):
    for j in range(1, len(a)):
        a[j] = 0.5 * (a[j - 1] + np.tanh(b[j]))
    b[0] = a[-1]


"""


class Writer:
    """Draws one program.  `draw` picks one of several; names are numbered as they are made."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.made = 0

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    def fresh(self, scope: Scope, kind: str) -> str:
        self.made += 1
        name = f"{kind[0]}{self.made}"
        scope[name] = kind
        return name

    def name(self, scope: Scope, kind: str) -> str | None:
        names = [name for name, held in scope.items() if held == kind]
        return self.pick(*names) if names else None

    # Expressions

    def number(self, scope: Scope, index: str | None) -> str:
        options = ["0.5", "-0.75", "s", "s * s", "np.sin(s)"]
        i = self.index(index)
        options += [f"{name}[{i}]" for name, kind in scope.items() if kind in (VECTOR, TRIPLE)]
        options += [f"{n}[{i}, {self.index(index)}]" for n, k in scope.items() if k == MATRIX]
        options += [f"np.sum({name})" for name, kind in scope.items() if kind == VECTOR]
        options += [name for name, kind in scope.items() if kind == NUMBER]
        first, second = self.pick(*options), self.pick(*options)
        return self.pick(f"{first}", f"np.tanh({first})", f"np.sin({first} * {second})")

    def index(self, index: str | None) -> str:
        options = ["0", "1", "2", "-1", "k"]
        if index is not None:
            options += [index, f"({index} + 1) % 3", f"-{index} - 1"]
        return self.pick(*options)

    def vector(self, scope: Scope, index: str | None) -> str:
        name = self.name(scope, VECTOR)
        if name is None:
            return "np.full(5, s)"
        other = self.name(scope, VECTOR)
        number = self.number(scope, index)
        return self.pick(
            name,
            f"{name} * {number}",
            f"np.sin({name})",
            f"np.tanh({name} * {other})",
            f"{name}[::-1]",
            f"{name} - {other}[::-1]",
            f"np.roll({name}, 1) * 0.5",
            f"np.where(gap({name}, 0.3) > 0, {other}, 0.5)",
            f"{name}[[4, 1, 1, 0, 2]]",
        )

    def triple(self, scope: Scope, index: str | None) -> str:
        vector, matrix = self.name(scope, VECTOR), self.name(scope, MATRIX)
        triple, i = self.name(scope, TRIPLE), self.index(index)
        options = [f"np.full(3, {self.number(scope, index)})"]
        if vector is not None:
            options += [f"{vector}[1:4]", f"np.sin({vector}[2:])", f"{vector}[::2]"]
            options += [f"{vector}[3:0:-1] * 0.5", f"{vector}[[0, 3, 3]]"]
        if matrix is not None:
            options += [f"{matrix}[{i}]", f"{matrix}[:, {i}]", f"np.tanh({matrix}[{i}])"]
            options += [f"{matrix}.T[{i}]", f"{matrix} @ {self.triple_name(scope)}"]
        if triple is not None:
            options += [triple, f"{triple} * 0.9", f"{triple}[::-1]"]
        return f"({self.pick(*options)})"

    def triple_name(self, scope: Scope) -> str:
        return self.name(scope, TRIPLE) or "np.array([s, 0.5, -0.5])"

    def matrix(self, scope: Scope, index: str | None) -> str:
        name = self.name(scope, MATRIX)
        if name is None:
            return "np.full((3, 3), s)"
        return self.pick(
            f"{name}.T",
            f"np.sin({name})",
            f"{name} * {self.number(scope, index)}",
            f"np.outer({self.triple(scope, index)}, {self.triple(scope, index)})",
            f"{name} + {name}.T",
            f"np.tanh({name} @ {name})",
            f"{name}[::-1]",
        )

    # Statements

    def block(self, scope: Scope, depth: int, index: str | None, most: int = 3) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, most))):
            lines += self.statement(scope, depth, index)
        return lines

    def statement(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        kinds = [self.vector_store, self.vector_store, self.matrix_store, self.triple_store]
        kinds += [self.view, self.view, self.binding, self.call, self.of_lists]
        if depth:
            kinds += [self.branch, self.loop, self.loop]
        return self.pick(*kinds)(scope, depth, index)

    def vector_store(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        name = self.name(scope, VECTOR)
        if name is None:
            return self.view(scope, depth, index)
        number, i = self.number(scope, index), self.index(index)
        vector, triple = self.vector(scope, index), self.triple(scope, index)
        op = self.pick("=", "=", "+=", "-=", "*=")
        return [
            self.pick(
                f"{name}[{i}] {op} {number}",
                f"{name}[1:4] {op} {triple}",
                f"{name}[::2] {op} {triple}",
                f"{name}[3:0:-1] {op} {triple}",
                f"{name}[:] {op} {vector}",
                f"{name}[::-1] {op} {vector}",
                f"{name}[gap({name}, 0.4) > 0] {op} {number}",
                f"{name}[[0, 2, 2]] {op} {triple}",
                f"{name}[np.array([4, -1, 1])] {op} {triple}",
                f"{name}[1:] {op} {name}[:-1]",
                f"{name} {op if op != '=' else '+='} {vector}",
                f"{name}[0], {name}[{i}] = {name}[{i}], {name}[0]",
                f"{name}[...] {op} np.tanh({vector})",
            )
        ]

    def triple_store(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        name = self.name(scope, TRIPLE)
        if name is None:
            return self.view(scope, depth, index)
        number, i, triple = self.number(scope, index), self.index(index), self.triple(scope, index)
        op = self.pick("=", "+=", "*=")
        return [
            self.pick(
                f"{name}[{i}] {op} {number}",
                f"{name}[1:] {op} {triple}[:2]",
                f"{name}[:] {op} {triple}",
                f"{name} {op if op != '=' else '-='} {triple}",
                f"{name}[[1, 1]] {op} {triple}[1:]",
                f"{name}[{name} * 0 + {triple} > 5] = {number}",
            )
        ]

    def matrix_store(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        name = self.name(scope, MATRIX)
        if name is None:
            return self.view(scope, depth, index)
        i, j = self.index(index), self.index(index)
        number, triple, matrix = (
            self.number(scope, index),
            self.triple(scope, index),
            self.matrix(scope, index),
        )
        op = self.pick("=", "=", "+=", "*=")
        return [
            self.pick(
                f"{name}[{i}] {op} {triple}",
                f"{name}[:, {i}] {op} {triple}",
                f"{name}[{i}, {j}] {op} {number}",
                f"{name}[{i}][{j}] {op} {number}",
                f"{name}.T[{i}] {op} {triple}",
                f"{name}[1:, :2] {op} {name}[:2, 1:]",
                f"{name}[{i}, 1:] {op} {triple}[:2]",
                f"{name}[::2, ::-2] {op} {number}",
                f"{name} {op if op != '=' else '*='} {matrix}",
                f"{name}[:] {op} np.sin({matrix})",
                f"{name}[[0, 2]] {op} {triple}",
                f"{name}[[0, 2, 0], [1, 1, 1]] {op} {triple}",
                f"{name}[gap({name}, 0.2) > 0] {op} {number}",
                f"{name}[:, None, 1] {op} {triple}[:, None]",
                f"{name}[{i}], {name}[{j}] = {name}[{j}].copy(), {name}[{i}].copy()",
                f"{name}[...] = {name}.T",
                f"{name}.ravel()[4] {op} {number}",
                f"{name}.reshape(9)[2:5] {op} {triple}",
                f"{name}.swapaxes(0, 1)[1, :2] {op} {triple}[1:]",
            )
        ]

    def view(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        vector, matrix, i = self.name(scope, VECTOR), self.name(scope, MATRIX), self.index(index)
        options = []
        if vector is not None:
            options += [(TRIPLE, f"{vector}[1:4]"), (TRIPLE, f"{vector}[::2]")]
            options += [(VECTOR, f"{vector}[::-1]"), (VECTOR, vector), (TRIPLE, f"{vector}[:3]")]
            options += [(VECTOR, f"{vector}[:]"), (TRIPLE, f"middle({vector})")]
        if matrix is not None:
            options += [(TRIPLE, f"{matrix}[{i}]"), (TRIPLE, f"{matrix}[:, {i}]")]
            options += [(MATRIX, f"{matrix}.T"), (MATRIX, matrix), (MATRIX, f"{matrix}[::-1]")]
            options += [(TRIPLE, f"{matrix}[{i}][::-1]"), (TRIPLE, f"{matrix}.T[1]")]
            options += [(MATRIX, f"np.flip({matrix}, 1)"), (TRIPLE, f"{matrix}.reshape(9)[3:6]")]
        if not options:
            return ["pass"]
        kind, value = self.pick(*options)
        other = self.name(scope, kind)
        if other is not None and self.chance(4):
            value = f"{value} if gap({self.number(scope, index)}, 0.25) > 0 else {other}"
        return [f"{self.fresh(scope, kind)} = {value}"]

    def binding(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        kind = self.pick(VECTOR, TRIPLE, MATRIX, NUMBER)
        value = getattr(self, kind)(scope, index)
        old, other = self.name(scope, kind), self.name(scope, kind)
        if old is not None and self.chance(2):
            if kind != NUMBER and self.chance(2):
                return [f"{old}, {other} = {other}, {old}"]
            return [f"{old} = {value} * 0.5"]
        size = {VECTOR: "5", TRIPLE: "3", MATRIX: "(3, 3)"}.get(kind)
        if size is None:
            return [f"{self.fresh(scope, kind)} = {value}"]
        made = self.pick(f"{value} + 0.1", f"np.zeros({size})", f"({value}).copy()")
        return [f"{self.fresh(scope, kind)} = {made}"]

    def call(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        kind = self.pick(VECTOR, TRIPLE)
        first, second = self.name(scope, kind), self.name(scope, kind)
        if first is None:
            return self.view(scope, depth, index)
        number = self.number(scope, index)
        line = self.pick(
            f"bump({first}, {second})",
            f"put({first}, {self.index(index)}, {number})",
            f"relax({first}, {second})",
            f"bump({first}[1:], {second})",
            f"NEW = put({first}, 0, {number})",
        )
        return [line.replace("NEW", self.fresh(scope, kind)) if "NEW" in line else line]

    def of_lists(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        held = self.name(scope, LIST)
        first, second = self.name(scope, VECTOR), self.name(scope, VECTOR)
        if first is None:
            return self.view(scope, depth, index)
        if held is None:
            return [f"{self.fresh(scope, LIST)} = [{first}, {second}]"]
        number = self.number(scope, index)
        lines = self.pick(
            [f"{held}[0] += {first}"],
            [f"{held}[1][2] = {number}"],
            [f"{held}[0] = {self.vector(scope, index)} * 0.5"],
            [f"NEW = {held}[-1]"],
            [f"{held}.reverse()"],
            [f"for q in {held}:", f"    q *= {number}"],
        )
        if "NEW" in lines[0]:
            lines = [lines[0].replace("NEW", self.fresh(scope, VECTOR))]
        return lines

    def branch(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        test = f"gap({self.number(scope, index)}, {self.pick('0.2', '-0.3', '0.6')}) > 0"
        lines = [f"if {test}:"]
        lines += indented(self.block(dict(scope), depth - 1, index))
        if self.chance(2):
            lines += ["else:", *indented(self.block(dict(scope), depth - 1, index))]
        return lines

    def loop(self, scope: Scope, depth: int, index: str | None) -> list[str]:
        inside = dict(scope)
        matrix = self.name(scope, MATRIX)
        self.made += 1
        i = f"i{self.made}"
        heads = [f"for {i} in range(3):", f"for {i} in range(n):", f"for {i} in range(2, -1, -1):"]
        if matrix is not None:
            heads += [f"for {i}, t{self.made} in enumerate({matrix}):"]
        head = self.pick(*heads)
        if "enumerate" in head:
            inside[f"t{self.made}"] = TRIPLE
        calm = ["u[:] = np.tanh(u)", "m *= 1.0 / (1.0 + np.sum(m * m))"]
        body = self.block(inside, depth - 1, i, 2)
        if self.chance(4):
            body += [
                f"if gap({self.number(inside, i)}, 0.5) > 0:",
                f"    {self.pick('break', 'continue')}",
            ]
            body += self.statement(inside, 0, i)
        return [head, *indented(calm + body)]


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


@st.composite
def programs(draw: Any) -> str:
    writer = Writer(draw)
    scope: Scope = {"u": VECTOR, "m": MATRIX}
    lines = writer.block(scope, 2, None, 6)
    kinds = (VECTOR, TRIPLE, MATRIX)
    results = [
        f"np.sum(np.sin({name}) * np.cos(np.arange({name}.size)).reshape({name}.shape))"
        for name, kind in scope.items()
        if kind in kinds
    ]
    lines.append(f"return {' + '.join(results)}")
    return HELPERS + "def program(u, m, s, n, k):\n" + "".join(f"    {line}\n" for line in lines)


def directions(arguments: tuple) -> tuple:
    m = arguments[1]
    return np.cos(np.arange(1.0, 6.0)), np.sin(np.arange(1.0, 10.0)).reshape(m.shape), -0.7


def check(source: str, arguments: tuple) -> None:
    note(source)
    watched, function = compiled(source, watched_gap), compiled(source, gap)
    plainly = copy.deepcopy(arguments)
    along = directions(arguments)
    try:
        with np.errstate(all="ignore"):
            plain = watched(*plainly)
            expected = differences(watched, arguments, along)
            coarser = differences(watched, arguments, tuple(2 * d for d in along)) / 2
    except TooClose:
        assume(False)
    # Where two steps give two slopes, neither is the slope.
    assume(np.isfinite(expected) and np.isclose(expected, coarser, rtol=1e-6, atol=1e-7))
    gradient = srcgrad.value_and_grad(function, wrt=(0, 1, 2))
    given = copy.deepcopy(arguments)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", srcgrad.NoGradientWarning)
        try:
            value, found = gradient(*given)
        except srcgrad.UnsupportedError:
            return  # A refusal is no wrong number; what is refused is for other tests to say.
        again = copy.deepcopy(arguments)
        value_again, _ = gradient(*again)
    assert np.asarray(value).tobytes() == np.asarray(plain).tobytes() == value_again.tobytes()
    for ours, theirs, later in zip(given, plainly, again):
        assert np.array_equal(ours, theirs) and np.array_equal(later, theirs)
    slope = sum(float(np.sum(g * d)) for g, d in zip(found, along))
    np.testing.assert_allclose(slope, expected, rtol=2e-5, atol=1e-6)


numbers = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))
seeds = st.integers(0, 50)


def arrays(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.uniform(-1.5, 1.5, 5), generator.uniform(-1.5, 1.5, (3, 3))


@given(programs(), seeds, numbers, st.integers(0, 3), st.integers(0, 2))
@settings(max_examples=EXAMPLES)
def test_programs_that_store(source: str, seed: int, s: float, n: int, k: int):
    check(source, (*arrays(seed), s, n, k))
