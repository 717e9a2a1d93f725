"""Random statements: stores of all kinds, containers, branches, loops, functions, exceptions."""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs.expressions import Expressions
from tests.random_programs.scope import (
    INTEGER,
    NUMBER,
    SHAPES,
    Fields,
    Function,
    Kind,
    ListOf,
    Scope,
)

VECTOR, SQUARE, WIDE = Kind("float", (3,)), Kind("float", (3, 3)), Kind("float", (3, 4))
LONG, CUBE = Kind("float", (4,)), Kind("float", (2, 3, 4))
KINDS = (NUMBER, *(Kind("float", shape) for shape in SHAPES))
Lines = list[str]


class Statements(Expressions):
    """Draws blocks of statements; names that a statement makes are added to the scope."""

    def block(self, scope: Scope, depth: int, most: int = 3) -> Lines:
        lines: Lines = []
        for _ in range(1 + self.choose(most)):
            lines += self.statement(scope, depth)
        return lines

    def statement(self, scope: Scope, depth: int) -> Lines:
        kinds: list[Callable[[Scope, int], Lines]] = [
            self.assign,
            self.assign,
            self.store,
            self.store,
            self.view,
            self.augment,
            self.swap,
            self.containers,
            self.containers,
        ]
        if depth:
            kinds += [self.branch, self.branch, self.for_loop, self.for_loop]
            kinds += [self.function, self.comprehension]
            others = (("while", self.while_loop), ("try", self.attempt), ("with", self.context))
            kinds += [kind for words, kind in others if not self.shuns(words)]
        if scope.in_loop:
            kinds += [self.jump]
        return self.pick(kinds)(scope, depth)

    # Names and arrays

    def assign(self, scope: Scope, depth: int) -> Lines:
        kind = self.pick(KINDS)
        value = self.expression(kind, scope)
        olds = [name for name in scope.of_kind(kind) if name not in scope.frozen]
        if olds and self.chance(2):
            return [f"{self.pick(olds)} = {value}"]
        name = self.fresh("v")
        if kind == NUMBER and self.chance(4) and not self.shuns(":="):
            lines = [f"if ({name} := {value}) > 0.1:", f"    {name} = {name} * 0.5"]
        elif self.chance(5):
            second = self.fresh("v")
            lines = [f"{name} = {second} = {value}"]
            scope.names[second] = kind
        else:
            lines = [f"{name} = {value}"]
        scope.names[name] = kind
        return lines

    def swap(self, scope: Scope, depth: int) -> Lines:
        kind = self.pick(KINDS)
        names = [name for name in scope.of_kind(kind) if name not in scope.frozen]
        if len(names) < 2:
            return self.augment(scope, depth)
        one, other = self.pick(names), self.pick(names)
        value = self.pick([one, self.expression(kind, scope, 1)])
        return [f"{one}, {other} = {other}, {value}"]

    def augment(self, scope: Scope, depth: int) -> Lines:
        kind = self.pick(KINDS)
        names = [name for name in scope.of_kind(kind) if name not in scope.frozen]
        if not names:
            return self.store(scope, depth)
        operator = self.pick(["+=", "-=", "*=", "/="])
        value = self.expression(kind if self.chance(2) else NUMBER, scope, 1)
        value = f"(2.0 + np.cos({value}))" if operator == "/=" else f"np.tanh({value})"
        return [f"{self.pick(names)} {operator} {value}"]

    def store(self, scope: Scope, depth: int) -> Lines:
        names = scope.arrays()
        if not names:
            return self.assign(scope, depth)
        name = self.pick(names)
        shape = scope.names[name].shape or ()
        i, j = self.index(scope), self.index(scope)
        operator = self.pick(["=", "=", "+=", "-=", "*="])
        number, row = self.expression(NUMBER, scope, 1), Kind("float", shape[1:])
        part = self.expression(row if len(shape) > 1 else NUMBER, scope, 1)
        whole = self.expression(scope.names[name], scope, 1)
        options = [
            f"{name}[{'k % 2' if len(shape) == 3 else i}] {operator} {part}",
            f"{name}[:] {operator} {whole}",
            f"{name}[...] {operator} np.tanh({whole})",
            f"{name}[::-1] {operator} {whole}",
            f"{name}[1:] {operator} {name}[:-1]",
            f"{name}[:-1] {operator} np.sin({name}[1:])",
            f"{name}[{name} > 0.4] {operator} {number}",
            f"{name}[{name} < -0.5] *= 0.5",
            f"{name}.flat[{i}] = {number}",
            f"{name}[1 - 1], {name}[1] = {name}[1] * 0.5, {name}[0] * 0.5",
            f"np.multiply({name}, 0.5, out={name})",
            f"np.add.at({name}, [0, 1, 1], 0.25 * {number})",
            f"{name}[[0, 1]] {operator} {name}[[1, 0]]",
            f"{name}.fill({number})",
            f"np.copyto({name}, {whole})",
            f"{name}.sort()",
            f"np.multiply({name}, {number}, out={name}, where={name} > 0.3)",
            f"np.divide({number}, {name}, out={name}, where=abs({name}) > 0.4)",
            f"np.copyto({name}, {whole}, where={name} < 0.2)",
            f"np.tanh({whole}, out={name}[...])",
            f"np.multiply.at({name}, [0, 1, 1], np.tanh({number}))",
            f"np.maximum.at({name}, [0, 1, 1], {number})",
            f"np.put({name}, [2, 0, 2], {number})",
            f"{name}.flat[::2] *= {number}",
            f"{name}.real[{i}] = {number}",
        ]
        if len(shape) > 1:
            last = self.expression(Kind("float", shape[-2:-1]), scope, 1)
            options += [
                f"{name}[..., {i}] {operator} {last}",
                f"{name}[-1, 1:{shape[1]}] {operator} {number}",
                f"{name}.T[{i}] {operator} {number}",
                f"{name}.ravel()[{i}] {operator} {number}",
                f"{name}[0, {i}] {operator} {number}",
                f"np.split({name}, [1])[0][0] {operator} {part}",
                f"{name}.T.flat[{i}] = {number}",
                f"{name}.reshape(-1)[1:4] {operator} {self.expression(VECTOR, scope, 1)}",
            ]
        if shape == (3, 3):
            options += [
                f"np.fill_diagonal({name}, {number})",
                f"{name}[{i}, {j}] {operator} {number}",
                f"{name}[[0, 1, 2], [0, 1, 2]] {operator} {self.expression(VECTOR, scope, 1)}",
                f"{name}[{i}], {name}[{j}] = {name}[{j}].copy(), {name}[{i}].copy()",
            ]
        return [self.pick_text(options)]

    def view(self, scope: Scope, depth: int) -> Lines:
        options = []
        i = self.index(scope)
        for name in scope.arrays():
            kind = scope.names[name]
            options += [(kind, name), (kind, f"{name}[::-1]"), (kind, f"{name}[:]")]
            if kind == SQUARE:
                options += [(SQUARE, f"{name}.T"), (VECTOR, f"{name}[{i}]")]
                options += [(VECTOR, f"{name}[:, {i}]"), (VECTOR, f"{name}.reshape(9)[3:6]")]
            elif kind == WIDE:
                options += [(LONG, f"{name}[{i}]"), (VECTOR, f"{name}[:, {i}]")]
                options += [(SQUARE, f"{name}[:, 1:]"), (VECTOR, f"{name}.T[{i}]")]
            elif kind == LONG:
                options += [(VECTOR, f"{name}[1:]"), (VECTOR, f"{name}[-2::-1]")]
            elif kind == CUBE:
                options += [(WIDE, f"{name}[k % 2]"), (VECTOR, f"{name}[0, :, {i}]")]
        if not options:
            return self.assign(scope, depth)
        kind, value = self.pick(options)
        others = scope.of_kind(kind)
        if others and self.chance(5) and not self.shuns(" if "):
            value = f"{value} if {self.test(scope)} else {self.pick(others)}"
        name = self.fresh("w")
        scope.names[name] = kind
        return [f"{name} = {value}"]

    # Containers

    def containers(self, scope: Scope, depth: int) -> Lines:
        lists, fields = scope.of_type(ListOf), scope.of_type(Fields)
        if not lists or self.chance(5):
            kind = self.pick(KINDS[:3])
            items = [self.expression(kind, scope, 1) for _ in range(1 + self.choose(3))]
            name = self.fresh("l")
            scope.names[name] = ListOf(kind)
            return [f"{name} = [{', '.join(items)}]"]
        if not fields or self.chance(4):
            return self.record(scope)
        return self.pick([self.list_change, self.field_change])(scope)

    def list_change(self, scope: Scope) -> Lines:
        name = self.pick(scope.of_type(ListOf))
        kind = scope.names[name].item  # type: ignore[union-attr]
        value = self.expression(kind, scope, 1)
        options = [
            [f"{name}.append({value})"],
            [f"{name}[0] = {value}"],
            [f"{name}[-1] = {value}"],
            [f"{name}.insert(0, {value})"],
            [f"{name}.reverse()"],
            [f"{name} += [{value}]"],
            [f"{name}.extend([{value}, {value}])"],
            [f"if len({name}) > 1:", f"    {name}.pop()"],
            [f"{name}[0] += {value}"],
            [f"{name} = [item * 0.5 for item in {name}]"],
            [f"{name} = {name}[::-1] + [{value}]"],
        ]
        if kind.shape is not None:
            options += [[f"for q in {name}:", f"    q *= {self.expression(NUMBER, scope, 1)}"]]
            options += [[f"{name}[-1][0] = 0.5"]]
        return self.pick([lines for lines in options if not self.shuns("".join(lines))])

    def record(self, scope: Scope) -> Lines:
        first, second = self.pick(KINDS[:3]), self.pick(KINDS[:3])
        one, other = self.expression(first, scope, 1), self.expression(second, scope, 1)
        name = self.fresh("r")
        forms = [
            ("{}['{}']", f"{{'p': {one}, 'q': {other}}}"),
            ("{}.{}", f"Pair({one}, {other})"),
            ("{}['{}']", f"dict(p={one}, q={other})"),
        ]
        form, text = self.pick(
            [(form, text) for form, text in forms if not self.shuns(text)] or forms[:1]
        )
        scope.names[name] = Fields(form, (("p", first), ("q", second)))
        return [f"{name} = {text}"]

    def field_change(self, scope: Scope) -> Lines:
        name = self.pick(scope.of_type(Fields))
        fields: Fields = scope.names[name]  # type: ignore[assignment]
        key, kind = self.pick(fields.items)
        place = fields.form.format(name, key)
        operator = self.pick(["=", "+=", "*="])
        value = self.expression(kind, scope, 1)
        if kind.shape is not None and self.chance(2):
            return [f"{place}[0] {operator} 0.5"]
        return [f"{place} {operator} {value}"]

    # Control flow

    def branch(self, scope: Scope, depth: int) -> Lines:
        lines = [f"if {self.test(scope)}:", *self.nested(scope, depth)]
        if self.chance(3):
            lines += [f"elif {self.test(scope)}:", *self.nested(scope, depth)]
        if self.chance(2):
            lines += ["else:", *self.nested(scope, depth)]
        return lines

    def nested(self, scope: Scope, depth: int) -> Lines:
        return indented(self.block(scope.inner(), depth - 1, 2))

    def jump(self, scope: Scope, depth: int) -> Lines:
        leave = f"return {self.expression(NUMBER, scope, 1)}"
        word = self.pick_text(["continue", "break", leave])
        return [f"if {self.test(scope)}:", f"    {word}"]

    def for_loop(self, scope: Scope, depth: int) -> Lines:
        i, item = self.fresh("i"), self.fresh("q")
        inner = scope.inner(in_loop=True)
        heads: list[tuple[str, tuple[str, ...], dict[str, Kind]]] = [
            (f"for {i} in range(3):", (i,), {}),
            (f"for {i} in range(n):", (i,), {}),
            (f"for {i} in range(2, -1, -1):", (i,), {}),
            (f"for {i} in range(k, 3):", (i,), {}),
        ]
        for name in scope.arrays():
            kind = scope.names[name]
            row = Kind("float", kind.shape[1:] or None)  # type: ignore[union-attr]
            heads.append((f"for {item} in {name}:", (), {item: row}))
            if kind.shape[0] <= 3:  # type: ignore[union-attr, index]
                heads.append((f"for {i}, {item} in enumerate({name}):", (i,), {item: row}))
            for other in scope.of_kind(kind)[:1]:
                second = self.fresh("q")
                pair = {item: row, second: row}
                heads.append((f"for {item}, {second} in zip({name}, {other}):", (), pair))
        for name in scope.of_type(ListOf):
            kind = scope.names[name].item  # type: ignore[union-attr]
            heads.append((f"for {item} in list({name}):", (), {item: kind}))
        head, indices, items = self.pick([head for head in heads if not self.shuns(head[0])])
        inner.indices += indices
        inner.names.update(items)
        lines = [head, *indented(self.calm(scope) + self.block(inner, depth - 1, 2))]
        if self.chance(5) and not self.shuns("else:"):
            lines += ["else:", *self.nested(scope, depth)]
        return lines

    def calm(self, scope: Scope) -> Lines:
        """Keeps what a loop changes of moderate size."""
        numbers = [n for n in scope.of_kind(NUMBER) if n not in scope.frozen]
        return [f"{name} = np.tanh({name})" for name in numbers[:2]]

    def while_loop(self, scope: Scope, depth: int) -> Lines:
        count = self.fresh("c")
        inner = scope.inner(in_loop=True)
        body = indented(self.calm(scope) + self.block(inner, depth - 1, 2))
        test = self.pick(
            [f"{count} < n", f"{count} < 4 and ({self.test(scope)})", f"{count} < 3", "True"]
        )
        lines = [f"{count} = 0", f"while {test}:", f"    {count} += 1"]
        if test == "True":
            lines += [f"    if {count} > 3 or {self.test(scope)}:", "        break"]
        return lines + body

    # Functions, exceptions, contexts

    def function(self, scope: Scope, depth: int) -> Lines:
        name = self.fresh("f")
        kinds = tuple(self.pick(KINDS) for _ in range(1 + self.choose(2)))
        result = self.pick(KINDS)
        names = [self.fresh("p") for _ in kinds]
        inner = scope.inner(in_loop=False, frozen=frozenset(scope.names), indices=())
        inner.names = {n: kind for n, kind in inner.names.items() if self.chance(2)}
        inner.names.update(zip(names, kinds))
        form = self.choose(4)
        if form == 0 and not self.shuns("lambda"):
            value = self.expression(result, inner)
            lines = [f"{name} = lambda {', '.join(names)}: {value}"]
        elif form == 1:
            value = self.expression(result, inner, 1)
            depth_name = self.fresh("d")
            given = ", ".join(names)
            lines = [
                f"def {name}({given}, {depth_name}=2):",
                f"    if {depth_name} == 0:",
                f"        return {value}",
                f"    return 0.5 * {name}({given}, {depth_name} - 1) + {value}",
            ]
        else:
            body = self.block(inner, min(depth - 1, 1), 2)
            lines = [f"def {name}({', '.join(names)}):", *indented(body)]
            lines += [f"    return {self.expression(result, inner, 1)}"]
        scope.names[name] = Function(kinds, result)
        return lines

    def attempt(self, scope: Scope, depth: int) -> Lines:
        body = self.block(scope.inner(), depth - 1, 2)
        failing = self.pick(
            [
                [f"if {self.test(scope)}:", "    raise ValueError('too large')"],
                [f"assert {self.test(scope)}"],
                ["pass"],
            ]
        )
        handler = self.block(scope.inner(), depth - 1, 1)
        lines = ["try:", *indented(body + failing)]
        lines += ["except (ValueError, AssertionError):", *indented(handler)]
        if self.chance(3):
            lines += ["finally:", *indented(self.block(scope.inner(in_loop=False), 0, 1))]
        return lines

    def context(self, scope: Scope, depth: int) -> Lines:
        if self.chance(4) and not self.shuns("raise"):
            return [f"if {self.test(scope)}:", "    raise ValueError(f'not with {n}')"]
        return ["with np.errstate(all='ignore'):", *self.nested(scope, depth)]

    def comprehension(self, scope: Scope, depth: int) -> Lines:
        i = self.fresh("i")
        inner = scope.inner(indices=(*scope.indices, i), in_loop=False)
        kind = self.pick(KINDS[:3])
        value = self.expression(kind, inner, 1)
        name = self.fresh("l")
        text = self.pick(
            [
                f"[{value} for {i} in range(3)]",
                f"[{value} for {i} in range(3) if {i} != 1]",
                f"list({value} for {i} in range(n))",
                f"[{value} for {i} in range(2) for _ in range(2)]",
            ]
        )
        scope.names[name] = ListOf(kind)
        if kind.shape is None and self.chance(2):
            scope.names[name] = NUMBER
            return [f"{name} = sum({value} for {i} in range(n))"]
        return [f"{name} = {text}"]


def indented(lines: Lines) -> Lines:
    return ["    " + line for line in lines]


__all__ = ["INTEGER", "KINDS", "Statements", "indented"]
