"""Random stores into arrays of all kinds, and views of them."""

from __future__ import annotations

from tests.random_programs.expressions import Expressions
from tests.random_programs.scope import (
    CUBE,
    LONG,
    NUMBER,
    SQUARE,
    TURNING,
    VECTOR,
    WIDE,
    Kind,
    Lines,
    Scope,
)


class Stores(Expressions):
    """Draws statements that change arrays, and new names for parts of arrays."""

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
            f"{name}[-1:0:-1] {operator} {name}[:-1]",
            f"{name}[::-2] {operator} {number}",
            f"{name}[k:] {operator} {number}",
            f"{name}[:n] {operator} {name}[:n] * 0.5",
            f"{name}[[2, 0, 2] if len({name}) > 2 else [0, 1, 0]] {operator} {number}",
            f"{name}[[True] + [False] * (len({name}) - 1)] {operator} {number}",
            f"np.add({name}, {whole}, out={name})",
            f"np.clip({name}, -0.6, 0.9, out={name})",
            f"np.cumsum({name}, axis=0, out={name})" if len(shape) == 1 else f"{name} *= {number}",
            f"np.subtract.at({name}, [1, 1, 0], {number})",
            f"np.place({name}, {name} > 0.5, [{number}, 0.25])",
            f"np.putmask({name}, {name} < 0.0, {whole})",
            f"np.copyto({name}[1:], {name}[:1])",
            f"{name}[0], {name}[-1] = {name}[-1] * 1.0, {name}[0] * 1.0",
            f"blend({name}, {whole}, rate=0.75)",
            f"blend({name}, {name}, rate={number})",
            f"blend({name}[1:], {name}[:-1], **{{'rate': 0.9}})",
            f"{name} = blend({name}, 0.5) * {name}",
            f"for row in {name}: row *= 0.75" if len(shape) > 1 else f"{name}[0] **= 2",
            f"if {name}[0].sum() > 0.2: {name}[0] {operator} {number}",
            f"{name}[...] = {name}[::-1].copy()",
            f"np.negative({name}, {name})",
            f"{name}[None][0][1:] {operator} {number}",
            f"({name} if {self.test(scope)} else {name}[::-1])[0] {operator} {number}",
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
                f"{name}[np.tril_indices(3)] {operator} {number}",
                f"{name}[np.ix_([0, 2], [1, 1])] {operator} {number}",
                f"np.matmul({name}.copy(), {whole}, out={name})",
                f"{name}[{i}] {operator} {name}[:, {i}]",
                f"{name}.reshape(3, 3)[::-1, ::-1].T[0] {operator} {part}",
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
                options += [(VECTOR, f"{name}[:, ::-2].T[0]"), (LONG, f"{name}[1:][::-1][0]")]
                options += [(SQUARE, f"np.swapaxes({name}, 0, 1)[:3].T")]
            elif kind == LONG:
                options += [(VECTOR, f"{name}[1:]"), (VECTOR, f"{name}[-2::-1]")]
            elif kind == CUBE:
                options += [
                    (WIDE, f"{name}[k % 2]"),
                    (WIDE, f"{name}[::-1][0]"),
                    (VECTOR, f"{name}[0, :, {i}]"),
                ]
            if kind.shape[0] == 3:  # type: ignore[union-attr, index]
                options += [(kind, f"{name}[None][0]"), (kind, f"{name}[[2, 0, 2]]")]
                options += [(kind, f"{name}[np.array([1, 1, k])]"), (kind, f"{name}[-1::-1]")]
                options += [(kind, f"np.asarray({name})"), (kind, f"np.swapaxes({name}, 0, 0)")]
        if not options:
            return self.assign(scope, depth)
        kind, value = self.pick(options)
        others = scope.of_kind(kind)
        if others and self.chance(5) and not self.shuns(" if "):
            value = f"{value} if {self.test(scope)} else {self.pick(others)}"
        name = self.fresh("w")
        scope.names[name] = kind
        return [f"{name} = {value}"]

    def turn(self, scope: Scope, depth: int) -> Lines:
        """A change of an array of complex numbers, or a new one."""
        names = [name for name in scope.of_kind(TURNING) if name not in scope.frozen]
        value, number = self.expression(TURNING, scope), self.expression(NUMBER, scope, 1)
        if not names or self.chance(4):
            name = self.fresh("z")
            scope.names[name] = TURNING
            return [f"{name} = {value} * (1.0 + 0.25j)"]
        name, i = self.pick(names), self.index(scope)
        real = self.expression(VECTOR, scope, 1)
        options = [
            f"{name}[{i}] *= 0.5 - {number} * 1j",
            f"{name}[{i}] = {number}",
            f"{name} *= 0.8j",
            f"{name} += {real}",
            f"{name}[1:] += {name}[:-1] * 1j",
            f"{name}.real[{i}] = {number}",
            f"{name}.imag *= {number}",
            f"{name}.imag[1:] = {real}[:2]",
            f"{name}.real = {real}",
            f"{name}[np.abs({name}) > 0.7] *= 0.5j",
            f"{name}[:] = {value}",
            f"np.multiply({name}, 1j, out={name})",
            f"np.add.at({name}, [0, 1, 1], {number} * 1j)",
            f"{name} = {name}[::-1]",
            f"{name} = np.conj({name})",
            f"{name}[[0, 1]] = {name}[[1, 0]]",
            f"{name} = {name} * 1j if {self.test(scope)} else {name}",
            f"for i in range(2): {name}[i + 1] += {name}[i] * 0.5j",
            f"for i in range(n): {name} = {name} * 0.7j + {number}",
            f"{name}[{i}], {name}[2] = {name}[2] * 1j, {name}[{i}] + 0.5",
        ]
        return [self.pick_text(options)]
