"""`numpy.linalg`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import joined, owed, passive

LINES = joined(
    owed(
        "numpy.linalg",
        "cond diagonal eig eigvals lstsq matrix_norm matrix_rank matrix_transpose svdvals "
        "tensorinv tensorsolve trace vecdot vector_norm",
    ),
    passive("numpy.linalg", "test"),
)
