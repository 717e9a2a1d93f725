"""The errors that srcgrad raises: what cannot be done, where in the user's code, and the way out.

Every error reads in that order. `docs/errors.md` lists them all with an example each.
"""

from __future__ import annotations

import warnings
from typing import Any

from srcgrad.location import Location, frames_to_caller


class SrcgradError(Exception):
    """Base of all srcgrad errors.

    Attributes: `filename`, `lineno` (from 1), `column` (from 1), `construct` (the user's source
    text at fault) and `remedy`; each is None where it does not apply.
    """

    # What plain Python would raise in its place, where that is known, and how many blocks of the
    # graph were open where it was found: a `try` of the user may catch it.
    raises: type[BaseException] | None = None
    open_blocks: int | None = None

    def __init__(
        self,
        message: str,
        *,
        location: Location | None = None,
        construct: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.location = location
        self.construct = construct or (location.construct if location else None)
        self.remedy = remedy
        super().__init__(self._render())

    def _render(self) -> str:
        parts = [self.message]
        if self.location is not None:
            parts.append(self.location.describe())
        if self.remedy:
            parts += [f"  {line}" for line in self.remedy.splitlines()]
        return "\n".join(parts)

    def located(
        self, location: Location | None, construct: str | None = None, message: str | None = None
    ) -> SrcgradError:
        """This error placed at `location`, unless it already has a place."""
        if self.location is None and location is not None:
            self.location = location
            self.construct = self.construct or construct or location.construct
            self.message = message or self.message
            self.args = (self._render(),)
        return self

    @property
    def filename(self) -> str | None:
        return self.location.filename if self.location else None

    @property
    def lineno(self) -> int | None:
        return self.location.line if self.location else None

    @property
    def column(self) -> int | None:
        return self.location.column + 1 if self.location else None


OUTSIDE_REMEDY = "Compute it outside the function, and pass the result as an argument."


class UnsupportedError(SrcgradError, NotImplementedError):
    """A construct of Python or NumPy that srcgrad does not differentiate."""

    def located(
        self, location: Location | None, construct: str | None = None, message: str | None = None
    ) -> SrcgradError:
        """This error placed in the user's code, where there is always one way out at least."""
        if self.location is None and location is not None:
            self.remedy = self.remedy or OUTSIDE_REMEDY
        return super().located(location, construct, message)


class MissingRuleError(UnsupportedError):
    """A function without a derivative rule was called with an active argument."""


class ArgumentError(SrcgradError, TypeError, ValueError):
    """An argument of srcgrad or of the differentiated function is not what it must be."""


class ShapeError(ArgumentError):
    """Shapes that NumPy would refuse, found before anything has run.

    `reason` says what does not fit and `operands` the types that do not, for a message that names
    them as the user wrote them.
    """

    def __init__(self, message: str, *, reason: str = "", **rest: Any) -> None:
        self.reason = reason
        self.operands: tuple[Any, ...] = ()
        super().__init__(message, **rest)


class UndefinedError(SrcgradError, NameError):
    """A name or an attribute that Python would not find either."""


class SourceError(SrcgradError, OSError):
    """The source text of a function is not available."""


class InternalError(SrcgradError, RuntimeError):
    """A fault of srcgrad itself; carries the graph as text."""


class GradientError(SrcgradError, AssertionError):
    """`check_grads` found a derivative that is not that of the function."""


class NoGradientWarning(UserWarning):
    """The result does not depend on a `wrt` argument, so that gradient is zero."""


class SpecializationWarning(UserWarning):
    """A function keeps being compiled anew because an assumption keeps changing."""


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the line of the user's code that called srcgrad."""
    warnings.warn(message, category, stacklevel=frames_to_caller() + 1)
