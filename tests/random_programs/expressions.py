"""Random expressions of a given kind.

All functions are smooth and of moderate size where they are used, except those with kinks that
`check` knows how to step around.  Whatever a template reads stands in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs.scope import (
    INTEGER,
    NUMBER,
    SHAPES,
    Chooser,
    Fields,
    Function,
    Kind,
    ListOf,
    Scope,
    Shape,
)

SMOOTH = (
    "np.sin({0})",
    "np.tanh({0})",
    "np.cos({0})",
    "{0} * 0.5",
    "-{0}",
    "{0} ** 2",
    "np.exp(-{0} ** 2)",
    "1.0 / (2.0 + np.sin({0}))",
    "np.sqrt(1.0 + {0} * {0})",
    "np.log(1.5 + np.cos({0}))",
    "np.arctan({0})",
    "np.square({0})",
    "np.logaddexp({0}, 0.0)",
    "np.sinh(np.tanh({0}))",
    "(1.0 + {0} ** 2) ** -0.5",
    "2.0 ** np.tanh({0})",
    "np.power({0}, 3) * 0.1",
    "np.expm1({0} * 0.25)",
)
KINKED = (
    "np.abs({0})",
    "abs({0})",
    "np.maximum({0}, 0.25)",
    "np.minimum({0}, 0.0)",
    "np.clip({0}, -0.75, 0.8)",
    "np.where({0} > 0.2, {0}, 0.1 * {0})",
    "{0} % 1.5",
    "np.sign({0}) * {0}",
)
OF_ARRAYS = (
    "{0}[::-1]",
    "np.roll({0}, 1, axis=0)",
    "np.cumsum({0}, axis=0)",
    "np.flip({0}, -1)",
    "{0} - np.mean({0}, axis=-1, keepdims=True)",
    "{0} / (1.0 + np.sum({0} ** 2))",
    "np.sort({0}, axis=-1)",
    "{0}.copy()",
    "np.exp({0} - np.max({0}))",
    "{0}.T.T",
    "np.concatenate([{0}[1:], {0}[:1]])",
    "np.array([np.sin(row) for row in {0}])",
    "np.stack([row * 0.5 for row in {0}])",
    "np.cumprod(np.tanh({0}), axis=-1)",
    "np.take({0}, [1, 0] + list(range(2, len({0}))), axis=0)",
    "{0}.reshape(-1).reshape({0}.shape)",
    "np.where({0} > 0.0, {0}, {0}[::-1])",
    "{0} * np.arange(len({0})).reshape((-1,) + (1,) * ({0}.ndim - 1))",
    "{0}[[1] + list(range(1, len({0})))]",
    "np.pad({0}[1:], [(1, 0)] + [(0, 0)] * ({0}.ndim - 1))",
    "np.swapaxes(np.swapaxes({0}, 0, -1) * 0.5, 0, -1)",
    "np.add.accumulate({0})",
    "np.tril({0}.reshape(len({0}), -1)).reshape({0}.shape)",
    "np.asarray({0})[::-2][::-1].repeat(2, 0)[: len({0})] * np.ones({0}.shape)",
    "np.vstack([{0}[None], {0}[None]])[1]",
    "np.maximum.accumulate({0})",
    "np.nan_to_num({0})",
    "np.broadcast_to(np.sum({0}, 0), {0}.shape)",
    "np.select([{0} > 0.4, {0} > -0.3], [{0} ** 2, {0}], 0.1 * {0})",
    "np.array(list({0}))",
    "np.moveaxis({0}, 0, -1).T.reshape({0}.shape)",
    "np.exp({0} - np.logaddexp.reduce({0}, -1, keepdims=True))",
    "np.linalg.norm({0} + 0.2, axis=-1, keepdims=True) * np.ones({0}.shape)",
    "functools.reduce(lambda p, q: p * 0.5 + q, [{0}, {0} ** 2, {0}])",
    "next(iter([{0}]))",
)
BINARY = (
    "{0} + {1}",
    "{0} - {1}",
    "{0} * {1}",
    "{0} / (2.0 + np.cos({1}))",
    "np.hypot({0}, 1.0 + {1} ** 2)",
    "np.arctan2({0}, 2.0 + np.sin({1}))",
    "np.multiply({0}, np.tanh({1}))",
    "(1.5 + np.sin({0})) ** np.tanh({1})",
    "np.logaddexp({0}, {1})",
)
BINARY_KINKED = (
    "np.maximum({0}, {1})",
    "np.where({0} > 0.3, {1}, {0})",
    "np.where({1} < -0.2, np.sin({0}), 0.5 * {1})",
    "np.fmin({0}, {1})",
)
REDUCTIONS = (
    "np.sum({0})",
    "np.mean({0})",
    "{0}.sum()",
    "np.tanh({0}).mean()",
    "np.max({0})",
    "np.min({0})",
    "np.prod(np.tanh({0}))",
    "np.var({0})",
    "np.std({0})",
    "np.log(np.sum(np.exp({0})))",
    "np.linalg.norm({0} + 0.1)",
    "np.sum({0}[{0} > 0.1])",
    "np.vdot({0}, {0})",
    "np.sum(np.sort({0}.ravel())[:2])",
    "np.median({0})",
    "np.sum(np.sin({0}[k:]))",
    "np.sum({0}[:n] ** 2)",
    "np.sum({0}[n:])",
    "np.prod(np.tanh({0}[:k]))",
    "np.vdot({0}[:n], {0}[:n])",
    "np.sum({0}, where={0} > 0.1)",
    "np.max({0}, initial=0.3)",
    "np.sum({0} ** 2, axis=tuple(range({0}.ndim)))",
    "np.einsum('...i,...i->...', {0}, {0}).sum()",
    "np.sum(np.diff({0}, axis=0) ** 2)",
    "np.ptp({0})",
    "np.add.reduce({0}.ravel())",
    "np.sum(np.convolve({0}.ravel(), [0.5, -1.0, 0.25]))",
    "np.sum({0}[np.ix_(*[[0, 1, 1]] * {0}.ndim)])",
    "sum(running({0}))",
    "list(running({0}))[-1]",
    "np.interp(0.3, [0.0, 1.0], {0}.ravel()[:2])",
    "max([np.sum(row) for row in {0}])",
    "sum(v * v for v in {0}.ravel() if v > 0.1)",
    "float(np.sum({0}))",
    "{0}.ravel()[np.argmax({0})]",
    "np.sum({0}.take([0, 1, 1], axis=-1))",
    "np.mean({0}[..., None] * {0}[..., None, :])",
    "np.array({0}.sum())[()]",
    "blend({0}.copy(), {0}, rate=0.3)",
    "np.trapezoid({0}).sum()",
    "np.quantile({0}, 0.4)",
    "np.sum(np.outer({0}, {0})[::2])",
)
AXIS_REDUCTIONS = (
    "np.sum({0}, axis={1})",
    "np.mean({0}, axis={1})",
    "{0}.max(axis={1})",
    "np.tanh({0}).prod({1})",
    "np.var({0}, axis={1}, ddof=1)",
    "np.sqrt(1.0 + ({0} ** 2).sum(axis={1}))",
    "np.einsum('...->...', {0}).sum({1})",
)
OF_NUMBERS = (
    "math.sin({0})",
    "math.tanh({0})",
    "math.sqrt(1.0 + {0} * {0})",
    "math.exp(-abs({0}))",
    "max({0}, 0.2)",
    "min({0}, 0.4)",
    "float({0})",
    "math.atan2({0}, 2.0)",
    "pow({0}, 2)",
    "math.hypot({0}, 1.0)",
    "power({0}, n)",
    "power({0}, k)",
    "divmod({0}, 1.5)[1]",
    "functools.partial(power, times=2)({0})",
    "(lambda q, *r: q * sum(r))({0}, *[0.5, 0.25])",
    "np.float64({0})",
    "math.fsum([{0}, 0.5])",
    "(({0}) or 0.5)",
    "(({0}) and 0.5)",
    "np.array([{0}])[0]",
    "sum([{0}] * 2)",
    "[{0}, 0.5][k % 2]",
    "round({0}, 2) * {0}",
)
COMPLEX = (
    "np.exp(1j * {0})",
    "{0} * (1.0 - 0.5j)",
    "{0} + 0.5j * np.sin({0})",
    "np.sqrt(2.0 + {0} * 1j)",
)
TURNED = (
    "{0} * (0.5 - 0.5j)",
    "np.exp(1j * {0})",
    "{0} + (1j * {1})",
    "{0} * {1}",
    "np.conj({0}) * 0.5",
    "np.tanh({0} * 0.3)",
    "{0} / (2.0 + np.abs({0}))",
    "{0}[::-1]",
    "np.fft.fft({0}) * 0.5",
    "np.cumsum({0})",
    "np.where(np.abs({0}) > 1.0, {0}, {1})",
    "np.sqrt(4.0 + {0} * 0.3)",
)
TO_REAL = ("({0}).real", "({0}).imag", "np.abs({0} + (2.0 + 1.0j))", "np.real({0} * np.conj({0}))")
INTEGERS = ("0", "1", "2", "k", "n % 3", "(k + 1) % 3", "-1", "len({vector}) - 2", "k // 2")


class Expressions(Chooser):
    """Draws expressions; `depth` limits how deep they nest."""

    def expression(self, kind: Kind, scope: Scope, depth: int = 2) -> str:
        if kind.dtype == "int":
            return self.integer(scope)
        if kind.dtype == "complex":
            return self.turned(kind, scope, depth)
        names = scope.of_kind(kind)
        if depth <= 0 or (names and self.chance(3)):
            return self.leaf(kind, scope)
        return f"({self.pick(self.productions(kind, scope))(kind, scope, depth - 1)})"

    def productions(self, kind: Kind, scope: Scope) -> list[Callable[[Kind, Scope, int], str]]:
        found = [self.unary, self.unary, self.binary, self.read, self.ternary, self.called]
        if kind.shape is None:
            return [*found, self.reduction, self.reduction, self.element, self.of_number]
        found += [self.of_array, self.of_array, self.indexed, self.broadcast, self.product]
        found += [self.made]
        if scope_has_complex(scope, kind):
            found += [self.part]
        if len(kind.shape) < 3:
            found += [self.axis_reduction]
        return [*found, self.through_complex]

    def leaf(self, kind: Kind, scope: Scope) -> str:
        names = scope.of_kind(kind)
        if names:
            return self.pick(names)
        if kind.shape is None:
            return self.pick(["0.5", "-0.75", "2.0", "1", "n"])
        return self.pick([f"np.full({kind.shape}, 0.3)", f"np.ones({kind.shape})"])

    # One production each

    def unary(self, kind: Kind, scope: Scope, depth: int) -> str:
        template = self.pick(KINKED if self.chance(4) else SMOOTH)
        return template.format(self.expression(kind, scope, depth))

    def binary(self, kind: Kind, scope: Scope, depth: int) -> str:
        template = self.pick(BINARY_KINKED if self.chance(4) else BINARY)
        other = kind if kind.shape is None or self.chance(2) else NUMBER
        pair = [self.expression(kind, scope, depth), self.expression(other, scope, depth)]
        if self.chance(3):
            pair.reverse()
        return template.format(*pair)

    def broadcast(self, kind: Kind, scope: Scope, depth: int) -> str:
        shape = kind.shape or ()
        if len(shape) < 2:
            return self.binary(kind, scope, depth)
        row = self.expression(Kind("float", shape[-1:]), scope, depth)
        column = f"{self.expression(Kind('float', shape[-2:-1]), scope, depth)}[:, None]"
        whole = self.expression(kind, scope, depth)
        pair = self.pick([(whole, row), (whole, column), (column, whole)])
        if len(shape) == 2 and self.chance(3):
            pair = (column, row)
        return self.pick(BINARY).format(*pair)

    def of_array(self, kind: Kind, scope: Scope, depth: int) -> str:
        return self.pick(OF_ARRAYS).format(self.named(kind, scope, depth))

    def named(self, kind: Kind, scope: Scope, depth: int) -> str:
        """Something short, for templates that repeat it."""
        return self.leaf(kind, scope) if self.chance(2) else self.expression(kind, scope, depth - 1)

    def of_number(self, kind: Kind, scope: Scope, depth: int) -> str:
        return self.pick_text(OF_NUMBERS).format(self.expression(kind, scope, depth))

    def reduction(self, kind: Kind, scope: Scope, depth: int) -> str:
        array = Kind("float", self.pick(SHAPES))
        return self.pick_text(REDUCTIONS).format(self.named(array, scope, depth))

    def axis_reduction(self, kind: Kind, scope: Scope, depth: int) -> str:
        shape = kind.shape or ()
        larger = [(s, axis) for s in SHAPES for axis in range(len(s)) if without(s, axis) == shape]
        if not larger:
            return self.unary(kind, scope, depth)
        bigger, axis = self.pick(larger)
        axis = axis - len(bigger) if self.chance(2) else axis
        whole = self.named(Kind("float", bigger), scope, depth)
        return self.pick_text(AXIS_REDUCTIONS).format(whole, axis)

    def element(self, kind: Kind, scope: Scope, depth: int) -> str:
        arrays = scope.arrays()
        if not arrays:
            return self.unary(kind, scope, depth)
        name = self.pick(arrays)
        rank = len(scope.names[name].shape or ())
        indices = [self.index(scope) for _ in range(rank - 1)]
        first = self.index(scope) if rank < 3 else self.pick(["0", "1", "-1", "k % 2"])
        return f"{name}[{', '.join([first, *indices])}]"

    def indexed(self, kind: Kind, scope: Scope, depth: int) -> str:
        """Part of a larger array."""
        shape, i = kind.shape or (), self.index(scope)
        larger = {
            (3,): ["{43}[{i}]", "{33}[:, {i}]", "{4}[1:]", "{4}[[0, 2, 2]]", "{34}[:, {i}]"],
            (4,): ["{34}[{i}]", "{34}[{i}, ::-1]", "{234}[1, {i}]", "{234}[0][{i}]"],
            (3, 3): ["{34}[:, 1:]", "{34}[:, [0, 3, 3]]", "{234}[1, :, :3]", "{34}[:, :-1]"],
            (3, 4): ["{234}[0]", "{234}[-1]", "{234}[..., :][k % 2]", "{234}.sum(0)"],
            (2, 3, 4): ["np.stack([{34}, {34}])", "np.array([{34}, {34}])", "{34}[None] * {234}"],
        }[shape]
        template = self.pick(larger).replace("{43}", "{33}").replace("{i}", i)
        for text, of in (("{3}", (3,)), ("{4}", (4,)), ("{33}", (3, 3)), ("{34}", (3, 4))):
            if text in template:
                template = template.replace(text, self.expression(Kind("float", of), scope, depth))
        if "{234}" in template:
            whole = self.expression(Kind("float", (2, 3, 4)), scope, depth)
            template = template.replace("{234}", whole)
        return template

    def product(self, kind: Kind, scope: Scope, depth: int) -> str:
        shape = kind.shape or ()

        def of(*inner: int) -> str:
            return self.expression(Kind("float", inner), scope, depth)

        options = {
            (3,): [
                ("{} @ {}", (3, 3), (3,)),
                ("{} @ {}", (3, 4), (4,)),
                ("{}.dot({})", (3, 3), (3,)),
            ],
            (4,): [("{} @ {}", (3,), (3, 4)), ("np.dot({}, {})", (3,), (3, 4))],
            (3, 3): [
                ("np.outer({}, {})", (3,), (3,)),
                ("{} @ {}", (3, 3), (3, 3)),
                ("{} @ {}.T", (3, 4), (3, 4)),
                ("np.linalg.inv({} * 0.1 + 2.0 * np.eye(3))", (3, 3)),
                ("np.tensordot({}, {}, ([1], [1]))", (3, 4), (3, 4)),
            ],
            (3, 4): [
                ("{} @ {}", (3, 3), (3, 4)),
                ("np.outer({}, {})", (3,), (4,)),
                ("np.einsum('ij,jk->ik', {}, {})", (3, 3), (3, 4)),
                ("np.linalg.solve({} * 0.1 + 2.0 * np.eye(3), {})", (3, 3), (3, 4)),
            ],
            (2, 3, 4): [("{} @ {}", (3, 3), (2, 3, 4)), ("{} * {}", (2, 3, 4), (3, 4))],
        }[shape]
        template, *shapes = self.pick([form for form in options if not self.shuns(form[0])])
        return template.format(*(of(*inner) for inner in shapes))

    def made(self, kind: Kind, scope: Scope, depth: int) -> str:
        shape = kind.shape or ()
        number = self.expression(NUMBER, scope, depth)
        if len(shape) != 1:
            return f"np.full({shape}, {number})"
        others = [self.expression(NUMBER, scope, depth - 1) for _ in range(shape[0] - 1)]
        of_list = f"np.array([{', '.join([number, *others])}])"
        return self.pick(
            [
                of_list,
                f"np.array([{number} * j for j in range({shape[0]})])",
                f"{number} * np.arange({shape[0]}.0)",
                f"np.linspace(0.0, 1.0, {shape[0]}) + {number}",
                f"np.full({shape[0]}, {number})",
            ]
        )

    def read(self, kind: Kind, scope: Scope, depth: int) -> str:
        """Something out of a container."""
        options = [f"{name}[-1]" for name in scope.of_kind(ListOf(kind))]
        options += [f"{name}[0]" for name in scope.of_kind(ListOf(kind))]
        for name in scope.of_type(Fields):
            fields: Fields = scope.names[name]  # type: ignore[assignment]
            options += [fields.form.format(name, key) for key, k in fields.items if k == kind]
        if kind.shape is None:
            options += [f"sum({name})" for name in scope.of_kind(ListOf(NUMBER))]
            options += [f"sum([v * 0.5 for v in {name}])" for name in scope.of_kind(ListOf(NUMBER))]
        else:
            options += [f"sum({name})" for name in scope.of_kind(ListOf(kind))]
        return self.pick(options) if options else self.leaf(kind, scope)

    def ternary(self, kind: Kind, scope: Scope, depth: int) -> str:
        if self.shuns(" if "):
            return self.binary(kind, scope, depth)
        one, other = (self.expression(kind, scope, depth - 1) for _ in range(2))
        return f"{one} if {self.test(scope, depth)} else {other}"

    def called(self, kind: Kind, scope: Scope, depth: int) -> str:
        options = []
        for name in scope.of_type(Function):
            function: Function = scope.names[name]  # type: ignore[assignment]
            if function.result == kind:
                options.append((name, function))
        if not options:
            return self.unary(kind, scope, depth)
        name, function = self.pick(options)
        given = [self.expression(parameter, scope, depth - 1) for parameter in function.parameters]
        return f"{name}({', '.join(given)})"

    def part(self, kind: Kind, scope: Scope, depth: int) -> str:
        """The real numbers of a complex array that there is."""
        name = self.pick(scope.of_kind(Kind("complex", kind.shape)))
        return self.pick_text(TO_REAL).format(name)

    def through_complex(self, kind: Kind, scope: Scope, depth: int) -> str:
        if self.shuns("1j"):
            return self.unary(kind, scope, depth)
        inner = self.pick_text(COMPLEX).format(self.named(kind, scope, depth))
        if self.chance(3) and not self.shuns("np.fft"):
            inner = f"np.fft.fft({inner})"
        return self.pick_text(TO_REAL).format(f"({inner})")

    def turned(self, kind: Kind, scope: Scope, depth: int) -> str:
        """An array of complex numbers."""
        real = Kind("float", kind.shape)
        names = scope.of_kind(kind)
        if depth <= 0 or self.chance(4):
            return self.pick(names) if names else f"({self.expression(real, scope, 0)} + 0.5j)"
        one = self.expression(self.pick([kind, kind, real]), scope, depth - 1)
        one = one if one in names else f"({one} * (1.0 + 0.25j))"
        other = self.expression(self.pick([kind, real]), scope, depth - 1)
        return f"({self.pick_text(TURNED).format(one, other)})"

    # Conditions and indices

    def test(self, scope: Scope, depth: int = 1) -> str:
        left = self.expression(NUMBER, scope, min(depth, 1))
        threshold = self.pick(["0.2", "-0.3", "0.6", "0.0"])
        plain = f"{left} {self.pick(['>', '<', '>=', '<='])} {threshold}"
        other = f"{self.expression(NUMBER, scope, 0)} < {self.pick(['0.1', '1.0'])}"
        return self.pick(
            [
                plain,
                plain,
                f"{plain} and {other}",
                f"{plain} or {other}",
                f"not {plain}",
                f"-1.0 < {left} < {threshold}",
                f"n > {self.pick(['1', '2'])}",
                f"k == {self.pick(['0', '1'])}",
            ]
        )

    def index(self, scope: Scope) -> str:
        options = ["0", "1", "2", "-1", "k"]
        for index in scope.indices:
            options += [index, f"({index} + 1) % 3", f"-{index} - 1"]
        return self.pick(options)

    def integer(self, scope: Scope) -> str:
        return self.pick([*INTEGERS[:-2], *scope.of_kind(INTEGER)])


def scope_has_complex(scope: Scope, kind: Kind) -> bool:
    return bool(scope.of_kind(Kind("complex", kind.shape)))


def without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]
