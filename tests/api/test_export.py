"""`export` writes a module that imports numpy alone and gives the same numbers."""

import ast
import pickle
import subprocess
import sys

import numpy as np
import pytest

import srcgrad
from srcgrad import value_and_grad
from tests.differences import leaves

SCALE = 2.5
TABLE = np.array([1.0, 2.0, 3.0], np.float32)


def network(params, x, y):
    for w, b in params[:-1]:
        x = np.tanh(x @ w + b)
    w, b = params[-1]
    return np.mean((x @ w + b - y) ** 2)


def with_globals(x, n):
    total = 0.0
    for i in range(n):
        total = total + np.sum(x * TABLE) * SCALE * i
    return total


def with_a_while_loop(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def with_an_early_return(x, y):
    if x < 0:
        return y
    if y > x:
        return x * y
    return y / x


def with_unknown_shapes(x, y):
    return np.sum(x * y)


def uniform(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape)


LAYERS = [(uniform(3, 4), uniform(4)), (uniform(4, 1, seed=1), uniform(1))]
CASES = [
    (network, (LAYERS, uniform(5, 3), uniform(5, 1, seed=2)), 0),
    (with_globals, (np.ones(3), 4), 0),
    (with_a_while_loop, (2.0,), 0),
    (with_an_early_return, (1.0, 2.0), (0, 1)),
    (with_unknown_shapes, (uniform(2, 3), uniform(3, seed=1)), (0, 1)),
]
for_all = pytest.mark.parametrize(
    ("function", "arguments", "wrt"), CASES, ids=[case[0].__name__ for case in CASES]
)

# Runs the exported function with the arguments of a file and saves the results, srcgrad being
# out of reach.
RUN = """
import importlib.util, pickle, sys
sys.modules["srcgrad"] = None
spec = importlib.util.spec_from_file_location("exported", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with open(sys.argv[2], "rb") as file:
    arguments = pickle.load(file)
with open(sys.argv[2], "wb") as file:
    pickle.dump(getattr(module, sys.argv[3])(*arguments), file)
"""


@for_all
def test_the_module_gives_the_same_numbers_where_srcgrad_is_not(function, arguments, wrt, tmp_path):
    differentiated = value_and_grad(function, wrt=wrt)
    path, data = tmp_path / "exported.py", tmp_path / "arguments"
    differentiated.lower(*arguments).export(path)
    data.write_bytes(pickle.dumps(arguments))
    command = [sys.executable, "-c", RUN, path, data, f"{function.__name__}_value_and_grad"]
    subprocess.run(command, check=True, cwd=tmp_path)
    theirs = pickle.loads(data.read_bytes())
    ours = differentiated(*arguments)
    assert [np.asarray(leaf).tobytes() for leaf in leaves(theirs)] == [
        np.asarray(leaf).tobytes() for leaf in leaves(ours)
    ]


@for_all
def test_the_module_imports_numpy_alone(function, arguments, wrt, tmp_path):
    path = tmp_path / "exported.py"
    value_and_grad(function, wrt=wrt).lower(*arguments).export(path)
    tree = ast.parse(path.read_text())
    imported = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    assert set(imported) <= {"numpy", "math"}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))


@for_all
def test_the_module_reads_as_code(function, arguments, wrt, tmp_path):
    path = tmp_path / "exported.py"
    lowered = value_and_grad(function, wrt=wrt).lower(*arguments)
    lowered.export(path)
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert all(len(line) < 100 and line == line.rstrip() for line in text.splitlines())
    assert lowered.source.strip().splitlines()[-1] in text


def test_globals_become_parameters_with_their_values(tmp_path):
    path = tmp_path / "exported.py"
    value_and_grad(with_globals).lower(np.ones(3), 4).export(path)
    namespace = {}
    exec(path.read_text(), namespace)
    exported = namespace["with_globals_value_and_grad"]
    assert exported(np.ones(3), 4)[0] == with_globals(np.ones(3), 4)
    assert exported(np.ones(3), 4, SCALE=5.0)[0] == 2 * with_globals(np.ones(3), 4)


def test_a_path_may_be_a_string_and_an_old_file_is_replaced(tmp_path):
    path = tmp_path / "exported.py"
    path.write_text("old")
    value_and_grad(with_a_while_loop).lower(2.0).export(str(path))
    assert "old" not in path.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["exported.py"]


def test_a_folder_that_does_not_exist_leaves_nothing_behind(tmp_path):
    lowered = value_and_grad(with_a_while_loop).lower(2.0)
    with pytest.raises(OSError):
        lowered.export(tmp_path / "nowhere" / "exported.py")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_stand_alone_is_refused_and_writes_nothing(tmp_path):
    def noisy(x):
        logger(x)
        return x * x

    lowered = value_and_grad(noisy).lower(2.0)
    with pytest.raises(srcgrad.UnsupportedError, match="append"):
        lowered.export(tmp_path / "exported.py")
    assert list(tmp_path.iterdir()) == []


def logger(x):
    UNKNOWN(x)


UNKNOWN = [].append

EMIT = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.api import test_export as t
for function, arguments, wrt in t.CASES:
    f = t.value_and_grad(function, wrt=wrt).lower(*arguments)
    print(f.source, f.graph)
"""


@pytest.mark.slow
def test_emission_is_the_same_byte_for_byte_in_every_process(request):
    def emitted(seed):
        command = [sys.executable, "-c", EMIT, str(request.config.rootpath)]
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, check=True, capture_output=True, env=environment).stdout

    first = emitted("1")
    assert first and first == emitted("2") == emitted("77")


def test_captured_arrays_of_every_kind_are_written_to_the_last_bit(tmp_path):
    tables = {
        "REAL": np.array([[0.1, np.inf], [-np.inf, np.nan]]),
        "SINGLE": np.array([0.1, 1e-45], np.float32),
        "COMPLEX": np.array([complex(np.nan, np.inf), -0.0 - 0.0j]),
        "SWAPPED": np.array([1.0, 2.0], ">f8"),
        "WHOLE": np.array([2**62, -1]),
        "MASK": np.array([True, False]),
        "SCALAR": np.float32(0.1),
        "EMPTY": np.zeros((0, 3)),
    }

    def f(x):
        return x, (REAL, SINGLE, COMPLEX, SWAPPED, WHOLE, MASK, SCALAR, EMPTY)  # noqa: F821

    f.__globals__.update(tables)
    path = tmp_path / "exported.py"
    value_and_grad(f, has_aux=True).lower(2.0).export(path)
    namespace = {}
    exec(path.read_text(), namespace)
    (_, found), _ = namespace["f_value_and_grad"](2.0)
    for array, expected in zip(found, tables.values(), strict=True):
        assert array.dtype == expected.dtype and array.shape == expected.shape
        assert array.tobytes() == expected.tobytes()
