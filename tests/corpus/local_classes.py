"""Classes that are defined in the differentiated function itself."""

import abc
import dataclasses
import enum
import functools
from dataclasses import dataclass, field
from typing import ClassVar, Generic, NamedTuple, TypeVar

import numpy as np

from tests.corpus.program import numbers, program


class GlobalBase:
    rate = 2.0

    def __init__(self, w):
        self.w = w

    def run(self):
        return self.act(self.w).sum() * self.rate

    def act(self, v):
        return v


@program(numbers(3))
def methods_see_themselves(x):
    class P:
        """doc"""

        k = 2.0

        def __init__(self, a):
            self.a = a
            self.__h = 3.0

        def f(self):
            return self.a * self.k * self.__h

    p = P(x)
    return p.f().sum()


@program(numbers(3))
def methods_capture_late(x):
    scale = 1.0

    class P:
        def f(self, v):
            return v * scale

    p = P()
    scale = 3.0
    return p.f(x).sum()


@program(numbers(3))
def a_class_variable_computed_from_the_argument(x):
    w = x * 2

    class M:
        bias = w.sum()

        def __call__(self, v):
            return w @ v + self.bias + M.bias

    return M()(x)


@program(numbers(3))
def a_dataclass_that_steps(x):
    @dataclass
    class S:
        pos: float
        vel: float = 0.5
        hist: list = field(default_factory=list)
        n: ClassVar[int] = 3

        def energy(self):
            return 0.5 * self.vel**2 + self.pos

        def step(self, dt):
            self.hist.append(self.pos)
            self.pos = self.pos + dt * self.vel
            self.vel = self.vel - dt * self.pos

    s = S(x[0], vel=x[1])
    for _ in range(4):
        s.step(0.1)
    return s.energy() + sum(s.hist) * S.n


@program(numbers(3))
def a_frozen_ordered_dataclass(x):
    @dataclass(frozen=True, order=True)
    class S:
        a: np.ndarray | float
        b: "float" = x[0]

        def moved(self, d):
            return dataclasses.replace(self, a=self.a + d)

    s = S(x[1]).moved(2.0)
    return s.a * s.b * (2 if S(x[0]) < S(x[1]) else 3)


@program(numbers(3))
def a_dataclass_with_slots_by_keyword(x):
    @dataclass(slots=True, kw_only=True)
    class S:
        a: float
        b: float = 2.0

    s = S(a=x[0])
    s.b = s.a * 2
    return s.a * s.b


@program(numbers(3))
def a_named_tuple_with_methods(x):
    class P(NamedTuple):
        w: np.ndarray
        b: float = 0.5

        def f(self, v):
            return self.w @ v + self.b

        @property
        def n(self):
            return len(self.w)

    p = P(x)
    q = p._replace(b=x[0])
    w, b = q
    return p.f(x) + q.f(w) * b * p.n


@program(numbers(3))
def an_enumeration_that_is_walked(x):
    class Mode(enum.Enum):
        A = 1
        B = 2

        def apply(self, v):
            return v**self.value

        @property
        def twice(self):
            return self.value * 2

    s = 0.0
    for m in Mode:
        s = s + m.apply(x).sum() * m.twice
    return s * (2 if Mode(1) is Mode.A else 3)


@program(numbers(3))
def an_enumeration_of_numbers(x):
    class Mode(enum.IntEnum):
        A = enum.auto()
        B = enum.auto()

    return x[Mode.B] * Mode.A


@program(numbers(3))
def inheritance_of_local_classes(x):
    class Base:
        def __init__(self, w):
            self.w = w

        def f(self):
            return self.w.sum()

    class Child(Base):
        def __init__(self, w, k):
            super().__init__(w)
            self.k = k

        def f(self):
            return super().f() * self.k

    return Child(x, 2.0).f() * isinstance(Child(x, 1), Base)


@program(numbers(3))
def a_local_class_of_a_global_base(x):
    class C(GlobalBase):
        def act(self, v):
            return np.tanh(v) * x[0]

    return C(x).run()


@program(numbers(3))
def an_abstract_base(x):
    class L(abc.ABC):
        @abc.abstractmethod
        def f(self, v): ...
        def __call__(self, v):
            return self.f(v)

    class D(L):
        def f(self, v):
            return v * 2

    try:
        L()
        k = 0
    except TypeError:
        k = 1
    return D()(x).sum() * k


@program(numbers(3))
def properties_and_methods_of_each_kind(x):
    class T:
        def __init__(self, c):
            self._c = c

        @property
        def f(self):
            return self._c * 1.8 + 32

        @f.setter
        def f(self, v):
            self._c = (v - 32) / 1.8

        @staticmethod
        def sq(v):
            return v * v

        @classmethod
        def of(cls, f):
            t = cls(0.0)
            t.f = f
            return t

        @functools.cached_property
        def big(self):
            return self._c**2

    t = T.of(x[0])
    t.f = t.f * 2
    return t._c * T.sq(x[1]) + t.big


@program(numbers(3))
def operators_of_a_local_class(x):
    class V:
        def __init__(self, a, b):
            self.a, self.b = a, b

        def __add__(s, o):
            return V(s.a + o.a, s.b + o.b)

        def __mul__(s, k):
            return V(s.a * k, s.b * k)

        __rmul__ = __mul__

        def __matmul__(s, o):
            return s.a * o.a + s.b * o.b

        def __iter__(s):
            yield s.a
            yield s.b

        def __len__(s):
            return 2

        def __getitem__(s, i):
            return (s.a, s.b)[i]

        def __eq__(s, o):
            return s.a == o.a

        def __repr__(s):
            return f"V({s.a:.2f})"

    v = V(x[0], x[1])
    w = 2.0 * v + v
    a, b = w
    return (w @ v) * a + b * len(v) + w[1]


@program(numbers(3))
def dual_numbers(x):
    class Dual:
        def __init__(self, v, d=0.0):
            self.v, self.d = v, d

        def __mul__(self, o):
            o = o if isinstance(o, Dual) else Dual(o)
            return Dual(self.v * o.v, self.v * o.d + self.d * o.v)

    y = Dual(x[0], 1.0) * Dual(x[1]) * 3.0
    return y.v * y.d


@program(numbers(3))
def class_variables_that_change(x):
    class C:
        n = 0
        items = []

        def __init__(self, v):
            C.n += 1
            self.items.append(v)

    for i in range(3):
        C(x[i])
    return C.n * sum(C.items)


@program(numbers(3))
def a_descriptor(x):
    class Pos:
        def __set_name__(self, o, n):
            self.n = "_" + n

        def __get__(self, o, t=None):
            return getattr(o, self.n)

        def __set__(self, o, v):
            setattr(o, self.n, v * 2)

    class D:
        w = Pos()

        def __init__(self, w):
            self.w = w

    d = D(x[0])
    d.w = d.w * x[1]
    return d.w


@program(numbers(3))
def slots(x):
    class S:
        __slots__ = ("a", "b")

        def __init__(self, a):
            self.a = a
            self.b = a * 2

    return S(x[0]).b


@program(numbers(3))
def an_exception_to_leave_a_loop(x):
    class Stop(Exception):
        pass

    s = 0.0
    try:
        for v in x:
            if v > 1.0:
                raise Stop
            s += v * v
    except Stop:
        s += 10 * x[0]
    return s


@program(numbers(3))
def a_context_manager(x):
    class Ctx:
        def __enter__(self):
            self.k = 2.0
            return self

        def __exit__(self, *a):
            self.k = 0.0

    with Ctx() as c:
        y = x.sum() * c.k
    return y + c.k


@program(numbers(3))
def a_class_made_by_a_helper(x):
    def make(v):
        class P:
            def __init__(self):
                self.v = v

            def f(self):
                return self.v**2

        return P()

    return make(x[0]).f() + make(x[1]).f()


@program(numbers(3))
def an_instance_in_a_loop(x):
    class Acc:
        def __init__(self):
            self.s = 0.0

        def add(self, v):
            self.s += v * v

    a = Acc()
    for v in x:
        a.add(v)
    return a.s


@program(numbers(3))
def an_instance_in_a_loop_that_the_data_ends(x):
    class Acc:
        def __init__(self):
            self.s = 0.0
            self.n = 0

        def add(self, v):
            self.s = self.s + v * v
            self.n += 1

    a = Acc()
    while a.s < 20:
        a.add(x[0] * 2)
    return a.s


@program(numbers(3))
def a_generic_class(x):
    T = TypeVar("T")

    class Box(Generic[T]):
        def __init__(self, v):
            self.v = v

        def map(self, f):
            return Box(f(self.v))

    return Box[float](x).map(np.sin).v.sum()


@program(numbers(3))
def a_registry_by_init_subclass(x):
    class Base:
        reg = {}

        def __init_subclass__(cls, **k):
            Base.reg[cls.__name__] = cls

    class A(Base):
        def f(self, v):
            return v

    class B(Base):
        def f(self, v):
            return v * v

    return sum(Base.reg[n]().f(x).sum() for n in ("A", "B"))


@program(numbers(3))
def total_ordering(x):
    @functools.total_ordering
    class V:
        def __init__(s, v):
            s.v = v

        def __eq__(s, o):
            return s.v == o.v

        def __lt__(s, o):
            return s.v < o.v

    return x[0] * 2 if V(x[0]) >= V(x[1]) else x[1] * 3


@program(numbers(3))
def statements_in_a_class_body(x):
    class C:
        a = 2
        b = a * 3
        tbl = [i * 2 for i in range(3)]
        if b > 5:
            c = 1
        else:
            c = 0
        for k in range(2):
            a += k

    return x.sum() * C.a * C.b * C.c * C.tbl[2]


@program(numbers(3))
def attributes_by_name(x):
    class C:
        pass

    c = C()
    c.v = x
    setattr(c, "w", 2.0)
    return (getattr(c, "v") * c.w).sum() * len(vars(c)) * (C.__name__ == "C")


@program(numbers(3))
def a_class_as_a_namespace(x):
    class cfg:
        lr = 0.1
        steps = 3

    y = x
    for _ in range(cfg.steps):
        y = y - cfg.lr * y**2
    return y.sum()


@program(numbers(3))
def a_class_in_a_class(x):
    class A:
        class B:
            def __init__(self, v):
                self.v = v

        def make(self, v):
            return self.B(v)

    return A().make(x).v.sum()


@program(numbers(3))
def functions_as_class_variables(x):
    class A:
        f = lambda self, v: v * 2
        g = np.sin

    return (A().f(x) + A.g(x)).sum()


@program(numbers(3))
def matched_by_class(x):
    @dataclass
    class P:
        a: float
        kind: str

    match P(x[0], "k"):
        case P(a, "z"):
            return a
        case P(a=a, kind="k"):
            return a * 3
    return x[1]


@program(numbers(3))
def an_instance_returned_by_a_helper(x):
    @dataclass
    class P:
        a: float

    def f():
        return P(x[0] * 2)

    return f().a
