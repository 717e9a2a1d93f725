"""What had to be decided for the evaluation to go through: integers made static, loops unrolled.

The evaluator starts out with integers and loops known only during the call.  Where it turns out
that a value is needed now (an axis, an index into a list), it asks, and the evaluation starts again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from srcgrad.graph import Value


@dataclass(slots=True)
class Decisions:
    """`static_inputs` holds expressions of arguments; `unrolled` the keys of loops."""

    static_inputs: set[str] = field(default_factory=set)
    unrolled: set[object] = field(default_factory=set)
    loop_guesses: dict[object, Any] = field(default_factory=dict)

    def sources_of(self, value: Value, evaluator: Any) -> set[tuple[str, object]]:
        """The inputs and loops that the value of an integer depends on; empty if others do too."""
        wanted: set[tuple[str, object]] = set()
        return wanted if _trace(value, evaluator, wanted) else set()

    def add(self, wanted: set[tuple[str, object]]) -> bool:
        """Take the decisions; False if all were taken before."""
        before = len(self.static_inputs) + len(self.unrolled)
        for kind, key in wanted:
            (self.static_inputs if kind == "input" else self.unrolled).add(key)  # type: ignore
        return len(self.static_inputs) + len(self.unrolled) > before


class NeedsDecision(Exception):
    """Raised to start the evaluation again with more decided."""

    def __init__(self, wanted: set[tuple[str, object]]) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def _trace(value: Value, evaluator: Any, wanted: set[tuple[str, object]]) -> bool:
    if value in evaluator.sources:
        wanted.add(evaluator.sources[value])
        return True
    origin = evaluator.captures.reader.origins.get(value)
    if origin is not None:
        given = evaluator.captures.reader.objects[value]
        if type(given) is not int:
            return False
        wanted.add(("input", origin))
        return True
    node = evaluator.definition(value)
    if node is None or not node.operands or node.regions:
        return False
    return all(
        _trace(operand, evaluator, wanted)
        for operand in node.operands
        if not hasattr(operand, "expression")
    )
