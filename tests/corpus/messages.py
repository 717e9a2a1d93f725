"""What instances and numbers look like in messages: `print`, `str`, f-strings."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tests.corpus.program import numbers, program


@dataclass
class Setting:
    a: float
    b: float = 2.0
    tags: list = field(default_factory=list)
    w: float = field(default=1.0, repr=False)


class Named(NamedTuple):
    w: float
    b: float = 0.5


class Rounded:
    def __init__(s, a):
        s.a = a

    def __repr__(s):
        return f"R({s.a:.3f})"


class Stated(Rounded):
    def __str__(s):
        return "S:" + str(s.a)


class Formatted(Rounded):
    def __format__(s, spec):
        return "<" + format(float(s.a), spec or "g") + ">"


@program(numbers(3))
def instances_are_shown_as_their_classes_say(x):
    p = Setting(x[0], tags=[Named(x[1]), Rounded(x[2])])
    print(
        p,
        f"{p}",
        f"{p!r:>80}",
        [p],
        (p,),
        {"p": p, 1: (Named(x[0], 2), 3)},
        str(p),
        repr(Named(x[0])),
        sep="\n",
    )
    print(
        Rounded(x[0]),
        Stated(x[0]),
        [Stated(x[1])],
        f"{Stated(x[0])} {Stated(x[0])!r}",
        Formatted(x[0]),
        f"{Formatted(x[0])} {Formatted(x[1]):.2f}",
    )
    return p.a


@program(numbers(3))
def strings_are_joined_and_asked(x):
    s = "a" + str(x[0]) + " and " + repr(x[1]) + f"{x[2]:.1f}"
    s += "!"
    print(s, s.upper().ljust(40, "."), len(s), s.replace(".", ","), s.startswith("a"), sep="|")
    return x.sum()


@program(numbers(3))
def strings_of_many_values(x):
    print(", ".join(f"{v:.2f}" for v in x))
    print(" ".join(map(str, x)))
    print(" ".join([str(v) for v in (x[0], x[1])]))
    print([f"{v:.1f}" for v in (x[0], x[1])], [x[0], x[1]], {"a": x[0]})
    print("{} {b}".format(Rounded(x[0]), b=Named(x[0])))
    return x.sum()


@program(numbers(3))
def exceptions_are_shown(x):
    try:
        raise ValueError("bad", x[0])
    except ValueError as e:
        print(e, repr(e), f"{e}")
    try:
        raise KeyError(f"v {x[0]:.2f}")
    except KeyError as e:
        print("x", e.args[0])
    return x[0]


@program(numbers(3))
def lines_collected_in_a_loop(x):
    log = []
    for i in range(3):
        x = x * 0.9
        log.append(f"{i}: {x.sum():.4f}")
    print("\n".join(log))
    return x.sum()


@program(numbers(3))
def a_loop_that_reports(x):
    loss = 0.0
    for i, v in enumerate(x):
        loss = loss + v**2
        if i % 2 == 0:
            print("it", i, "loss", loss, "|", f"{loss:10.3e}".strip())
    return loss


@program(numbers(3))
def a_message_on_one_path(x):
    msg = "big" if x[0] > 0.5 else f"small {x[0]}"
    print(msg)
    return x.sum()
