"""Calls whose results, exceptions and effects are compared, and what is said where they differ."""

from __future__ import annotations

import copy
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

# What a program may raise of its own accord.
OWN_EXCEPTIONS = (ValueError, AssertionError, IndexError, ZeroDivisionError, OverflowError)


class Mistake(BaseException):
    """What srcgrad did is wrong."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """A mistake where the body computes for longer than this, however busy the machine is."""

    def stop(*_: object) -> None:
        raise Mistake(f"takes more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    # Again each second: where an object is taken down, the first exception is lost.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass(frozen=True)
class Run:
    """One call: what came back or was raised, and the arguments afterwards."""

    result: Any
    raised: Exception | None
    arguments: tuple[Any, ...]


def run(function: Any, arguments: Sequence[Any]) -> Run:
    given = copy.deepcopy(tuple(arguments))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Run(function(*given), None, given)
        except Exception as error:
            return Run(None, error, given)
