"""What a random program may name at one place: each name has a kind, so that the program runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Choose = Callable[[int], int]  # a number from 0 up to, but not including, the one given
Shape = tuple[int, ...]
Lines = list[str]

ROWS, COLUMNS, LAYERS = 3, 4, 2
SHAPES: tuple[Shape, ...] = (
    (ROWS,),
    (COLUMNS,),
    (ROWS, ROWS),
    (ROWS, COLUMNS),
    (LAYERS, ROWS, COLUMNS),
)


@dataclass(frozen=True)
class Kind:
    """A number or an array: `dtype` is float, complex or int; `shape` is None for numbers.

    Numbers are Python's or NumPy's, whichever an expression gives.
    """

    dtype: str
    shape: Shape | None = None


NUMBER = Kind("float")
INTEGER = Kind("int")
VECTOR, LONG = Kind("float", (ROWS,)), Kind("float", (COLUMNS,))
SQUARE, WIDE = Kind("float", (ROWS, ROWS)), Kind("float", (ROWS, COLUMNS))
CUBE = Kind("float", (LAYERS, ROWS, COLUMNS))
TURNING = Kind("complex", (ROWS,))
KINDS = (NUMBER, *(Kind("float", shape) for shape in SHAPES))


@dataclass(frozen=True)
class ListOf:
    """A list with at least one item, all of one kind."""

    item: Kind


@dataclass(frozen=True)
class Fields:
    """A dict or an instance with items of known kinds; `form` spells the reading of one.

    `methods` are calls that change it.
    """

    form: str
    items: tuple[tuple[str, Kind], ...]
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function defined in the program, with the kinds of its parameters and its result."""

    parameters: tuple[Kind, ...]
    result: Kind


@dataclass(frozen=True)
class Generator:
    """A generator function defined in the program: its parameter's kind and that of its items."""

    parameter: Kind
    item: Kind


Held = Kind | ListOf | Fields | Function | Generator


@dataclass
class Scope:
    """The names at one place; `index` are loop variables from 0 to 2, `in_loop` allows `break`.

    `frozen` names may be read, but not bound anew.
    """

    names: dict[str, Held] = field(default_factory=dict)
    indices: tuple[str, ...] = ()
    in_loop: bool = False
    frozen: frozenset[str] = frozenset()

    def inner(self, **changes: Any) -> Scope:
        values = {"indices": self.indices, "in_loop": self.in_loop, "frozen": self.frozen}
        return Scope(dict(self.names), **{**values, **changes})

    def of_kind(self, kind: Held) -> list[str]:
        return [name for name, held in self.names.items() if held == kind]

    def of_type(self, type_: type) -> list[str]:
        return [name for name, held in self.names.items() if isinstance(held, type_)]

    def arrays(self) -> list[str]:
        """The names of real arrays."""
        kinds = [(n, k) for n, k in self.names.items() if isinstance(k, Kind)]
        return [n for n, k in kinds if k.shape is not None and k.dtype == "float"]


# Each program does without most of these, so that one of them that srcgrad refuses, or does wrong,
# does not hide the rest (swarm testing: Groce et al., ISSTA 2012).
RARE = (
    "try", "with", "raise", "np.fft", ".flat[", ".fill(", "np.copyto", "out=", "np.add.at",
    ".at(", "where=", "np.put", "np.split", ".real", ".sort()", "fill_diagonal", ".insert(",
    ".pop()", "np.linalg", "np.median", "lambda", ":=", "else:", "Pair(", "dict(", "1j", "while",
    "break", "return", "zip(", "enumerate(", " if ", "Cell(", "yield", "nonlocal", "match",
    "blend(", "swapaxes", "np.ix_", "np.einsum", "[k:", ":n]", "[n:", "initial=", "np.pad",
    "np.convolve", ".update(", "for key", " or ", "np.place", "partial(", "*[", "reduce(",
)  # fmt: skip


class Chooser:
    """Draws choices, and numbers the names that it makes up."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self._made = 0
        self._shunned = [words for words in RARE if choose(3)]

    def shuns(self, text: str) -> bool:
        return any(words in text for words in self._shunned)

    def pick_text(self, options: Sequence[str]) -> str:
        """One of these, without what this program does without."""
        return self.pick([text for text in options if not self.shuns(text)] or options)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.choose(len(options))]

    def chance(self, one_in: int) -> bool:
        return self.choose(one_in) == one_in - 1

    def fresh(self, stem: str) -> str:
        self._made += 1
        return f"{stem}{self._made}"
