"""Fourier transforms: rules against NumPy's results and differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, normal, row

REAL, COMPLEX = normal(6), normal(6, dtype=complex)
STACK, ODD = normal(2, 4, 6), normal(3, 5, dtype=complex)
ALL = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft, np.fft.rfft, np.fft.ihfft]
BOTH = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft]
FOR_REAL = [np.fft.rfft, np.fft.ihfft]

ROWS = [
    *(row(function, x) for function in BOTH for x in (REAL, COMPLEX, normal(5, dtype=complex))),
    *(row(function, x) for function in FOR_REAL for x in (REAL, normal(5))),
    *(row(function, STACK, axis=1) for function in ALL),
    *(row(function, STACK, n=4, axis=0) for function in ALL),
    *(row(function, REAL, n) for function in ALL for n in (3, 4, 8, 9)),
    *(row(function, REAL, norm=norm) for function in ALL for norm in ("ortho", "forward")),
    *(row(function, normal(6, dtype="f4")) for function in ALL),
    *(row(function, ODD) for function in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)),
    *(row(function, STACK) for function in (np.fft.fftn, np.fft.rfftn, np.fft.rfft2)),
    *(row(function, STACK) for function in (np.fft.irfftn, np.fft.irfft2)),
    row(np.fft.fftn, STACK, s=(3, 8), axes=(0, 2), norm="ortho"),
    row(np.fft.ifftn, STACK, axes=(0, 2)),
    row(np.fft.rfftn, STACK, s=(3, 8), axes=(0, 2), norm="ortho"),
    row(np.fft.irfftn, STACK, s=(3, 8), axes=(0, 2), norm="forward"),
    row(np.fft.irfftn, ODD, axes=(0,)),
    row(np.fft.fft2, STACK, s=(2, 9), axes=(-1, 0)),
    row(np.fft.fftshift, STACK),
    row(np.fft.fftshift, normal(5), axes=0),
    row(np.fft.ifftshift, normal(3, 5), axes=(1,)),
    row("both_halves", normal(2, 4, dtype=complex), n=6, axis=-1),
    row("both_halves", normal(4, 2, dtype=complex), n=7, axis=0),
    row(np.fft.fftfreq, 5, 0.5),
    row(np.fft.fftfreq, 6, 0.5),
    row(np.fft.rfftfreq, 6, 0.5),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)
