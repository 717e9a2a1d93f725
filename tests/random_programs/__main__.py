"""Random programs without end: `python -m tests.random_programs`, or `make fuzz`.

Runs until interrupted, or for FUZZ_SECONDS; begins at FUZZ_SEED.  What is found is made small and
printed as a row for the corpus; the exit status says whether anything was.
"""

from __future__ import annotations

import ast
import collections
import os
import random
import sys
import time

from tests.random_programs import Outcome, RandomProgram, Verdict, examine, reduced, write_program


def main() -> int:
    seconds = float(os.environ.get("FUZZ_SECONDS", "inf"))
    seed = int(os.environ.get("FUZZ_SEED", "0"))
    start = time.monotonic()
    verdicts: collections.Counter[Verdict] = collections.Counter()
    refusals: collections.Counter[str] = collections.Counter()
    found = 0
    try:
        while time.monotonic() < start + seconds:
            program = write_program(random.Random(seed).randrange)
            outcome = examine(program)
            verdicts[outcome.verdict] += 1
            if outcome.verdict is Verdict.REFUSED:
                refusals[outcome.detail.splitlines()[0]] += 1
            if outcome.verdict is Verdict.WRONG:
                found += 1
                print(f"# seed {seed}: {outcome.detail}")
                print(as_row(smallest(program, outcome), seed), flush=True)
            seed += 1
    except KeyboardInterrupt:
        pass
    print(f"\n{seed} programs", *(f"{n} {v.value}" for v, n in verdicts.most_common()), sep="\n")
    for reason, count in refusals.most_common(40):
        print(f"{count:6d} {reason}")
    return 1 if found else 0


def smallest(program: RandomProgram, outcome: Outcome) -> RandomProgram:
    """The smallest program that goes wrong in the same way: with the same first words."""
    way = outcome.detail.split()[:3]

    def goes_wrong(smaller: RandomProgram) -> bool:
        now = examine(smaller)
        return now.verdict is Verdict.WRONG and now.detail.split()[:3] == way

    return reduced(program, goes_wrong)


def as_row(program: RandomProgram, seed: int) -> str:
    """The program as a row of the corpus, with the arguments of its first call."""
    function = ast.parse(program.source).body[-1]
    text = ast.unparse(function).replace("def program(", f"def found_at_{seed}(", 1)
    arguments = ", ".join(map(written, program.arguments()))
    return f"@program({arguments}, wrt={program.wrt})\n{text}\n"


def written(argument: object) -> str:
    return repr(argument) if isinstance(argument, (int, float)) else f"np.{argument!r}"


if __name__ == "__main__":
    sys.exit(main())
