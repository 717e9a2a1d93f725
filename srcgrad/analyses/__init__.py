"""What passes want to know of a graph before they change it."""

from srcgrad.analyses.activity import Activity, activity

__all__ = ["Activity", "activity"]
