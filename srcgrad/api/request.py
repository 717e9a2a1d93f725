"""What the user asks for when a function is decorated."""

from __future__ import annotations

from dataclasses import dataclass

from srcgrad.api.wrt import Wrt


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for: `value` says whether the value is returned too.

    `without` names what is left out of the optimisation of the passes and of the backend.
    """

    wrt: Wrt
    value: bool
    has_aux: bool
    without: frozenset[str] = frozenset()

    @property
    def suffix(self) -> str:
        return "value_and_grad" if self.value else "grad"
