"""Classes and their instances: given, captured, and made inside; operators, inheritance."""

import abc
import copy
import dataclasses
import enum
import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar, Generic, NamedTuple, TypeVar

import numpy as np

from tests.corpus.program import numbers, program, signed


class Line:
    """Attributes, a class attribute, methods of each kind, properties."""

    scale = 1.5
    made = 0

    def __init__(self, slope, start=0.5):
        self.slope = slope
        self.start = start
        self.name = "line"
        self.degree = 1

    def at(self, x):
        return self.scale * (self.slope * x + self.start)

    @property
    def length(self):
        return np.sqrt(1 + self.slope**2)

    @length.setter
    def length(self, value):
        self.slope = np.sqrt(value**2 - 1)

    @functools.cached_property
    def area(self):
        return self.slope / 2 + self.start

    @classmethod
    def through(cls, y0, y1):
        return cls(y1 - y0, y0)

    @staticmethod
    def squared(x):
        return x * x


@program(Line(0.7, 0.2))
def attributes_and_methods_of_an_argument(line):
    return line.at(2.0) * line.length + line.squared(line.start)


@program(Line(np.array([0.7, 1.2]), 0.2), 3.0, wrt=(0, 1))
def an_instance_among_other_arguments(line, x):
    return np.sum(line.at(x) ** 2) if line.name == "line" else x


THE_LINE = Line(0.4, 1.1)


@program(1.5)
def a_global_instance(x):
    return THE_LINE.at(x) * THE_LINE.length


@program(0.7)
def an_instance_made_inside(x):
    line = Line(x, start=x * x)
    line.start += 1.0
    return line.at(x) + Line.through(x, 2 * x).at(3.0)


@program(2.5)
def a_property_that_is_set(x):
    line = Line(1.0)
    line.length = x
    return line.slope + line.length


@program(2.5)
def a_cached_property(x):
    line = Line(x)
    first = line.area
    line.slope = 100.0
    return first * line.area


class Vector:
    __slots__ = ("x", "y")
    __array_ufunc__ = None

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __iadd__(self, other):
        self.x = self.x + other.x
        self.y = self.y + other.y
        return self

    def __sub__(self, other):
        return self + (-other)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __truediv__(self, factor):
        return self * (1 / factor)

    def __abs__(self):
        return math.sqrt(self @ self)

    def __getitem__(self, place):
        return (self.x, self.y)[place]

    def __setitem__(self, place, value):
        if place == 0:
            self.x = value
        else:
            self.y = value

    def __len__(self):
        return 2

    def __iter__(self):
        return iter([self.x, self.y])

    def __contains__(self, value):
        return value in (self.x, self.y)

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return abs(self) < abs(other)

    def __float__(self):
        return float(self.x)


@program(0.6, 1.3, wrt=(0, 1))
def operators(a, b):
    u, v = Vector(a, b), Vector(b, 2.0)
    w = 2.0 * u - v / 3.0 + u * a
    return w @ v + abs(w)


@program(0.6, 1.3, wrt=(0, 1))
def operators_in_place(a, b):
    u = Vector(a, b)
    v = u
    u += Vector(a * b, 1.0)
    return v @ v + (1 if v is u else 0)


@program(Vector(0.6, 1.3))
def items_and_length(v):
    copied = Vector(*v)
    copied[0] = copied[1] * v[0]
    total = sum(c * c for c in copied)
    for i in range(len(v)):
        total += v[i] * (i + 1)
    x, y = v
    return total + x * y + float(v)


@program(Vector(0.6, 1.3), Vector(1.6, 0.3), wrt=(0, 1))
def comparisons(u, v):
    if u < v and u != v:
        u, v = v, u
    if u > v and u:
        return abs(u) * v.x
    return v.y


@program(1.5, 3)
def instances_carried_through_a_loop(x, n):
    place, speed = Vector(0.0, 1.0), Vector(x, 0.0)
    for _ in range(n):
        place = place + 0.1 * speed
        speed = speed - 0.1 * place
    return place @ place + speed.x


@program(np.array([0.3, 0.8]), 1.5, wrt=(0, 1))
def an_instance_whose_attributes_a_loop_sets(xs, k):
    v = Vector(0.0, 1.0)
    for x in xs:
        v.x = v.x + x * v.y
        v.y *= k
    return v @ v


@program(0.7)
def an_instance_from_either_branch(x):
    v = Vector(x, 1.0) if x > 0.5 else Vector(1.0, x)
    return v @ v * v.x


@program(0.7)
def a_sum_of_instances(x):
    vs = [Vector(x, i) for i in range(3)]
    total = sum(vs, Vector(0.0, 0.0))
    return abs(total)


@program(np.array([0.7, 1.2]))
def an_array_times_an_instance(x):
    v = x * Vector(1.0, 2.0)
    return np.sum(v.x * v.y)


class Dual:
    """A number and its derivative."""

    def __init__(self, value, slope=0.0):
        self.value = value
        self.slope = slope

    @staticmethod
    def lifted(other):
        return other if isinstance(other, Dual) else Dual(other)

    def __add__(self, other):
        other = Dual.lifted(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = self.lifted(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __rmul__ = __mul__

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.slope)

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.slope)


@program(0.8)
def the_derivative_of_dual_numbers(x):
    def f(t):
        return 3 * t**3 + t.sin() * t + 2.0

    return f(Dual(x, 1.0)).slope


class Shape(abc.ABC):
    count = 0

    def __init__(self, size, *, factor=1.0):
        self.size = size
        self.factor = factor

    @abc.abstractmethod
    def area(self): ...

    def describe(self):
        return self.factor * self.area()


class Named:
    def label(self):
        return type(self).__name__

    def describe(self):
        return super().describe() + 1.0


class Square(Named, Shape):
    def area(self):
        return self.size**2


class Circle(Shape):
    def __init__(self, radius, **rest):
        super().__init__(radius, **rest)
        self.kind = "round"

    def area(self):
        return math.pi * self.size**2

    def describe(self):
        return super(Circle, self).describe() / 2


@program(0.8)
def inheritance_and_super(x):
    shapes = [Square(x), Circle(x * 2, factor=x)]
    total = 0.0
    for shape in shapes:
        total += shape.describe()
        if isinstance(shape, Square) and shape.label() == "Square":
            total *= 2.0
        if hasattr(shape, "kind") and getattr(shape, "colour", "none") == "none":
            total += x
    return total


@program([Square(0.5), Circle(0.7, factor=2.0), Square(1.5)])
def a_list_of_instances(shapes):
    return sum(shape.describe() for shape in shapes)


@program({"a": Square(0.5), "b": Circle(0.7)}, "b")
def a_dict_of_instances(shapes, chosen):
    return shapes[chosen].describe() * sum(s.size for s in shapes.values())


class Missing:
    def __init__(self, w):
        self.w = w

    def __getattr__(self, name):
        if name.startswith("twice_"):
            return 2 * getattr(self, name[6:])
        raise AttributeError(name)


@program(Missing(0.7))
def getattr_for_what_is_missing(m):
    return m.twice_w * m.w


class Positive:
    """A descriptor."""

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return np.exp(getattr(instance, self.name))

    def __set__(self, instance, value):
        setattr(instance, self.name, np.log(value))


class Scaled:
    rate = Positive()

    def __init__(self, rate):
        self.rate = rate


@program(0.7)
def a_descriptor(x):
    s = Scaled(x)
    s.rate = s.rate * 2 + x
    return s.rate * x


class Mode(enum.Enum):
    LINEAR = "linear"
    SQUARE = 2


class Weight(enum.IntEnum):
    LIGHT = 1
    HEAVY = 10


@program(0.7, Mode.SQUARE)
def members_of_an_enumeration(x, mode):
    if mode is Mode.LINEAR:
        return x
    return x**mode.value * Weight.HEAVY + len(mode.name) * x + (x if mode == Mode(2) else 0)


@dataclass
class Inner:
    w: np.ndarray
    tags: list = field(default_factory=list)


@dataclass
class Outer:
    inner: Inner
    rate: float = 0.5
    kind: ClassVar[str] = "outer"
    doubled: float = field(init=False, default=0.0)

    def __post_init__(self):
        self.doubled = 2 * self.rate

    def loss(self):
        return self.rate * np.sum(self.inner.w**2) + self.doubled


@program(Outer(Inner(signed(3)), 0.7))
def a_nested_dataclass(model):
    return model.loss()


@program(0.7)
def a_dataclass_made_inside(x):
    model = Outer(Inner(np.array([x, 2.0])), rate=x)
    other = dataclasses.replace(model, rate=x * x)
    as_dict = dataclasses.asdict(other)
    names = [f.name for f in dataclasses.fields(model)]
    return (
        model.loss() * other.loss() + as_dict["rate"] * len(names) + len(as_dict["inner"]["tags"])
    )


@dataclass(frozen=True, order=True)
class Interval:
    low: float
    high: float = 1.0

    def __and__(self, other):
        return Interval(max(self.low, other.low), min(self.high, other.high))

    @property
    def width(self):
        return self.high - self.low

    def moved(self, by):
        return dataclasses.replace(self, low=self.low + by, high=self.high + by)


@program(Interval(0.2, 0.9), 0.3, wrt=(0, 1))
def a_frozen_dataclass(interval, by):
    both = interval & interval.moved(by)
    return both.width * (2.0 if interval < both else 3.0) * (1.0 if both == both else 0.0)


class Complex(NamedTuple):
    re: float
    im: float = 0.0

    @property
    def size(self):
        return self.re**2 + self.im**2

    def __mul__(self, other):
        return Complex(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    @classmethod
    def polar(cls, r, angle):
        return cls(r * math.cos(angle), r * math.sin(angle))


@program(Complex(0.3, 0.8), 0.4, wrt=(0, 1))
def a_named_tuple_with_methods(z, angle):
    w = z * Complex.polar(2.0, angle)
    w = w._replace(im=w.im * 2)
    re, im = w
    return w.size + re * im + w._asdict()["re"] + Complex(angle).size


@program(SimpleNamespace(w=signed(2), rate=0.3, name="n"))
def a_namespace(p):
    q = SimpleNamespace(w=p.w * 2, rate=p.rate)
    q.extra = q.rate**2
    return np.sum(q.w**2) * q.extra if p.name == "n" else q.rate


T = TypeVar("T")


class Box(Generic[T]):
    def __init__(self, held: T) -> None:
        self.held = held

    def __call__(self, x):
        return self.held * x

    def __iter__(self) -> Iterator[T]:
        return iter([self.held, self.held])


@program(0.7)
def a_generic_class_and_a_call(x):
    box = Box[float](x)
    return sum(box(3.0) * item for item in box) if callable(box) else x


class Single:
    def __new__(cls, value):
        made = super().__new__(cls)
        made.value = value * 2
        return made

    def __init__(self, value):
        self.other = value


@program(0.7)
def new_and_init(x):
    single = Single(x)
    return single.value * single.other


@program(Line(0.7, 0.2))
def asking_about_an_instance(line):
    total = 0.0
    for name, value in vars(line).items():
        if isinstance(value, float) and hasattr(line, name):
            total = total + getattr(line, name) * value
    if type(line) is Line and issubclass(line.__class__, Line) and not hasattr(line, "colour"):
        total = total * 2
    return total


@program(Line(np.array([0.7, 1.2]), 0.2))
def copies_of_an_instance(line):
    shallow, deep = copy.copy(line), copy.deepcopy(line)
    shallow.start = 3.0
    deep.slope[0] = 5.0
    return np.sum(line.slope * shallow.slope * deep.slope) * line.start


class Tied:
    def __init__(self):
        self.encoder = Line(0.7, 0.3)
        self.decoder = self.encoder
        self.other = Line(1.7)


@program(1.2)
def an_object_at_two_places(x):
    tied = Tied()
    tied.encoder.slope = x
    return tied.decoder.at(x) * (2.0 if tied.decoder is tied.encoder else 1.0)


class Private:
    def __init__(self, w):
        self.__w = w
        self._hidden = 2.0

    def value(self):
        return self.__w * self._hidden


@program(Private(1.5))
def private_names(p):
    return p.value() ** 2


@program(0.5)
def setattr_and_getattr_by_name(x):
    line = Line(x)
    for name in ("slope", "start"):
        setattr(line, name, getattr(line, name) * 3)
    return line.slope * line.start


class Row:
    """Known by its items alone, with an iterator backwards of its own."""

    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, place):
        return self.items[place]


class Countdown(Row):
    def __reversed__(self):
        return iter([10.0 * item for item in self.items])


@program(0.7, 1.2, wrt=(0, 1))
def instances_in_zip_enumerate_and_reversed(x, y):
    total = 0.0
    for i, a in enumerate(Row(x, y), 1):
        total += i * a**2
    for a, b in zip(Row(x, y), Vector(y, 2.0)):
        total += a * b
    for a in reversed(Row(x, y * y)):
        total = total * a
    for a in reversed(Countdown(x, y)):
        total += a * total
    return total


class Held:
    def __init__(self, n):
        self.force = np.zeros(n)
        self.speed = np.ones(n)


@program(0.7, 3)
def an_attribute_made_anew_by_each_iteration(k, n):
    held = Held(2)
    for _ in range(n):
        held.speed = held.speed + k * held.force
        held.force = np.zeros(2)
        held.force += held.speed
    return held.speed.sum()


@program(0.7, 3)
def an_array_in_a_dict_made_anew_by_each_iteration(k, n):
    held = {"force": np.zeros(2)}
    speed = np.ones(2)
    for _ in range(n):
        speed = speed + k * held["force"]
        held["force"] = np.zeros(2)
        held["force"] += speed
    return speed.sum()


class Above:
    """True above a threshold; says when it is asked."""

    def __init__(self, value, threshold=0.0):
        self.value, self.threshold = value, threshold

    def __bool__(self):
        print("asked", self.threshold)
        return bool(self.value > self.threshold)


@program(0.7)
def truths_are_asked_in_order(x):
    a, b = Above(x), Above(x, 3.0)
    while a and not b:
        x = x * 2
        b = Above(x, 3.0)
    assert a and (b or Above(1.0)), "never"
    factor = 2.0 if not (b and a) else 3.0
    return x * factor


class Place(enum.IntEnum):
    FIRST = 0
    LAST = 2


@program(numbers(3))
def members_that_are_numbers_are_indices_and_axes(x):
    print(Place.LAST, f"{Place.FIRST!r}")
    return x[Place.LAST] * np.sum(x, axis=Place.FIRST) * Place.LAST
