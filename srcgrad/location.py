"""Where in the user's source something came from: file, line, column, and who called it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's source, with the chain of calls that led to it.

    `text` is the source line, stripped; `caller` is the place of the inlined call that led here.
    Columns count from 0, as in `ast`; lines count from 1.
    """

    filename: str
    line: int
    column: int = 0
    end_column: int | None = None
    function: str = ""
    text: str = ""
    caller: Location | None = None

    @property
    def short(self) -> str:
        """`model.py:41`, as comments in emitted code and errors show it."""
        return f"{self.basename}:{self.line}"

    @property
    def basename(self) -> str:
        return self.filename.replace("\\", "/").rsplit("/", 1)[-1]

    def callers(self) -> list[Location]:
        """The chain of calls, innermost first, without this place itself."""
        chain = []
        place = self.caller
        while place is not None:
            chain.append(place)
            place = place.caller
        return chain

    def describe(self) -> str:
        """The place with its source line and a caret, as errors print it."""
        column = f":{self.column + 1}"
        where = f"  {self.short}{column}"
        if self.function:
            where += f", in {self.function}"
        where += "".join(f", called from {place.short}" for place in self.callers())
        if not self.text:
            return where
        number = str(self.line)
        code = self.text.rstrip()
        indent = len(code) - len(code.lstrip())
        start = max(self.column - indent, 0)
        stop = self.end_column - indent if self.end_column is not None else start + 1
        code = code.lstrip()
        width = max(min(stop, len(code)) - start, 1)
        caret = " " * start + "^" * width
        return f"{where}\n    {number} | {code}\n    {' ' * len(number)} | {caret}"
