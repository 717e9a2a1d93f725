"""Printed source parses back to the tree it was printed from, in lines that fit."""

import ast
import warnings

import pytest

from srcgrad.backends.numpy.printing import print_module
from srcgrad.backends.numpy.wrapping import LINE_LENGTH

_EXPRESSIONS = """
a * b + c
a * (b + c)
a - (b - c)
a - b - c
a / b * c
a / (b * c)
-x ** 2
(-x) ** 2
2.0 ** -x
-(a * b)
not a < b
(a if c else b) + 1
a if c else b
x @ w + b - y
(x @ w).T
(-x).T
x.sum(axis=0)[i, 1:-1]
x[:, None]
x[..., ::-1]
x[(i + 1) % 3]
np.stack([a, b])
f(*args, **kwargs)
(a, b)
a and (b or c)
a or b and c
(a < b) & (c < d)
(1 + 2j) * x
1e-12
{'a': 1, 'b': [2, 3]}
lambda x: x + 1
"""


@pytest.mark.parametrize("text", _EXPRESSIONS.strip().splitlines())
def test_expressions_come_back_as_they_were(text):
    tree = ast.parse(f"y = {text}")
    source, _ = print_module(tree.body)
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(f"y = {text}"))


@pytest.mark.parametrize(
    "text", ["a * b + c", "x @ w + b - y", "-x ** 2", "a / b * c", "not a < b"]
)
def test_no_parenthesis_is_printed_that_is_not_needed(text):
    source, _ = print_module(ast.parse(f"y = {text}").body)
    assert source == f"y = {text}\n"


@pytest.mark.parametrize(
    "text",
    [
        "print(f\"loss {x:.3f} {y!r} {{}} {'a'}\")",
        "print(f'{x:{width}}')",
        'print("it\'s", \'say "x"\', "tab\\t")',
    ],
)
def test_strings_come_back_as_they_were(text):
    source, _ = print_module(ast.parse(text).body)
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(text))


_LONG = [
    "total = " + " + ".join(f"weight_{k} * value_{k}" for k in range(12)),
    "total = np.concatenate((" + ", ".join(f"array_number_{k}" for k in range(14)) + "), axis=0)",
    "return " + ", ".join(f"d_parameter_{k}" for k in range(15)),
    "(" + ", ".join(f"(w_{k}, b_{k})" for k in range(16)) + ") = params",
    "a[i] += " + " * ".join(f"some_factor_{k}" for k in range(10)),
    "if " + " and ".join(f"is_true(value_{k}, other_{k})" for k in range(2)) + ":\n        pass",
    "value = scale * np.sum(" + " - ".join(f"weight_{k} ** 2" for k in range(12)) + ")",
]


@pytest.mark.parametrize("text", _LONG)
def test_long_lines_are_broken_without_a_change_of_meaning(text):
    tree = ast.parse(f"def f():\n    {text}")
    source, _ = print_module(tree.body)
    assert max(map(len, source.splitlines())) <= LINE_LENGTH
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(f"def f():\n    {text}"))


def test_printing_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source, _ = print_module(
            ast.parse("def f(a, *, b=1):\n    'doc'\n    return f'{a}', -1").body
        )
    assert source == 'def f(a, *, b=1):\n    """doc"""\n    return f\'{a}\', -1\n'
