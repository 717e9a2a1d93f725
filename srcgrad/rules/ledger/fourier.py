"""`numpy.fft`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import joined, owed, passive

LINES = joined(
    owed(
        "numpy.fft",
        "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 irfftn "
        "rfft rfft2 rfftfreq rfftn",
    ),
    passive("numpy.fft", "test"),
)
