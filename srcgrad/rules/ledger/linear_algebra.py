"""`numpy.linalg`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import passive

LINES = passive("numpy.linalg", "test")
