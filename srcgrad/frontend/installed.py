"""Which code belongs to an installed library, and which objects never change.

A number that an installed library keeps for itself (a constant of a module, a bound in a
decorator's closure) is known now, and guarded, so that checks of arguments are decided before the
call.  Numbers of the user's own program are inputs, read anew at each call.
"""

from __future__ import annotations

import functools
import site
import sys
import sysconfig
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

_UNCHANGING_PACKAGES = (
    *("numpy", "scipy", "math", "cmath", "builtins", "operator", "functools", "itertools"),
)


@functools.lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """The directories where packages are installed."""
    paths = sysconfig.get_paths()
    found = {paths["purelib"], paths["platlib"], *site.getsitepackages()}
    return tuple(sorted(place.rstrip("/\\") for place in found))


def is_installed(globals_: Mapping[str, Any]) -> bool:
    """Are these the globals of a module of an installed library?"""
    file = globals_.get("__file__")
    return isinstance(file, str) and file.startswith(_places())


def is_unchanging_name(module: str | None) -> bool:
    return module is not None and module.split(".")[0] in _UNCHANGING_PACKAGES


def is_unchanging(owner: object) -> bool:
    """Is this a module whose functions nobody replaces (NumPy, SciPy, the standard library's own)?

    Their ufuncs and classes count too: the methods of these are made anew each time they are read.
    So do the instances that such a module offers itself (`scipy.stats.norm`).
    """
    if isinstance(owner, np.ufunc):
        return True
    if isinstance(owner, type):
        return is_unchanging_name(owner.__module__)
    if isinstance(owner, types.ModuleType):
        return is_unchanging_name(owner.__name__)
    return is_offered(owner)


def is_offered(instance: object) -> bool:
    """Does the module of its class offer this instance, and never change it?"""
    name = type(instance).__module__
    if not is_unchanging_name(name) or name in ("builtins", "numpy"):
        return False
    module = sys.modules.get(name)
    return module is not None and any(held is instance for held in vars(module).values())
