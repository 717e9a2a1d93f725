"""Random statements: stores of all kinds, containers, branches, loops, functions, exceptions."""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs.scope import (
    KINDS,
    NUMBER,
    TURNING,
    Fields,
    Function,
    Generator,
    Kind,
    Lines,
    ListOf,
    Scope,
)
from tests.random_programs.stores import Stores


class Statements(Stores):
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
            kinds += [self.function, self.comprehension, self.choice, self.early_return]
            others = (("while", self.while_loop), ("try", self.attempt), ("with", self.context))
            kinds += [kind for words, kind in others if not self.shuns(words)]
        if scope.of_kind(TURNING) or self.chance(12):
            kinds += [self.turn] * 3
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
            [f"{name}[0], {name}[-1] = {name}[-1], {name}[0]"],
            [f"{name} = [*{name}, {value}]"],
            [f"{name} = [item for item in {name} if np.sum(item) > -0.2] + [{value}]"],
            [f"{name}.append({name}[0])"],
            [f"{name} = {name} * 2"],
            [f"{name}[-1:] = [{value}]"],
            [f"{name}.append({name}.pop(0))"],
            [f"while len({name}) < 3:", f"    {name}.append({value} * 0.5)"],
            [f"{name} = list(map(lambda item: item * 0.5, {name}))"],
            [f"{name}.sort(key=np.sum)"],
            [f"if len({name}) > 1:", f"    del {name}[0]"],
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
        if self.chance(2) and not self.shuns("Cell("):
            return self.cell(name, first, one, scope)
        form, text = self.pick(
            [(form, text) for form, text in forms if not self.shuns(text)] or forms[:1]
        )
        scope.names[name] = Fields(form, (("p", first), ("q", second)))
        return [f"{name} = {text}"]

    def cell(self, name: str, kind: Kind, value: str, scope: Scope) -> Lines:
        """An instance of a class with methods that change it."""
        methods = ["{0}.step({1})", "{0}.scale(0.75)", "{0}.scale(0.9).step({1})", "{0}.h *= 0.5"]
        methods += ["{0}.c += {0}({2})", "{0}.c = {0}.energy * 0.25", "{0}.h = {0}.seen[-1] * 0.5"]
        start = self.expression(NUMBER, scope, 1)
        scope.names[name] = Fields("{}.{}", (("h", kind), ("c", NUMBER)), tuple(methods))
        return [f"{name} = Cell({value}, {start})", f"{name}.step(0.25)"]

    def field_change(self, scope: Scope) -> Lines:
        name = self.pick(scope.of_type(Fields))
        fields: Fields = scope.names[name]  # type: ignore[assignment]
        key, kind = self.pick(fields.items)
        if fields.methods and self.chance(2):
            value = self.expression(self.pick([fields.items[0][1], NUMBER]), scope, 1)
            method = self.pick(fields.methods)
            return [method.format(name, value, self.expression(NUMBER, scope, 1))]
        if "[" in fields.form and self.chance(4):
            return self.dict_change(name, fields, scope)
        place = fields.form.format(name, key)
        operator = self.pick(["=", "+=", "*="])
        value = self.expression(kind, scope, 1)
        if kind.shape is not None and self.chance(2):
            return [f"{place}[0] {operator} 0.5"]
        return [f"{place} {operator} {value}"]

    def dict_change(self, name: str, fields: Fields, scope: Scope) -> Lines:
        kind, new = self.pick(KINDS[:3]), self.fresh("e")
        value = self.expression(kind, scope, 1)
        known = Fields(fields.form, (*fields.items, (new, kind)))
        options: list[tuple[Fields, Lines]] = [
            (known, [f"{name}['{new}'] = {value}"]),
            (known, [f"{name}.update({new}={value})"]),
            (known, [f"{name} = {{**{name}, '{new}': {value}}}"]),
            (fields, [f"for key in {name}:", f"    {name}[key] = {name}[key] * 0.5"]),
            (fields, [f"for key, value in {name}.items():", f"    {name}[key] = value * 0.75"]),
            (fields, [f"{name} = {{key: value * 0.5 for key, value in {name}.items()}}"]),
        ]
        scope.names[name], lines = self.pick(
            [option for option in options if not self.shuns(option[1][0])] or options[:1]
        )
        return lines

    # Control flow

    def choice(self, scope: Scope, depth: int) -> Lines:
        """`match` of an integer or a pair."""
        if self.shuns("match"):
            return self.branch(scope, depth)
        head = self.pick(["k", "(n, k)", "n if k else 0"])
        case = "(2, _)" if head.startswith("(") else "0 | 2"
        lines = [f"match {head}:", f"    case {case}:"]
        lines += indented(self.nested(scope, depth))
        other = self.pick(["_", f"_ if {self.test(scope)}"])
        return [*lines, f"    case {other}:", *indented(self.nested(scope, depth))]

    def early_return(self, scope: Scope, depth: int) -> Lines:
        if self.shuns("return"):
            return self.branch(scope, depth)
        leave = f"return {self.expression(NUMBER, scope, 1)}"
        return [f"if {self.test(scope)}:", *self.nested(scope, depth), f"    {leave}"]

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
            heads.append((f"for {item} in {name}[::-1]:", (), {item: kind}))
        for name in scope.of_type(Generator):
            made: Generator = scope.names[name]  # type: ignore[assignment]
            given = self.expression(made.parameter, scope, 1)
            heads.append((f"for {item} in {name}({given}):", (), {item: made.item}))
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
        arrays = [name for name in scope.arrays() if name not in scope.frozen]
        if arrays and self.chance(3):
            name = self.pick(arrays)
            lines[1] = f"while {count} < 5 and np.sum({name} ** 2) > 0.4:"
            lines += [self.pick([f"    {name} *= 0.6", f"    {name} = {name} * 0.7"])]
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
        form = self.choose(8)
        if form == 4 and not self.shuns("yield"):
            return self.generator(name, kinds[0], names[0], inner, scope, depth)
        if form == 5:
            return self.late_closures(scope)
        if form == 6 and not self.shuns("nonlocal"):
            return self.counter(name, scope)
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

    def generator(
        self, name: str, kind: Kind, parameter: str, inner: Scope, scope: Scope, depth: int
    ) -> Lines:
        inner.names = {n: held for n, held in inner.names.items() if n != parameter}
        inner.names[parameter] = kind
        item = self.pick(KINDS[:3])
        body = self.block(inner, min(depth - 1, 1), 1)
        loop = self.pick(["for turn in range(2):", "for turn in range(n):", "if k > 0:"])
        value = self.expression(item, inner, 1)
        last = [f"yield {self.expression(item, inner, 1)}"] if self.chance(2) else []
        scope.names[name] = Generator(kind, item)
        lines = [f"def {name}({parameter}):", *indented(body)]
        return [*lines, f"    {loop}", f"        yield {value}", *indented(last)]

    def late_closures(self, scope: Scope) -> Lines:
        """Functions that read their loop variable when they are called, or when they are made."""
        functions, kept = self.fresh("f"), self.fresh("l")
        inner = scope.inner(in_loop=False)
        inner.names["q0"] = NUMBER
        value = self.expression(NUMBER, inner, 1)
        number = self.expression(NUMBER, scope, 1)
        parameter = self.pick(["q0", "q0, j=j"])
        scope.names[kept] = ListOf(NUMBER)
        return [
            f"{functions} = [lambda {parameter}: {value} * (j + 1) for j in range(3)]",
            f"{kept} = [f({number}) for f in {functions}]",
        ]

    def counter(self, name: str, scope: Scope) -> Lines:
        """A function that binds a variable of the function around it."""
        held, parameter = self.fresh("v"), self.fresh("p")
        start = self.expression(NUMBER, scope, 1)
        inner = scope.inner(in_loop=False, frozen=frozenset(scope.names), indices=())
        inner.names[parameter] = inner.names[held] = NUMBER
        lines = [f"{held} = {start}", f"def {name}({parameter}):", f"    nonlocal {held}"]
        lines += [f"    {held} = {self.expression(NUMBER, inner, 1)}"]
        lines += [f"    return {held} * 0.5"]
        scope.names[held] = NUMBER
        scope.names[name] = Function((NUMBER,), NUMBER)
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
        name, last = self.fresh("l"), self.expression(kind, scope, 0)
        text = self.pick(
            [
                f"[{value} for {i} in range(3)]",
                f"[{value} for {i} in range(3) if {i} != 1]",
                f"list({value} for {i} in range(n))",
                f"[{value} for {i} in range(2) for _ in range(2)]",
                f"[w for {i} in range(3) if np.sum(w := {value}) > -0.3] + [{last}]",
                f"list({{{i}: {value} for {i} in range(2)}}.values())",
                f"[*map(lambda {i}: {value}, range(2))]",
            ]
        )
        scope.names[name] = ListOf(kind)
        if kind.shape is None and self.chance(2):
            scope.names[name] = NUMBER
            return [f"{name} = sum({value} for {i} in range(n))"]
        return [f"{name} = {text}"]


def indented(lines: Lines) -> Lines:
    return ["    " + line for line in lines]
