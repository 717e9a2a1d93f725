"""The methods and attributes of arrays and NumPy's scalars, and the methods of ufuncs."""

from __future__ import annotations

import numpy as np

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused

# The ufuncs that have methods: of two arguments and one result, element by element.
UFUNCS_WITH_METHODS = tuple(
    name
    for name, item in sorted(vars(np).items())
    if isinstance(item, np.ufunc)
    and (item.nin, item.nout, item.signature, item.__name__) == (2, 1, None, name)
)

LINES = joined(
    passive("numpy.ndarray", "device dtype itemsize nbytes ndim shape size"),
    evaluated("numpy.ndarray", "sort partition fill put flat"),
    owed("numpy.ndarray", "tolist view"),
    refused(
        "it changes the shape of an array under all its names",
        "Make a new array: `x = np.resize(x, shape)`.",
        "numpy.ndarray",
        "resize",
    ),
    passive("numpy.generic", "device dtype itemsize nbytes ndim shape size"),
    owed("numpy.generic", "sort tolist view fill put resize flat"),
    *(
        refused(
            "it shows the memory of an array as bytes",
            "Do it outside the function.",
            owner,
            "base byteswap data dump dumps flags getfield setfield setflags strides "
            "to_device tobytes tofile",
        )
        for owner in ("numpy.ndarray", "numpy.generic")
    ),
    refused(
        "it shows the memory of an array as bytes",
        "Do it outside the function.",
        "numpy.ndarray",
        "ctypes",
    ),
    owed("numpy.generic", "as_integer_ratio is_integer"),
    refused(
        "its results are texts or facts about integers",
        "Do it outside the function.",
        "numpy.generic",
        "fromhex hex bit_count denominator numerator",
    ),
    *(owed(f"numpy.{name}", "reduce accumulate outer reduceat") for name in UFUNCS_WITH_METHODS),
    *(evaluated(f"numpy.{name}", "at") for name in UFUNCS_WITH_METHODS),
)
