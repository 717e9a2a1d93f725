"""The functions of the main namespace, `numpy.lib.stride_tricks` and `numpy.emath`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused

_OUTSIDE = "Do it outside the function, and pass the result as an argument."

LINES = joined(
    evaluated(
        "numpy",
        "prod block apply_along_axis apply_over_axes astype fromfunction fromiter mask_indices "
        "piecewise poly row_stack in1d unique_all unique_counts unique_inverse",
    ),
    owed("numpy", "histogram2d histogram_bin_edges histogramdd"),
    refused(
        "it shows memory in any order that it is told",
        "Index the array, or use `np.lib.stride_tricks.sliding_window_view`.",
        "numpy.lib.stride_tricks",
        "as_strided",
    ),
    refused(
        "whether it gives real or complex numbers only the call knows",
        "Say which: `np.sqrt(x)`, or `np.sqrt(x.astype(complex))`.",
        "numpy.emath",
        "logn power",
    ),
    evaluated("numpy.emath", "arccos arcsin arctanh log log10 log2 sqrt"),
    passive(
        "numpy",
        "array2string array_repr array_str base_repr binary_repr broadcast broadcast_shapes "
        "can_cast common_type dtype einsum_path errstate finfo format_float_positional "
        "format_float_scientific get_include get_printoptions getbufsize geterr geterrcall iinfo "
        "info iscomplexobj isdtype isfortran isrealobj isscalar issubdtype iterable "
        "may_share_memory min_scalar_type mintypecode ndim printoptions promote_types "
        "result_type set_printoptions setbufsize seterr seterrcall shape shares_memory "
        "show_config show_runtime size test typename",
    ),
    passive(
        "numpy",
        "busday_count busday_offset busdaycalendar datetime64 datetime_as_string datetime_data "
        "is_busday isnat timedelta64 bytes_ character flexible generic object_ record str_ "
        "void complexfloating floating inexact integer number signedinteger unsignedinteger "
        "packbits unpackbits",
    ),
    refused(
        "it reads from or writes to files and buffers",
        _OUTSIDE,
        "numpy",
        "frombuffer fromfile fromregex fromstring from_dlpack genfromtxt load loadtxt memmap save "
        "savetxt savez savez_compressed",
    ),
    evaluated("numpy", "copyto fill_diagonal place put put_along_axis putmask"),
    refused(
        "it makes an object of another class than `numpy.ndarray`",
        "Work on plain arrays: `np.asarray(x)`.",
        "numpy",
        "asmatrix bmat matrix recarray poly1d",
    ),
    refused(
        "it walks an array element by element in an order of its own",
        "Walk the array itself, `for row in x`, or its indices, `for i in range(len(x))`.",
        "numpy",
        "flatiter nested_iters",
    ),
    evaluated("numpy", "ndarray ndenumerate ndindex nditer vectorize"),
    refused(
        "it makes a ufunc, whose results are arrays of objects",
        "Use `np.vectorize(f, otypes=[float])`, or a loop over the elements.",
        "numpy",
        "frompyfunc ufunc",
    ),
    refused(
        "numbers of more than 64 bits are not supported",
        "Use `np.float64` or `np.complex128`.",
        "numpy",
        "clongdouble complex256 float128 longdouble longlong ulonglong",
    ),
)
