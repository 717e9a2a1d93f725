"""The ledger: exactly one statement about every public callable, and a page that shows them."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from srcgrad.frontend.calls import EVALUATED
from srcgrad.frontend.normal_calls import ON_COMPLEX_NUMBERS, OTHER_NAMES
from srcgrad.frontend.stand_ins import METHODS_OF_ARRAYS, STAND_INS
from srcgrad.frontend.writing_calls import WRITING_FUNCTIONS, WRITING_METHODS
from srcgrad.rules import find_primitive
from srcgrad.rules.ledger import Kind, ledger_lines, resolve, statement_of
from srcgrad.rules.random import DISTRIBUTIONS
from srcgrad.rules.ufunc_methods import UFUNCS_WITH_METHODS
from tests.rules.contents import chapters

CHAPTERS = chapters()
PAGE = Path(__file__).parents[2] / "docs" / "numpy.md"
PAGE_IS_OF = "2.4"
# Functions that only older or newer versions of NumPy or Python have.
OF_SOME_VERSIONS = {
    *("numpy.trapz", "numpy.in1d", "numpy.row_stack", "numpy.float128", "numpy.complex256"),
    *("math.cbrt", "math.exp2", "math.fma", "math.sumprod", "operator.call"),
    *("numpy.unstack", "numpy.cumulative_sum", "numpy.cumulative_prod"),
    *(
        f"numpy.{owner}.{name}"
        for owner in ("ndarray", "generic")
        for name in ("itemset", "newbyteorder", "ptp", "tostring")
    ),
    *("numpy.matvec", "numpy.vecmat", "numpy.random.get_bit_generator"),
    *("numpy.ndarray.device", "numpy.ndarray.to_device", "numpy.generic.device"),
    *("numpy.generic.to_device", "numpy.random.set_bit_generator"),
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_there_is_a_statement_about_every_public_callable(chapter) -> None:
    assert [name for name in CHAPTERS[chapter] if statement_of(name) is None] == []


def test_no_function_has_both_a_line_and_rules() -> None:
    lines = ledger_lines().items()
    without_rules = [name for name, line in lines if line.kind is not Kind.DIFFERENTIABLE]
    assert [name for name in without_rules if _has_rules(name)] == []


def _has_rules(name: str) -> bool:
    return find_primitive(resolve(name)) is not None


def test_every_line_is_about_something_that_there_is() -> None:
    listed = {name for names in CHAPTERS.values() for name in names} | OF_SOME_VERSIONS
    assert [name for name in ledger_lines() if name not in listed] == []


def test_what_is_said_to_be_evaluated_as_in_python_is() -> None:
    said = [name for name, line in ledger_lines().items() if line.kind is Kind.DIFFERENTIABLE]
    assert [name for name in said if not _is_evaluated(name)] == []


def _is_evaluated(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    if owner in ("numpy.ndarray", "numpy.generic"):
        return last in (*WRITING_METHODS, *METHODS_OF_ARRAYS, "flat")
    if owner.startswith("numpy.polynomial"):
        return True  # read as source: tests/numpy_calls
    if name.startswith("numpy.random."):
        return DISTRIBUTIONS[last].vjp is not None
    tables = (EVALUATED, WRITING_FUNCTIONS, STAND_INS, OTHER_NAMES, ON_COMPLEX_NUMBERS)
    is_here = resolve(name) is not None
    return (
        not is_here or last in ("at", "reduceat") or any(resolve(name) in table for table in tables)
    )


def test_refusals_have_a_reason_and_a_remedy() -> None:
    refusals = [line for line in ledger_lines().values() if line.kind is Kind.REFUSED]
    assert all(line.reason and line.remedy.endswith(".") for line in refusals)


def page() -> str:
    """`docs/numpy.md`: the ledger, chapter by chapter, with counts."""
    statements = {
        chapter: {name: statement_of(name) for name in names} for chapter, names in CHAPTERS.items()
    }
    parts = [_HEAD]
    rows = [_counts(chapter, found) for chapter, found in statements.items()]
    parts.append("\n".join([_TABLE_HEAD, *rows]) + "\n")
    for chapter, found in statements.items():
        parts.append(f"## `{chapter}`\n")
        parts += _chapter(found)
    return "\n".join(parts)


_HEAD = """\
# What srcgrad knows of NumPy

Every public callable of NumPy, and of Python's `math`, `cmath`, `operator` and builtins, stands
here under what becomes of it in a gradient.  The lists are those of NumPy 2.4 and Python 3.11; what
other versions have besides is covered as well.

- **differentiable**: it has a derivative, and srcgrad has it;
- **piecewise constant**: its derivative is zero almost everywhere, and nothing flows back;
- **passive**: no numbers flow through it that could have a derivative;
- **refused**: a gradient through it is an error before anything runs; the reason is given.

`numpy.ma`, `char`, `strings`, `rec`, `testing`, `typing`, `ctypeslib`, `exceptions` and `dtypes`
are left out as wholes: they hold masked, text and record arrays, and what serves tests and types.
"""
_TABLE_HEAD = """\
| chapter | differentiable | piecewise constant | passive | refused |
|---|---|---|---|---|"""


def _counts(chapter, found) -> str:
    counts = Counter(line.kind for line in found.values())
    cells = " | ".join(str(counts[kind]) for kind in Kind)
    return f"| `{chapter}` | {cells} |"


def _chapter(found) -> list[str]:
    parts = []
    for kind in Kind:
        names = [name for name, line in found.items() if line.kind is kind]
        if names and kind is not Kind.REFUSED:
            parts.append(f"**{kind.value.capitalize()}**: {_listing(names)}\n")
    reasons = dict.fromkeys(line.reason for line in found.values() if line.kind is Kind.REFUSED)
    for reason in reasons:
        names = [name for name, line in found.items() if line.reason == reason]
        parts.append(f"**Refused**, because {reason}: {_listing(names)}\n")
    return parts


def _listing(names) -> str:
    return ", ".join(f"`{_short(name)}`" for name in names)


def _short(name) -> str:
    """`inv` in its chapter; a method with its class, `add.reduce`."""
    parts = name.split(".")
    is_method = getattr(np, parts[-2], None) in UFUNCS_WITH_METHODS
    return ".".join(parts[-2:] if is_method else parts[-1:])


@pytest.mark.skipif(np.__version__[:3] != PAGE_IS_OF, reason=f"the page shows NumPy {PAGE_IS_OF}")
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the page shows Python 3.11")
def test_the_page_is_up_to_date(pytestconfig) -> None:
    if pytestconfig.getoption("update_cases"):
        PAGE.write_text(page(), "utf-8")
    else:
        assert PAGE.read_text("utf-8") == page()
