"""Which specialisation serves a call: guards, generated as code."""

from srcgrad.cache.growth import what_changes
from srcgrad.cache.guards import Selector, build_dispatcher, selector

__all__ = ["Selector", "build_dispatcher", "selector", "what_changes"]
