"""Where the source of a function is found: files, lambdas, notebooks, doctests, `-c`, `exec`."""

import doctest
import importlib.util
import linecache
import subprocess
import sys
import textwrap

import pytest

import srcgrad
from srcgrad import grad


def load(path, text):
    """Import a file with this text as a module."""
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def registered(text, filename):
    """The namespace of a text that is run by `exec` and known to linecache."""
    text = textwrap.dedent(text)
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace = {}
    exec(compile(text, filename, "exec"), namespace)
    return namespace


def run(*arguments, given=None, folder=None):
    done = subprocess.run(
        [sys.executable, *arguments], input=given, capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Lambdas

several = [lambda x: x, lambda x: x * x, lambda x: x * x * x, lambda x: x * x * x * x]
spread = (
    lambda x: x
    * x, lambda x: (
        x * x * x
    ),
)  # fmt: skip
nested = lambda x: (lambda y: y * y * x)(x)  # noqa: E731
with_default = lambda x, k=(lambda v: v * 2.0): k(x) * x  # noqa: E731


@pytest.mark.parametrize(("place", "slope"), [(0, 1.0), (1, 4.0), (2, 12.0), (3, 32.0)])
def test_lambdas_on_one_line_are_told_apart(place, slope):
    assert grad(several[place])(2.0) == slope


def test_lambdas_over_several_lines():
    assert grad(spread[0])(2.0) == 4.0
    assert grad(spread[1])(2.0) == 12.0


def test_a_lambda_in_a_lambda_is_the_inner_or_the_outer_one():
    assert grad(nested)(2.0) == 12.0
    assert grad(with_default)(2.0) == 8.0
    assert grad(with_default.__defaults__[0])(2.0) == 2.0


def test_lambdas_made_in_a_comprehension():
    functions = [lambda x, k=k: x * k for k in range(3)]
    assert grad(functions[2])(1.0) == 2.0


def test_a_lambda_as_an_argument_beside_others():
    def second(first, chosen, *rest):
        return chosen

    f = second(lambda x: x, lambda x: x * x, lambda x: x * 3)
    assert grad(f)(2.0) == 4.0


def test_equal_lambdas_on_one_line_close_over_their_own_values():
    def make(k):
        return lambda x: x * k

    pair = (make(2.0), make(3.0))
    assert [grad(f)(1.0) for f in pair] == [2.0, 3.0]


def test_lambdas_behind_letters_of_several_bytes():
    names = {"größe α": lambda x: x * 2.0, "日本": lambda x: x * 3.0}
    assert [grad(f)(1.0) for f in names.values()] == [2.0, 3.0]


# Functions in files


def test_functions_of_one_name_are_told_apart(tmp_path):
    module = load(
        tmp_path / "twice.py",
        """
        def f(x):
            return x * 2.0
        first = f
        def f(x):
            return x * 3.0
        if True:
            third = lambda x: x * 4.0
        """,
    )
    assert [grad(f)(1.0) for f in (module.first, module.f, module.third)] == [2.0, 3.0, 4.0]


def test_decorators_above_a_function_do_not_hide_it(tmp_path):
    module = load(
        tmp_path / "decorated.py",
        """
        import srcgrad
        def same(f):
            return f
        def option(k):
            return same
        @same
        @option(
            lambda x: x,
        )
        @srcgrad.grad
        def f(x):
            return x * x
        """,
    )
    assert module.f(3.0) == 6.0


def test_a_decorator_below_that_wraps_the_function_is_evaluated_too(tmp_path):
    module = load(
        tmp_path / "wrapped.py",
        """
        import functools
        import srcgrad
        def doubled(f):
            @functools.wraps(f)
            def g(*args, **kwargs):
                return 2.0 * f(*args, **kwargs)
            return g
        @srcgrad.grad
        @doubled
        def f(x):
            return x * x
        """,
    )
    assert module.f.primal(3.0) == 18.0
    assert module.f(3.0) == 12.0


def test_tabs_form_feeds_and_windows_line_ends(tmp_path):
    path = tmp_path / "odd.py"
    path.write_bytes(b"x = 1\r\n\x0c\r\ndef f(x):\r\n\ty = x * x\r\n\treturn y\r\n")
    spec = importlib.util.spec_from_file_location("odd", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    f = grad(module.f)
    assert f(3.0) == 6.0
    assert "odd.py:4" in f.source


def test_another_encoding(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes(
        "# coding: latin-1\ndef f(größe):\n    return größe * größe  # é\n".encode("latin-1")
    )
    spec = importlib.util.spec_from_file_location("latin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert grad(module.f)(3.0) == 6.0


def test_identifiers_that_are_not_ascii():
    def energie(größe, β):
        Δ = größe - β
        return Δ * Δ

    assert grad(energie, wrt=("größe", "β"))(3.0, 1.0) == (4.0, -4.0)


def test_a_file_that_was_edited_after_its_import_is_not_mistaken(tmp_path):
    path = tmp_path / "edited.py"
    module = load(path, "def f(x):\n    return x * x\n")
    path.write_text("# one more line\ndef f(x):\n    return x * x * x * x\n")
    linecache.checkcache()
    try:
        slope = grad(module.f)(3.0)
    except srcgrad.SourceError:
        slope = 6.0
    assert slope == 6.0


def test_a_constant_edited_in_the_file_is_not_mistaken(tmp_path):
    path = tmp_path / "constant.py"
    module = load(path, "def f(x):\n    return x * 2.0\n")
    path.write_text("def f(x):\n    return x * 3.0 \n")
    linecache.checkcache()
    with pytest.raises(srcgrad.SourceError):
        grad(module.f)(3.0)


def test_future_annotations_change_nothing(tmp_path):
    module = load(
        tmp_path / "future.py",
        """
        from __future__ import annotations
        def f(x: Nothing, y: 1 / 0 = 2.0) -> missing:
            z: AlsoNothing = x * y
            return z
        """,
    )
    assert grad(module.f)(3.0) == 2.0


def test_functions_inside_classes_functions_and_branches(tmp_path):
    module = load(
        tmp_path / "inside.py",
        """
        class Outer:
            class Inner:
                @staticmethod
                def f(x):
                    return x * x
        def make():
            try:
                def g(x):
                    return x * x * x
            finally:
                pass
            return g
        """,
    )
    assert grad(module.Outer.Inner.f)(3.0) == 6.0
    assert grad(module.make())(1.0) == 3.0


def test_private_names_of_a_class_are_mangled_as_in_python(tmp_path):
    module = load(
        tmp_path / "private.py",
        """
        class Model:
            __rate = 3.0
            def f(self, x):
                return self.__rate * x
        """,
    )
    assert grad(module.Model.f, wrt="x")(module.Model(), 2.0) == 3.0


# Text that is run by `exec`, in notebooks, doctests, and on the command line


def test_registered_text_is_found():
    f = grad(registered("def f(x):\n    return x * x\n", "<registered 1>")["f"])
    assert f(3.0) == 6.0


def test_a_cell_that_is_run_again_with_other_text():
    first = registered("def f(x):\n    return x * 2.0\n", "<cell 1>")["f"]
    assert grad(first)(1.0) == 2.0
    second = registered("def f(x):\n    return x * 3.0\n", "<cell 2>")["f"]
    assert grad(second)(1.0) == 3.0
    assert grad(first)(1.0) == 2.0


def test_text_that_nobody_kept_is_refused_and_the_way_out_is_said():
    namespace = {}
    exec("def f(x):\n    return x * x\n", namespace)
    with pytest.raises(srcgrad.SourceError, match="linecache") as error:
        grad(namespace["f"])(3.0)
    assert isinstance(error.value, OSError)


def test_text_of_another_string_is_not_mistaken():
    registered("def f(x):\n    return x * 100.0\n", "<string>")
    namespace = {}
    try:
        exec("def f(x):\n    return x * x\n", namespace)
        with pytest.raises(srcgrad.SourceError):
            grad(namespace["f"])(3.0)
    finally:
        del linecache.cache["<string>"]


PROGRAM = """\
from srcgrad import grad
f = grad(lambda x: x ** 3)
def g(x):
    return x * x
print(f(2.0), grad(g)(3.0))
"""


def test_a_program_on_the_command_line():
    assert run("-c", PROGRAM) == "12.0 6.0\n"


def test_a_program_on_the_command_line_with_arguments():
    assert run("-c", PROGRAM, "one", "two") == "12.0 6.0\n"


def test_a_script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(PROGRAM)
    assert run(path) == "12.0 6.0\n"
    assert run("-m", "script", folder=tmp_path) == "12.0 6.0\n"


def test_a_script_from_a_pipe_is_right_or_says_why():
    done = subprocess.run([sys.executable, "-"], input=PROGRAM, capture_output=True, text=True)
    assert done.stdout == "12.0 6.0\n" or "SourceError" in done.stderr


def test_an_archive_of_modules(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("inside_archive.py", "def f(x):\n    return x * x\n")
    program = (
        "import sys; sys.path.insert(0, 'archive.zip')\n"
        "import inside_archive, srcgrad\nprint(srcgrad.grad(inside_archive.f)(3.0))"
    )
    assert run("-c", program, folder=tmp_path) == "6.0\n"


def test_doctests():
    def documented():
        """
        >>> import srcgrad
        >>> @srcgrad.grad
        ... def f(x):
        ...     return x * x
        >>> f(3.0)
        6.0
        >>> srcgrad.grad(lambda x: x ** 3)(2.0)
        12.0
        """

    (test,) = doctest.DocTestFinder(recurse=False).find(documented, globs={})
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_cells_of_ipython():
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    shell.run_cell("from srcgrad import grad\ndef f(x):\n    return x * x")
    shell.run_cell("g = grad(f)\nresult = g(3.0), grad(lambda x: x ** 3)(2.0)")
    assert shell.user_ns["result"] == (6.0, 12.0)
    shell.run_cell("def helper(x):\n    return x * 2.0")
    shell.run_cell("h = grad(lambda x: helper(x))\nresult = [h(1.0)]")
    shell.run_cell("def helper(x):\n    return x * 3.0")
    shell.run_cell("result.append(h(1.0))")
    assert shell.user_ns["result"] == [2.0, 3.0]


# What is no plain function


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    yield x\n",
        "async def f(x):\n    return x\n",
        "async def f(x):\n    yield x\n",
    ],
    ids=["generator", "coroutine", "asynchronous generator"],
)
def test_generators_and_coroutines_are_refused(text):
    f = registered(text, f"<{text}>")["f"]
    with pytest.raises(srcgrad.UnsupportedError, match="generator or coroutine") as error:
        grad(f)(2.0)
    assert error.value.lineno == 1
