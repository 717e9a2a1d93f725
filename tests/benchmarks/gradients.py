"""Gradients of many programs, timed side by side: srcgrad, an expert's hand, Autograd and JAX.

Every contender's gradient is compared with the one by hand before anything is timed.  Contenders
take turns, so that a busy machine slows all alike; the least time of each counts.  JAX and Autograd
run where they are installed, on the programs that they can run.

    python -m tests.benchmarks.gradients [--size small] [--kind training] [--only lstm]
                                         [--source] [--write docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import platform
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# One BLAS thread: two on two cores mislead as soon as anything else runs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import srcgrad
from tests.benchmarks.workloads import SIZES, WORKLOADS, Workload

ROUNDS = 7
SECONDS_PER_ROUND = 0.02
PEERS = ("autograd", "jax")


@dataclass
class Measured:
    """Seconds per call of each contender, and why one does not run."""

    workload: Workload
    size: str
    seconds: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def ratio(self, contender: str) -> float | None:
        """How many times as long as the gradient by hand."""
        found = self.seconds.get(contender)
        return None if found is None else found / self.seconds["by hand"]


def contenders(workload: Workload) -> Iterator[tuple[str, Callable[[], Callable[..., Any]]]]:
    """The name of each contender and what makes its gradient."""
    yield "srcgrad", lambda: srcgrad.grad(workload.primal, wrt=workload.wrt)
    if workload.functional:
        yield from ((peer, lambda peer=peer: _peers_gradient(peer, workload)) for peer in PEERS)


def _peers_gradient(peer: str, workload: Workload) -> Callable[..., Any]:
    """The gradient of the same program by a tracer, with its NumPy in place of NumPy."""
    package = importlib.import_module(peer)
    numpy = importlib.import_module(f"{peer}.numpy")
    primal = _with_numpy(workload.primal, numpy)
    if peer == "autograd":
        return package.grad(primal, workload.wrt)
    package.config.update("jax_enable_x64", True)
    static = [k for k, x in enumerate(workload.arguments("small")) if type(x) is int]
    compiled = package.jit(package.grad(primal, workload.wrt), static_argnums=static)
    return lambda *arguments: package.block_until_ready(compiled(*arguments))


def _with_numpy(function: types.FunctionType, numpy: types.ModuleType) -> types.FunctionType:
    """The function, and those of its module that it calls, with another module as `np`."""
    namespace: dict[str, Any] = dict(function.__globals__, np=numpy)
    for name, value in function.__globals__.items():
        if isinstance(value, types.FunctionType) and value.__module__ == function.__module__:
            namespace[name] = types.FunctionType(value.__code__, namespace, name)
    return types.FunctionType(function.__code__, namespace, function.__name__)


def measure(workload: Workload, size: str) -> Measured:
    """Check the gradients of all contenders against the one by hand, then time them in turns."""
    measured = Measured(workload, size)
    arguments = workload.arguments(size)
    expected = leaves(workload.by_hand(*arguments))
    running = {"primal": workload.primal, "by hand": workload.by_hand}
    for name, make in contenders(workload):
        try:
            gradient = make()
            found = leaves(gradient(*arguments))
        except Exception as error:  # whatever a contender raises is its answer
            measured.refused[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-9, err_msg=name)
        running[name] = gradient
    measured.seconds = time_in_turns(running, arguments)
    return measured


def time_in_turns(
    running: dict[str, Callable[..., Any]], arguments: Sequence[Any]
) -> dict[str, float]:
    """The least seconds per call of each, over rounds in which each has its turn."""
    counts = {}
    for name, function in running.items():
        start = time.perf_counter()
        function(*arguments)
        counts[name] = max(1, int(SECONDS_PER_ROUND / (time.perf_counter() - start)))
    best = dict.fromkeys(running, math.inf)
    for _ in range(ROUNDS):
        for name, function in running.items():
            repeat = range(counts[name])
            start = time.perf_counter()
            for _ in repeat:
                function(*arguments)
            best[name] = min(best[name], (time.perf_counter() - start) / counts[name])
    return best


def leaves(tree: Any) -> list[np.ndarray]:
    """The arrays in nested tuples and lists, those of peers as NumPy's."""
    if isinstance(tree, (tuple, list)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [np.asarray(tree)]


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


# The report

COLUMNS = ("primal", "srcgrad", *PEERS)


def row(measured: Measured) -> str:
    cells = []
    for name in COLUMNS:
        ratio = measured.ratio(name)
        cells.append("" if ratio is None else f"{ratio:.2f}")
    time_by_hand = f"{measured.seconds['by hand'] * 1e6:.1f}"
    title = measured.workload.name.replace("_", " ")
    return f"| {title} | {measured.size} | {time_by_hand} | {' | '.join(cells)} |"


def summary(all_measured: Sequence[Measured]) -> list[str]:
    """srcgrad / by hand, the geometric mean of each kind at each size."""
    lines = ["| kind | " + " | ".join(SIZES) + " |", "|---|" + "---|" * len(SIZES)]
    kinds = list(dict.fromkeys(measured.workload.kind for measured in all_measured))
    for kind in (*kinds, "all"):
        cells = []
        for size in SIZES:
            ratios = [
                ratio
                for measured in all_measured
                if measured.size == size and kind in (measured.workload.kind, "all")
                if (ratio := measured.ratio("srcgrad")) is not None
            ]
            cells.append(f"{geometric_mean(ratios):.2f}" if ratios else "")
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--kind")
    parser.add_argument("--only", help="a part of a workload's name")
    parser.add_argument("--source", action="store_true", help="print the emitted gradients too")
    parser.add_argument("--write", type=Path, help="write the tables to this Markdown file")
    options = parser.parse_args()
    chosen = [
        workload
        for workload in WORKLOADS
        if options.kind in (None, workload.kind) and (options.only or "") in workload.name
    ]
    print(f"| program | size | by hand, µs | {' | '.join(COLUMNS)} |")
    print("|---|---|" + "---:|" * (1 + len(COLUMNS)))
    found = []
    for workload in chosen:
        for size in options.size or SIZES:
            measured = measure(workload, size)
            found.append(measured)
            print(row(measured), flush=True)
            for name, reason in measured.refused.items():
                print(f"    {name}: {reason}", file=sys.stderr)
        if options.source:
            gradient = srcgrad.grad(workload.primal, wrt=workload.wrt)
            print(gradient.lower(*workload.arguments("small")).source)
    lines = summary(found)
    print("\n".join(["", *lines]))
    if options.write:
        write(options.write, found, lines)


def write(path: Path, found: Sequence[Measured], lines: Sequence[str]) -> None:
    machine = f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}"
    table = [f"| program | size | by hand, µs | {' | '.join(COLUMNS)} |"]
    table += ["|---|---|" + "---:|" * (1 + len(COLUMNS)), *map(row, found)]
    path.write_text(
        "# Benchmarks\n\nTimes of gradients as multiples of one written by hand in NumPy, one "
        f"thread; {machine}.\n`make bench` measures them.\n\n## srcgrad / by hand, geometric "
        "means\n\n" + "\n".join(lines) + "\n\n## Every program\n\n" + "\n".join(table) + "\n"
    )


if __name__ == "__main__":
    main()
