"""Where in the user's source something came from: file, line, column, and who called it."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType, TracebackType

_PACKAGE = str(Path(__file__).parent)
_GENERATED = "<srcgrad"
_CELL = re.compile(r"<ipython-input-(\d+)-")


@dataclass(frozen=True, slots=True)
class Context:
    """A `with` around code: its expression, the module that this needs, what is run on entering."""

    expression: str
    module: str | None = None
    setup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's source, with the chain of calls that led to it.

    `text` is the source line, stripped; `caller` is the place of the inlined call that led here.
    `contexts` are those in which what comes from here has to run, outermost first.
    Columns count characters from 0; lines count from 1.
    """

    filename: str
    line: int
    column: int = 0
    end_column: int | None = None
    function: str = ""
    text: str = ""
    caller: Location | None = None
    contexts: tuple[Context, ...] = ()

    @property
    def short(self) -> str:
        """`model.py:41`, as comments in emitted code and errors show it."""
        return f"{self.basename}:{self.line}"

    @property
    def basename(self) -> str:
        """The file without its folder; for the cell of a notebook, `In[3]` or `cell`."""
        numbered = _CELL.match(self.filename)
        if numbered:
            return f"In[{numbered[1]}]"
        *folders, name = self.filename.replace("\\", "/").split("/")
        return "cell" if folders and folders[-1].startswith("ipykernel_") else name

    @property
    def construct(self) -> str | None:
        """The piece of source text that the place covers, as far as it is on the first line."""
        return self.text[self.column : self.end_column].strip() or None

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
        for short, places in groupby(place.short for place in self.callers()):
            times = len(list(places))
            where += f", called from {short}" + (f" ({times} times)" if times > 1 else "")
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


# What stands behind the lines of generated code, by the name of its file.
_ORIGINS: dict[str, Mapping[int, Location]] = {}


def remember_origins(filename: str, lines: Mapping[int, Location]) -> None:
    """Let exceptions in generated code name the user's lines from which it was made."""
    _ORIGINS[filename] = lines


def note_origin(error: BaseException) -> None:
    """Add to an exception from generated code a note with the user's line, unless it has one."""
    place = _origin(error.__traceback__)
    if place is None:
        return
    note = place.describe()
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def _origin(traceback: TracebackType | None) -> Location | None:
    """The user's line behind the innermost line of generated code that has one."""
    found = None
    while traceback is not None:
        lines = _ORIGINS.get(traceback.tb_frame.f_code.co_filename, {})
        found = lines.get(traceback.tb_lineno, found)
        traceback = traceback.tb_next
    return found


def frames_to_caller() -> int:
    """How many frames above the calling function the user's code begins."""
    frame = sys._getframe(1)
    count = 0
    while frame.f_back is not None and _belongs_to_srcgrad(frame):
        frame = frame.f_back
        count += 1
    return count


def caller_location() -> Location:
    """The place in the user's code that called srcgrad."""
    frame = sys._getframe(frames_to_caller())
    code = frame.f_code
    line, _, column, end = list(code.co_positions())[frame.f_lasti // 2]
    text = linecache.getline(code.co_filename, line or frame.f_lineno, frame.f_globals)
    name = "" if code.co_name == "<module>" else code.co_qualname
    return Location(code.co_filename, line or frame.f_lineno, column or 0, end, name, text.rstrip())


def _belongs_to_srcgrad(frame: FrameType) -> bool:
    filename = frame.f_code.co_filename
    return filename.startswith((_PACKAGE, _GENERATED))
