"""The methods and attributes of arrays and NumPy's scalars, and the methods of ufuncs."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused
from srcgrad.rules.ufunc_methods import UFUNCS_WITH_METHODS, UNORDERED

LINES = joined(
    passive("numpy.ndarray", "device dtype itemsize nbytes ndim shape size"),
    evaluated("numpy.ndarray", "sort partition fill put flat tolist"),
    refused(
        "it changes the shape of an array under all its names",
        "Make a new array: `x = np.resize(x, shape)`.",
        "numpy.ndarray",
        "resize",
    ),
    passive("numpy.generic", "device dtype itemsize nbytes ndim shape size"),
    owed("numpy.generic", "sort fill put resize flat"),
    evaluated("numpy.generic", "tolist"),
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
    *(
        refused(
            "NumPy 2 has taken it away",
            "Call the function of this name, or assign to an item.",
            owner,
            "itemset newbyteorder ptp tostring",
        )
        for owner in ("numpy.ndarray", "numpy.generic")
    ),
    owed("numpy.generic", "as_integer_ratio is_integer"),
    refused(
        "its results are texts or facts about integers",
        "Do it outside the function.",
        "numpy.generic",
        "fromhex hex bit_count denominator numerator",
    ),
    *(evaluated(f"numpy.{ufunc.__name__}", "at") for ufunc in UFUNCS_WITH_METHODS),
    *(
        refused(
            "the order in which it joins the elements is NumPy's own affair",
            "Loop over the elements.",
            f"numpy.{ufunc.__name__}",
            "reduce accumulate",
        )
        for ufunc in UNORDERED
    ),
    *(
        refused(
            "srcgrad knows reductions of segments only where it knows reductions",
            "Loop over the segments.",
            f"numpy.{ufunc.__name__}",
            "reduceat",
        )
        for ufunc in UNORDERED
    ),
    *(
        evaluated(f"numpy.{ufunc.__name__}", "reduceat")
        for ufunc in UFUNCS_WITH_METHODS
        if ufunc.__name__ != "add" and ufunc not in UNORDERED
    ),
)
