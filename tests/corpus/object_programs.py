"""Programs of classes as people write them: layers, filters, simulators, parsers, registries."""

import abc
import enum
import itertools
import logging
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tests.corpus.program import numbers, program, signed

logger = logging.getLogger(__name__)


class Module:
    def __init__(self):
        self._params = OrderedDict()
        self._modules = OrderedDict()
        self.training = True

    def register(self, name, value):
        self._params[name] = value
        setattr(self, name, value)

    def add(self, name, m):
        self._modules[name] = m
        return m

    def parameters(self):
        yield from self._params.values()
        for m in self._modules.values():
            yield from m.parameters()

    def train(self, mode=True):
        self.training = mode
        for m in self._modules.values():
            m.train(mode)
        return self

    def __call__(self, *a, **k):
        return self.forward(*a, **k)


class Linear(Module):
    def __init__(self, w, b=None):
        super().__init__()
        self.register("w", w)
        self.register("b", b if b is not None else np.zeros(w.shape[1]))

    def forward(self, x):
        return x @ self.w + self.b


class BatchNorm(Module):
    def __init__(self, n, momentum=0.9):
        super().__init__()
        self.register("gamma", np.ones(n))
        self.mean = np.zeros(n)
        self.var = np.ones(n)
        self.momentum = momentum

    def forward(self, x):
        if self.training:
            m, v = x.mean(axis=0), x.var(axis=0)
            self.mean = self.momentum * self.mean + (1 - self.momentum) * m
            self.var = self.momentum * self.var + (1 - self.momentum) * v
        else:
            m, v = self.mean, self.var
        return self.gamma * (x - m) / np.sqrt(v + 1e-5)


class Net(Module):
    def __init__(self, w1, w2):
        super().__init__()
        self.l1 = self.add("l1", Linear(w1))
        self.bn = self.add("bn", BatchNorm(w1.shape[1]))
        self.l2 = self.add("l2", Linear(w2))

    def forward(self, x):
        return self.l2(np.maximum(self.bn(self.l1(x)), 0.0))


@program(signed(3, 4), signed(4, 2, seed=1), signed(5, 3, seed=2), wrt=(0, 1))
def a_network_with_batch_normalisation(w1, w2, X):
    net = Net(w1, w2)
    y = net(X)
    net.train(False)
    z = net(X)
    return np.mean(y**2) + np.mean(z**2) + 0.01 * sum((p**2).sum() for p in net.parameters())


class Optimizer(abc.ABC):
    def __init__(self, lr):
        self.lr = lr
        self.state = {}

    @abc.abstractmethod
    def update(self, name, p, g): ...
    def step(self, params, grads):
        return {k: self.update(k, params[k], grads[k]) for k in params}


class Adam(Optimizer):
    def __init__(self, lr=0.1, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(lr)
        self.betas, self.eps, self.t = betas, eps, 0

    def step(self, params, grads):
        self.t += 1
        return super().step(params, grads)

    def update(self, name, p, g):
        b1, b2 = self.betas
        s = self.state.setdefault(name, {"m": np.zeros_like(p), "v": np.zeros_like(p)})
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * g**2
        return p - self.lr * (s["m"] / (1 - b1**self.t)) / (
            np.sqrt(s["v"] / (1 - b2**self.t)) + self.eps
        )


@program(numbers(3))
def steps_of_adam(x):
    opt = Adam(lr=0.05)
    params = {"w": x, "b": x * 0.5}
    for it in range(3):
        grads = {k: 2 * (v - 1.0) + 0.1 * v**3 for k, v in params.items()}
        params = opt.step(params, grads)
    return sum((v**2).sum() for v in params.values())


@dataclass
class KalmanState:
    x: np.ndarray
    P: np.ndarray


@dataclass(frozen=True)
class KalmanFilter:
    F: np.ndarray
    H: np.ndarray
    Q: np.ndarray
    R: np.ndarray

    def predict(self, s):
        return KalmanState(self.F @ s.x, self.F @ s.P @ self.F.T + self.Q)

    def update(self, s, z):
        y = z - self.H @ s.x
        S = self.H @ s.P @ self.H.T + self.R
        K = np.linalg.solve(S, self.H @ s.P).T
        ll = -0.5 * (
            y @ np.linalg.solve(S, y) + np.linalg.slogdet(S)[1] + len(y) * np.log(2 * np.pi)
        )
        return replace(s, x=s.x + K @ y, P=(np.eye(len(s.x)) - K @ self.H) @ s.P), ll


@program(0.3, signed(6, 1))
def a_kalman_filter_of_dataclasses(q, zs):
    kf = KalmanFilter(
        F=np.array([[1.0, 0.1], [0.0, 1.0]]),
        H=np.array([[1.0, 0.0]]),
        Q=q * np.eye(2),
        R=np.array([[0.5]]),
    )
    s = KalmanState(np.zeros(2), np.eye(2))
    total = 0.0
    for z in zs:
        s = kf.predict(s)
        s, ll = kf.update(s, z)
        total += ll
    return -total


class Particle:
    __slots__ = ("pos", "vel", "mass", "alive")

    def __init__(self, pos, vel, mass=1.0):
        self.pos, self.vel, self.mass, self.alive = np.array(pos), np.array(vel), mass, True

    @property
    def kinetic(self):
        return 0.5 * self.mass * self.vel @ self.vel

    def kick(self, f, dt):
        self.vel += f / self.mass * dt

    def drift(self, dt):
        self.pos += self.vel * dt


class World:
    G = 1.0

    def __init__(self):
        self.bodies = []
        self.time = 0.0
        self.observers = []

    def spawn(self, *a, **k):
        p = Particle(*a, **k)
        self.bodies.append(p)
        return p

    def observe(self, f):
        self.observers.append(f)
        return f

    def force(self, i):
        out = np.zeros(2)
        a = self.bodies[i]
        for j, b in enumerate(self.bodies):
            if i == j:
                continue
            d = b.pos - a.pos
            r2 = d @ d + 0.01
            out += self.G * a.mass * b.mass * d / r2**1.5
        return out

    def step(self, dt):
        fs = [self.force(i) for i in range(len(self.bodies))]
        for p, f in zip(self.bodies, fs):
            p.kick(f, dt)
            p.drift(dt)
        self.time += dt
        for o in self.observers:
            o(self)


@program(numbers(3))
def bodies_that_attract_each_other(x):
    w = World()
    w.spawn([0.0, 0.0], [0.0, 0.1], mass=2.0)
    p = w.spawn([1.0, 0.0], x[:2])
    w.spawn(x[1:], [0.1, 0.0])
    hist = []

    @w.observe
    def record(world):
        hist.append(sum(b.kinetic for b in world.bodies))

    for _ in range(4):
        w.step(0.05)
    return hist[-1] + sum(hist) / len(hist) + p.pos @ p.pos + w.time


class Config:
    DEFAULTS = {"lr": "0.1", "steps": "3", "method": "momentum", "nesterov": "true"}

    def __init__(self, text=""):
        self._d = dict(self.DEFAULTS)
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            k, _, v = line.partition("=")
            self._d[k.strip()] = v.strip()

    def __getattr__(self, name):
        try:
            return self._parse(self._d[name])
        except KeyError:
            raise AttributeError(name) from None

    @staticmethod
    def _parse(v):
        for f in (int, float):
            try:
                return f(v)
            except ValueError:
                pass
        if v.lower() in ("true", "false"):
            return v.lower() == "true"
        return v


@program(numbers(3))
def settings_read_from_a_text(x):
    c = Config("lr = 0.05  # rate\n\nsteps=4\nbeta = 0.9\n")
    v = np.zeros_like(x)
    for _ in range(c.steps):
        g = 2 * x + (c.beta * v if c.nesterov else 0.0)
        if c.method == "momentum":
            v = c.beta * v + g
        else:
            v = g
        x = x - c.lr * v
    return (x**2).sum() * (1.0 if c.steps == 4 else 2.0)


@dataclass
class Expr:
    def __add__(self, o):
        return Add(self, o)

    def __mul__(self, o):
        return Mul(self, o)


@dataclass
class Var(Expr):
    name: str


@dataclass
class Const(Expr):
    value: float


@dataclass
class Add(Expr):
    a: Expr
    b: Expr


@dataclass
class Mul(Expr):
    a: Expr
    b: Expr


def evaluate(e, env):
    match e:
        case Var(name):
            return env[name]
        case Const(v):
            return v
        case Add(a, b):
            return evaluate(a, env) + evaluate(b, env)
        case Mul(a, b):
            return evaluate(a, env) * evaluate(b, env)
        case _:
            raise TypeError(type(e).__name__)


@program(numbers(3))
def an_expression_matched(x):
    e = Var("x") * Var("y") + Const(3.0) * Var("x") * Var("x")
    return evaluate(e, {"x": x[0], "y": x[1]}) * x[2]


class Visitor:
    def visit(self, node, env):
        return getattr(self, "visit_" + type(node).__name__)(node, env)

    def visit_Var(self, n, env):
        return env[n.name]

    def visit_Const(self, n, env):
        return n.value

    def visit_Add(self, n, env):
        return self.visit(n.a, env) + self.visit(n.b, env)

    def visit_Mul(self, n, env):
        return self.visit(n.a, env) * self.visit(n.b, env)


@program(numbers(3))
def an_expression_visited(x):
    e = Var("x") * Var("y") + Const(3.0) * Var("x")
    return Visitor().visit(e, dict(x=x[0], y=x[1]))


class EMA:
    def __init__(self, decay):
        self.decay = decay
        self.shadow = None
        self.n = 0

    def __call__(self, v):
        self.n += 1
        if self.shadow is None:
            self.shadow = v
        else:
            self.shadow = self.decay * self.shadow + (1 - self.decay) * v
        return self.shadow


class Tracker:
    def __init__(self, maxlen):
        self.buf = deque(maxlen=maxlen)
        self.ema = EMA(0.8)
        self.best = None
        self.stats = defaultdict(list)

    def add(self, v):
        self.buf.append(v)
        e = self.ema(v)
        self.stats["ema"].append(e)
        self.stats["mean"].append(sum(self.buf) / len(self.buf))
        if self.best is None or v < self.best:
            self.best = v

    def summary(self):
        return {k: v[-1] for k, v in self.stats.items()}


@program(numbers(3))
def a_tracker_of_averages(x):
    t = Tracker(2)
    for v in x:
        t.add(v * v)
    s = t.summary()
    return s["ema"] * s["mean"] + t.best


class Tableau(NamedTuple):
    a: tuple
    b: tuple
    c: tuple


TABLEAUS = {
    "euler": Tableau(((),), (1.0,), (0.0,)),
    "rk4": Tableau(
        ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
        (1 / 6, 1 / 3, 1 / 3, 1 / 6),
        (0.0, 0.5, 0.5, 1.0),
    ),
}


class Integrator:
    def __init__(self, f, method="rk4"):
        try:
            self.tab = TABLEAUS[method]
        except KeyError:
            raise ValueError(f"unknown {method!r}, choose from {sorted(TABLEAUS)}")
        self.f = f
        self.nfev = 0

    def step(self, t, y, h):
        ks = []
        for ai, ci in zip(self.tab.a, self.tab.c):
            yi = y + h * sum((a * k for a, k in zip(ai, ks)), np.zeros_like(y))
            ks.append(self.f(t + ci * h, yi))
            self.nfev += 1
        return y + h * sum(b * k for b, k in zip(self.tab.b, ks))

    def solve(self, y, ts):
        yield ts[0], y
        for t0, t1 in itertools.pairwise(ts):
            y = self.step(t0, y, t1 - t0)
            yield t1, y


@program(numbers(3))
def a_registry_of_tableaus(x):
    integ = Integrator(lambda t, y: np.array([y[1], -x[2] * np.sin(y[0])]), "rk4")
    out = []
    for t, y in integ.solve(x[:2], [0.0, 0.1, 0.25, 0.5]):
        out.append(y)
        logger.debug("t=%s", t)
    return np.sum(np.array(out) ** 2) + integ.nfev


class Kernel:
    def __add__(s, o):
        return Comb(s, o, np.add)

    def __mul__(s, o):
        return Comb(s, o, np.multiply)


class Comb(Kernel):
    def __init__(s, a, b, op):
        s.a, s.b, s.op = a, b, op

    def __call__(s, X, Y):
        return s.op(s.a(X, Y), s.b(X, Y))


class RBF(Kernel):
    def __init__(s, l):
        s.l = l

    def __call__(s, X, Y):
        return np.exp(-0.5 * ((X[:, None] - Y[None, :]) / s.l) ** 2)


class White(Kernel):
    def __init__(s, v):
        s.v = v

    def __call__(s, X, Y):
        return s.v * np.eye(len(X)) if X is Y else np.zeros((len(X), len(Y)))


class GP:
    def __init__(s, kernel, jitter=1e-8):
        s.kernel, s.jitter, s._fitted = kernel, jitter, False

    def fit(s, X, y):
        K = s.kernel(X, X)
        for k in range(3):
            try:
                s.L = np.linalg.cholesky(K + s.jitter * 10**k * np.eye(len(X)))
                break
            except np.linalg.LinAlgError:
                logger.warning("jitter")
        else:
            raise RuntimeError("not PD")
        s.alpha = np.linalg.solve(s.L.T, np.linalg.solve(s.L, y))
        s.X, s.y, s._fitted = X, y, True
        return s

    @property
    def nll(s):
        if not s._fitted:
            raise RuntimeError("fit first")
        return 0.5 * s.y @ s.alpha + np.log(np.diag(s.L)).sum()


@program(numbers(3))
def a_gaussian_process(x):
    X = np.linspace(0, 1, 4)
    gp = GP(RBF(x[0]) * RBF(x[1] + 1) + White(x[2])).fit(X, np.sin(6 * X))
    return gp.nll


class Fitted:
    def __init__(self, x):
        self.x = x

    def fit(self, limit):
        if self.x[0] > limit:
            raise ValueError("too large")
        self.w = self.x * 2
        return self

    def search(self):
        for k in range(3):
            if self.x[0] > k:
                break
        else:
            raise ValueError("none")
        self.w = self.x * k
        return self


@program(numbers(3))
def a_method_that_raises_or_returns_itself(x):
    return Fitted(x).fit(5.0).w.sum() + Fitted(x + 1).search().w.sum()


class Countdown:
    def __init__(self, items):
        self.items = items
        self.place = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.place >= len(self.items):
            raise StopIteration
        self.place += 1
        return self.items[self.place - 1]


@program(numbers(3))
def an_iterator_of_the_users_own(x):
    total = 0.0
    for v in Countdown(x):
        if v > 1.4:
            continue
        total += v * v
    for v in Countdown([x[0], x[1]]):
        total *= v
    return total


class Bag:
    def __init__(self, **given):
        self.__dict__.update(given)

    def __getattr__(self, name):
        if name.startswith("minus_"):
            return -getattr(self, name[6:])
        raise AttributeError(name)


@program(numbers(3))
def attributes_given_by_a_dict(x):
    bag = Bag(a=x[0], b=x[1])
    held = vars(bag)
    held["c"] = x[2]
    bag.a = bag.a * 2
    return bag.minus_a * bag.b * bag.c + held["a"] + sum(held.values())


class Option(enum.Flag):
    SCALE = enum.auto()
    SHIFT = enum.auto()


class Point(NamedTuple):
    a: float
    b: float


@program(numbers(3))
def flags_that_are_combined(x):
    options = Option.SCALE | Option.SHIFT
    y = x * 2 if options & Option.SCALE else x
    return y.sum() * (3 if Option.SHIFT in options else 1) * Point._make(x[:2]).b


class Chain:
    def __init__(self):
        self.head = None
        self.length = 0

    def push(self, value):
        self.head = (value, self.head)
        self.length += 1

    def __iter__(self):
        link = self.head
        while link is not None:
            value, link = link
            yield value


@program(numbers(3))
def a_linked_list_that_a_loop_fills(x):
    chain = Chain()
    for k in range(3):
        chain.push(x[k] ** (k + 1))
    return sum(v * (i + 1) for i, v in enumerate(chain)) * chain.length


class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    def __getitem__(self, place):
        i, j = place
        return self.rows[i][j]

    def __setitem__(self, place, value):
        i, j = place
        self.rows[i][j] = value

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(r, c)) for c in columns] for r in self.rows])

    @property
    def T(self):
        return Matrix(zip(*self.rows))


@program(numbers(3))
def matrices_of_lists(x):
    m = Matrix([[x[0], x[1]], [x[2], 1.0]])
    m[0, 1] *= 2
    return (m @ m.T)[0, 1]


class Chosen:
    def __init__(self, *steps):
        self.steps = list(steps)

    def __rshift__(self, step):
        return Chosen(*self.steps, step)

    def __call__(self, value):
        for step in self.steps:
            value = step(value)
        return value


@program(numbers(3))
def functions_chained_by_an_operator(x):
    return (Chosen() >> np.sin >> (lambda v: v * x[0]) >> np.sum)(x)
