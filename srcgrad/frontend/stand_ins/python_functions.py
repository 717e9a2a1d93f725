"""Functions of `operator` and `cmath`, and methods of arrays that give lists, written out."""

from __future__ import annotations

import cmath
import math
from typing import Any


def setitem(a: Any, b: Any, c: Any, /) -> Any:
    a[b] = c


def delitem(a: Any, b: Any, /) -> Any:
    del a[b]


def call(obj: Any, /, *args: Any, **kwargs: Any) -> Any:
    return obj(*args, **kwargs)


def iconcat(a: Any, b: Any, /) -> Any:
    a += b
    return a


def count_of(a: Any, b: Any, /) -> Any:
    count = 0
    for item in a:
        if item is b or item == b:
            count += 1
    return count


def index_of(a: Any, b: Any, /) -> Any:
    for place, item in enumerate(a):
        if item is b or item == b:
            return place
    raise ValueError("sequence.index(x): x not in sequence")


def length_hint(obj: Any, default: Any = 0, /) -> Any:
    return len(obj)


def polar(z: Any, /) -> Any:
    return abs(z), cmath.phase(z)


def rect(r: Any, phi: Any, /) -> Any:
    return complex(r * math.cos(phi), r * math.sin(phi))


def tolist(x: Any) -> Any:
    if x.ndim == 0:
        return x.item()
    if x.ndim == 1:
        return [number.item() for number in x]
    return [tolist(row) for row in x]
