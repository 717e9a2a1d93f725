"""Runs graphs: the oracle for passes, independent of emission."""

from srcgrad.api.interpreting import interpret

__all__ = ["interpret"]
