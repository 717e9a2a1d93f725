"""`numpy.fft`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import passive

LINES = passive("numpy.fft", "test")
