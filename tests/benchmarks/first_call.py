"""What a first call costs, and what the guards of later calls cost: the programs of tests/cases.

Prints, for each program, the time to compile its gradient (parse, differentiate, optimise, emit,
load), and the time per call through the guards beside that of the emitted function itself.

    python -m tests.benchmarks.first_call
"""

from __future__ import annotations

import os
import statistics
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

# One BLAS thread: two on two cores mislead as soon as anything else runs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from srcgrad import value_and_grad
from tests.cases import last_function, read_cases

PROGRAMS = Path(__file__).parents[1] / "cases" / "programs.case"
COMPILATIONS = 7
SECONDS_PER_TIMING = 0.05


def time_per_call(call: Callable[[], Any]) -> float:
    """The least time per call, in seconds, of several batches."""
    count = max(1, int(SECONDS_PER_TIMING / max(timeit.timeit(call, number=1), 1e-7)))
    return min(timeit.repeat(call, number=count, repeat=5)) / count


def time_to_compile(gradient: Any, arguments: list[Any]) -> float:
    """The median time, in seconds, of a call that compiles, less that of one that does not."""
    taken = []
    for _ in range(COMPILATIONS):
        gradient.cache_clear()
        start = time.perf_counter()
        gradient(*arguments)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) - time_per_call(lambda: gradient(*arguments))


def report(title: str, function: Callable[..., Any], arguments: list[Any]) -> None:
    gradient = value_and_grad(function)
    compiling = time_to_compile(gradient, arguments)
    run = gradient.specializations[-1].run
    guarded = time_per_call(lambda: gradient(*arguments))
    bare = time_per_call(lambda: run(*arguments))
    print(
        f"{title:<66} {compiling * 1e3:9.1f} {bare * 1e6:9.2f} {guarded * 1e6:9.2f} "
        f"{(guarded - bare) * 1e9:9.0f}"
    )


def scalar(x: float, y: float) -> float:
    return x * y + x


def main() -> None:
    columns = ("compile ms", "code µs", "call µs", "guards ns")
    print(f"{'program':<66} " + " ".join(f"{name:>9}" for name in columns))
    report("two scalars", scalar, [1.5, 2.0])
    for case in read_cases(PROGRAMS):
        namespace = case.namespace()
        arguments = list(case.arguments(namespace).values())
        report(case.title, last_function(case, namespace), arguments)


if __name__ == "__main__":
    main()
