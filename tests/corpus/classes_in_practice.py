"""Classes as they are found in practice: models, optimisers, filters, geometry, simulation, trees."""

import copy
import functools
import math
import operator
from abc import ABC, abstractmethod
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field

import numpy as np

from tests.corpus.program import numbers, program, signed


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


# Recurrent cells


class LSTMCell:
    """One step of an LSTM; the state is kept in the cell."""

    def __init__(self, inputs, units, seed=0):
        rng = np.random.default_rng(seed)
        self.units = units
        self.w = rng.normal(0.0, 0.4, (inputs + units, 4 * units))
        self.b = np.zeros(4 * units)
        self.b[units : 2 * units] = 1.0
        self.h = self.c = None

    def reset(self, batch):
        self.h = np.zeros((batch, self.units))
        self.c = np.zeros((batch, self.units))

    def step(self, x):
        z = np.concatenate([x, self.h], axis=1) @ self.w + self.b
        i, f, o, g = np.split(z, 4, axis=1)
        self.c = sigmoid(f) * self.c + sigmoid(i) * np.tanh(g)
        self.h = sigmoid(o) * np.tanh(self.c)
        return self.h

    def run(self, xs):
        self.reset(xs.shape[1])
        return np.stack([self.step(x) for x in xs])


@program(LSTMCell(3, 4), signed(5, 2, 3), wrt=(0, 1))
def an_lstm_cell(cell, xs):
    hs = cell.run(xs)
    return np.mean(hs**2) + np.sum(cell.c)


class GRU:
    def __init__(self, inputs, units):
        rng = np.random.default_rng(3)
        self.gates = {
            name: (
                rng.normal(0.0, 0.4, (inputs, units)),
                rng.normal(0.0, 0.4, (units, units)),
                np.zeros(units),
            )
            for name in ("update", "reset", "candidate")
        }
        self.readout = rng.normal(size=units)

    @property
    def units(self):
        return self.readout.shape[0]

    def gate(self, name, x, h):
        wx, wh, b = self.gates[name]
        return x @ wx + h @ wh + b

    def __call__(self, xs, h=None):
        if h is None:
            h = np.zeros(self.units)
        for x in xs:
            z = sigmoid(self.gate("update", x, h))
            r = sigmoid(self.gate("reset", x, h))
            n = np.tanh(self.gate("candidate", x, r * h))
            h = (1 - z) * n + z * h
        return h @ self.readout


@program(GRU(2, 3), signed(4, 2), 0.3)
def a_gated_recurrent_unit(model, xs, y):
    return (model(xs) - y) ** 2


# Optimisers inside what is differentiated


class Adam:
    def __init__(self, lr=0.1, betas=(0.9, 0.999), eps=1e-8):
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.t = 0
        self.state = {}

    def update(self, name, value, gradient):
        b1, b2 = self.betas
        m, v = self.state.get(name, (0.0, 0.0))
        m = b1 * m + (1 - b1) * gradient
        v = b2 * v + (1 - b2) * gradient**2
        self.state[name] = (m, v)
        m_hat = m / (1 - b1**self.t)
        v_hat = v / (1 - b2**self.t)
        return value - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)

    def step(self, params, grads):
        self.t += 1
        return {name: self.update(name, params[name], grads[name]) for name in params}


@program(0.1, signed(6, 2), signed(6, seed=1), wrt=(0, 1))
def the_learning_rate_of_adam(lr, x, y):
    adam = Adam(lr=lr)
    params = {"w": np.array([0.3, -0.2]), "b": 0.1}
    for _ in range(4):
        residual = x @ params["w"] + params["b"] - y
        grads = {"w": 2 * x.T @ residual / len(y), "b": 2 * np.mean(residual)}
        params = adam.step(params, grads)
    return np.mean((x @ params["w"] + params["b"] - y) ** 2)


class Momentum:
    def __init__(self, rate, decay):
        self.rate, self.decay = rate, decay
        self.velocity = None
        self.steps = 0

    def __call__(self, w, g):
        if self.velocity is None:
            self.velocity = np.zeros_like(w)
        self.velocity = self.decay * self.velocity - self.rate * g
        self.steps += 1
        return w + self.velocity


@program(Momentum(0.1, 0.9), signed(3), 5)
def an_optimizer_of_the_callers(optimizer, w, count):
    for _ in range(count):
        w = optimizer(w, w**3 - w)
    return np.sum(w**2) / optimizer.steps


# Filters


class KalmanFilter:
    def __init__(self, F, H, Q, R):
        self.F, self.H, self.Q, self.R = F, H, Q, R
        n = F.shape[0]
        self.x = np.zeros(n)
        self.P = np.eye(n)
        self.log_likelihood = 0.0

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q
        return self

    def update(self, z):
        y = z - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = np.linalg.solve(S, self.H @ self.P).T
        self.x = self.x + K @ y
        self.P = (np.eye(len(self.x)) - K @ self.H) @ self.P
        _, logdet = np.linalg.slogdet(2 * np.pi * S)
        self.log_likelihood -= 0.5 * (logdet + y @ np.linalg.solve(S, y))
        return self


@program(0.3, 0.5, signed(5, 1), wrt=(0, 1, 2))
def a_kalman_filter(q, r, zs):
    dt = 0.5
    F = np.array([[1.0, dt], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    kf = KalmanFilter(F, H, q * np.eye(2), r * np.eye(1))
    for z in zs:
        kf.predict().update(z)
    return -kf.log_likelihood


@program(
    KalmanFilter(
        np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([[1.0, 0.0]]), 0.3 * np.eye(2), np.eye(1)
    ),
    signed(4, 1),
    wrt=(0, 1),
)
def a_kalman_filter_of_the_callers(kf, zs):
    for z in zs:
        kf.predict()
        kf.update(z)
    return kf.log_likelihood + kf.x[0]


# Geometry and algebra


@dataclass(frozen=True)
class Vector3:
    x: float
    y: float
    z: float

    def __add__(self, o):
        return Vector3(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector3(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, s):
        return Vector3(self.x * s, self.y * s, self.z * s)

    __rmul__ = __mul__

    def __matmul__(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def cross(self, o):
        return Vector3(
            self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x
        )

    @property
    def norm(self):
        return math.sqrt(self @ self)

    def normalized(self):
        return self * (1.0 / self.norm)

    def __iter__(self):
        yield self.x
        yield self.y
        yield self.z


class Quaternion:
    __slots__ = ("w", "v")

    def __init__(self, w, v):
        self.w = w
        self.v = v

    @classmethod
    def rotation(cls, axis, angle):
        return cls(math.cos(angle / 2), axis.normalized() * math.sin(angle / 2))

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.v @ o.v, self.w * o.v + o.w * self.v + self.v.cross(o.v)
        )

    def __invert__(self):
        return Quaternion(self.w, self.v * -1.0)

    def __call__(self, p):
        return (self * Quaternion(0.0, p) * ~self).v

    def __pow__(self, n):
        return functools.reduce(operator.mul, [self] * n, Quaternion(1.0, Vector3(0.0, 0.0, 0.0)))


@program(Vector3(0.3, 1.0, -0.4), 0.7, Vector3(1.0, 2.0, 0.5), wrt=(0, 1, 2))
def a_rotation_by_quaternions(axis, angle, p):
    q = Quaternion.rotation(axis, angle)
    r = (q**3)(p) - q(p)
    a, b, c = r
    return a * b + c + r.norm + sum(t**2 for t in r)


class DualNumber:
    def __init__(self, re, eps=0.0):
        self.re, self.eps = re, eps

    @classmethod
    def of(cls, v):
        return v if isinstance(v, cls) else cls(v)

    def __add__(self, o):
        o = self.of(o)
        return type(self)(self.re + o.re, self.eps + o.eps)

    def __neg__(self):
        return type(self)(-self.re, -self.eps)

    def __sub__(self, o):
        return self + -self.of(o)

    def __rsub__(self, o):
        return self.of(o) - self

    def __mul__(self, o):
        o = self.of(o)
        return type(self)(self.re * o.re, self.re * o.eps + self.eps * o.re)

    def __truediv__(self, o):
        o = self.of(o)
        return type(self)(self.re / o.re, (self.eps * o.re - self.re * o.eps) / o.re**2)

    def __rtruediv__(self, o):
        return self.of(o) / self

    def __pow__(self, n):
        return type(self)(self.re**n, n * self.re ** (n - 1) * self.eps)

    def apply(self, f, df):
        return type(self)(f(self.re), df(self.re) * self.eps)

    __radd__ = __add__
    __rmul__ = __mul__


def forward_derivative(f, x):
    return f(DualNumber(x, 1.0)).eps


@program(0.8)
def a_gradient_of_dual_numbers(x):
    def f(t):
        s = t.apply(math.sin, math.cos)
        return 1.0 / (1.0 + t**2) + s * t - 3 * s / t

    return forward_derivative(f, x) ** 2


class Polynomial:
    def __init__(self, coefficients):
        self.c = list(coefficients)

    def __getitem__(self, k):
        return self.c[k] if 0 <= k < len(self.c) else 0.0

    def __setitem__(self, k, value):
        self.c[k] = value

    def __len__(self):
        return len(self.c)

    def __iter__(self):
        return iter(self.c)

    def __add__(self, other):
        n = max(len(self), len(other))
        return Polynomial([self[k] + other[k] for k in range(n)])

    def __mul__(self, other):
        if not isinstance(other, Polynomial):
            return Polynomial([c * other for c in self])
        product = Polynomial([0.0] * (len(self) + len(other) - 1))
        for i, a in enumerate(self):
            for j, b in enumerate(other):
                product[i + j] += a * b
        return product

    def __call__(self, x):
        total = 0.0
        for c in reversed(self.c):
            total = total * x + c
        return total

    def derivative(self):
        return Polynomial(k * c for k, c in enumerate(self) if k > 0)

    def __repr__(self):
        return " + ".join(f"c{k} x^{k}" for k in range(len(self)))


@program(Polynomial([0.3, -1.0, 2.0]), Polynomial([1.5, 0.4]), 0.7, wrt=(0, 1, 2))
def polynomials(p, q, x):
    r = p * q + p * 2.0
    print(repr(r))
    return r(x) + r.derivative()(x) * len(r) + sum(q)


class Matrix:
    """Rows in a list of lists, as before NumPy."""

    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    @property
    def shape(self):
        return len(self.rows), len(self.rows[0])

    def __getitem__(self, place):
        i, j = place
        return self.rows[i][j]

    def __setitem__(self, place, value):
        i, j = place
        self.rows[i][j] = value

    @property
    def T(self):
        return Matrix(zip(*self.rows))

    def __matmul__(self, other):
        return Matrix(
            [[sum(a * b for a, b in zip(row, col)) for col in other.T.rows] for row in self.rows]
        )

    def trace(self):
        return sum(self[i, i] for i in range(self.shape[0]))


@program(Matrix([[0.3, 0.7], [1.2, -0.4]]))
def a_matrix_of_lists(m):
    n = copy.deepcopy(m)
    n[0, 1] *= 2.0
    return (m @ n.T @ m).trace() * n[0, 1]


# Simulation


class Body:
    def __init__(self, mass, position, velocity):
        self.mass = mass
        self.position = np.array(position)
        self.velocity = np.array(velocity)
        self.force = None

    def kick(self, dt):
        self.velocity += 0.5 * dt * self.force / self.mass

    def drift(self, dt):
        self.position += dt * self.velocity

    @property
    def kinetic(self):
        return 0.5 * self.mass * (self.velocity @ self.velocity)


class World:
    G = 1.0
    softening = 0.1

    def __init__(self, bodies):
        self.bodies = bodies
        self.time = 0.0
        self.history = []

    def forces(self):
        for body in self.bodies:
            body.force = np.zeros(2)
        for i, a in enumerate(self.bodies):
            for b in self.bodies[i + 1 :]:
                d = b.position - a.position
                r2 = d @ d + self.softening**2
                f = self.G * a.mass * b.mass * d / r2**1.5
                a.force += f
                b.force -= f

    def potential(self):
        total = 0.0
        for i, a in enumerate(self.bodies):
            for b in self.bodies[:i]:
                d = b.position - a.position
                total -= self.G * a.mass * b.mass / np.sqrt(d @ d + self.softening**2)
        return total

    def step(self, dt):
        for body in self.bodies:
            body.kick(dt)
            body.drift(dt)
        self.forces()
        for body in self.bodies:
            body.kick(dt)
        self.time += dt

    def energy(self):
        return sum(body.kinetic for body in self.bodies) + self.potential()


def three_bodies():
    return World(
        [
            Body(1.0, [0.0, 0.0], [0.0, -0.1]),
            Body(0.3, [1.0, 0.2], [0.1, 0.9]),
            Body(0.2, [-1.1, 0.5], [0.2, -0.8]),
        ]
    )


@program(three_bodies(), 0.05, 3, wrt=(0, 1), tolerance=1e-5)
def a_world_of_bodies(world, dt, steps):
    world.forces()
    for _ in range(steps):
        world.step(dt)
    target = np.array([0.5, 0.5])
    return np.sum((world.bodies[1].position - target) ** 2) + world.energy() * world.time


@program(three_bodies(), 0.1)
def a_world_that_keeps_a_history(world, dt):
    world.forces()
    for _ in range(2):
        world.step(dt)
        world.history.append(world.energy())
    return world.history[-1] - world.history[0]


# Expression trees


class Node(ABC):
    @abstractmethod
    def evaluate(self, env): ...

    def __add__(self, other):
        return Sum(self, as_node(other))

    def __mul__(self, other):
        return Product(self, as_node(other))

    __radd__ = __add__
    __rmul__ = __mul__


class Constant(Node):
    def __init__(self, value):
        self.value = value

    def evaluate(self, env):
        return self.value


class Variable(Node):
    def __init__(self, name):
        self.name = name

    def evaluate(self, env):
        return env[self.name]


class Binary(Node):
    def __init__(self, left, right):
        self.left, self.right = left, right

    def evaluate(self, env):
        return self.combine(self.left.evaluate(env), self.right.evaluate(env))

    @staticmethod
    def combine(a, b):
        raise NotImplementedError


class Sum(Binary):
    combine = staticmethod(operator.add)


class Product(Binary):
    @staticmethod
    def combine(a, b):
        return a * b


class Apply(Node):
    table = {"sin": np.sin, "exp": np.exp}

    def __init__(self, name, argument):
        self.function = self.table[name]
        self.argument = argument

    def evaluate(self, env):
        return self.function(self.argument.evaluate(env))


def as_node(value):
    return value if isinstance(value, Node) else Constant(value)


X, Y = Variable("x"), Variable("y")


@program(X * X * 3.0 + Apply("sin", X * Y) + 2.0 * Y, 0.7, 1.3, wrt=(0, 1, 2))
def an_expression_tree(tree, x, y):
    return tree.evaluate({"x": x, "y": y})


@program(0.7, 1.3, wrt=(0, 1))
def an_expression_tree_built_inside(x, y):
    tree = Apply("exp", X * 0.5) * Y + as_node(x)
    return tree.evaluate({"x": x, "y": y}) ** 2


# Layers of a framework


class Module:
    def __init__(self):
        self._children = OrderedDict()
        self.training = True

    def __setattr__(self, name, value):
        if isinstance(value, Module):
            self._children[name] = value
        object.__setattr__(self, name, value)

    def parameters(self):
        for _, value in self.named_parameters():
            yield value

    def named_parameters(self, prefix=""):
        for name, value in self.__dict__.items():
            if isinstance(value, np.ndarray):
                yield prefix + name, value
        for name, child in self._children.items():
            yield from child.named_parameters(f"{prefix}{name}.")

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)


class Dense(Module):
    def __init__(self, n, m, seed=0):
        super().__init__()
        rng = np.random.default_rng(seed)
        self.weight = rng.normal(0.0, 0.5, (n, m))
        self.bias = rng.normal(0.0, 0.5, m)

    def forward(self, x):
        return x @ self.weight + self.bias


class Perceptron(Module):
    def __init__(self):
        super().__init__()
        self.first = Dense(3, 4)
        self.second = Dense(4, 2, seed=1)
        self.activation = np.tanh

    def forward(self, x, scale=1.0):
        return self.second(self.activation(self.first(x))) * scale


@program(Perceptron(), signed(5, 3), wrt=(0, 1))
def modules_with_parameters(model, x):
    penalty = sum(np.sum(p**2) for p in model.parameters())
    biases = sum(np.sum(v) for k, v in model.named_parameters() if k.endswith("bias"))
    return np.mean(model(x, scale=2.0) ** 2) + 0.01 * penalty + 0.1 * biases


class Layer:
    def __init__(self, *, name="layer", **rest):
        super().__init__(**rest)
        self.name = name

    def __call__(self, x):
        return self.forward(x)


class Scaling:
    def __init__(self, *, gain=1.0, **rest):
        super().__init__(**rest)
        self.gain = gain

    def forward(self, x):
        return self.gain * super().forward(x)


class Recording:
    seen = 0

    def forward(self, x):
        y = super().forward(x)
        self.seen += 1
        self.output = y
        return y


class Affine:
    def __init__(self, w, b):
        super().__init__()
        self.w, self.b = w, b

    def forward(self, x):
        return x @ self.w + self.b


class Rich(Recording, Scaling, Layer, Affine):
    def forward(self, x):
        return np.tanh(super().forward(x))


class Residual(Rich):
    def forward(self, x):
        return x + super().forward(x)


def bank():
    return [
        Rich(gain=1.5, w=signed(3, 2), b=numbers(2)),
        Residual(name="residual", w=signed(2, 2, seed=1), b=numbers(2)),
    ]


@program(bank(), signed(4, 3), wrt=(0, 1))
def layers_of_mixins(layers, x):
    for layer in layers:
        x = layer(x)
    penalty = sum(l.gain**2 for l in layers if isinstance(l, Scaling) and l.name == "residual")
    return np.sum(x**2) + penalty + layers[0].seen * np.sum(layers[1].output)


class Pipeline:
    registry = {}

    def __init__(self, *names):
        self.names = names
        self.options = defaultdict(dict)

    @classmethod
    def register(cls, name):
        def add(function):
            cls.registry[name] = function
            return function

        return add

    def __call__(self, x):
        for name in self.names:
            x = self.registry[name](x, **self.options[name])
        return x


@Pipeline.register("scale")
def scale(x, factor=2.0):
    return x * factor


@Pipeline.register("centre")
def centre(x):
    return x - x.mean()


Pipeline.register("soft")(lambda x, beta=1.0: np.log1p(np.exp(beta * x)) / beta)

PIPELINE = Pipeline("centre", "scale", "soft", "centre")
PIPELINE.options["soft"] = {"beta": 2.0}


@program(signed(4))
def a_pipeline_with_a_registry(x):
    return np.sum(PIPELINE(x) ** 2)


@program(PIPELINE, signed(4), wrt=(0, 1))
def a_pipeline_that_is_given(pipeline, x):
    return np.sum(pipeline(x) ** 2)


class Slotted:
    __slots__ = ("_x", "count", "w")

    def __init__(self, w):
        self.w = w
        self.count = 0

    def forward(self, x):
        self._x = x
        self.count += 1
        return self.w @ x

    @property
    def input_norm(self):
        return np.sum(self._x**2)


class SlottedMore(Slotted):
    __slots__ = ("b",)

    def __init__(self, w, b):
        super().__init__(w)
        self.b = b

    def forward(self, x):
        return super().forward(x) + self.b


@program(SlottedMore(signed(2, 3), signed(2)), signed(3), wrt=(0, 1))
def slots(layer, x):
    y = layer.forward(x)
    return np.sum(y**2) * layer.count + layer.input_norm


@dataclass
class Config:
    sizes: tuple = (3, 4, 1)
    activation: str = "tanh"
    decay: float = 0.01


@dataclass
class Trainer:
    config: Config
    weights: list = field(default_factory=list)
    losses: list = field(default_factory=list)

    def __post_init__(self):
        if not self.weights:
            pairs = zip(self.config.sizes[:-1], self.config.sizes[1:])
            self.weights = [signed(n, m, seed=n) for n, m in pairs]

    def predict(self, x):
        act = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[self.config.activation]
        *hidden, last = self.weights
        for w in hidden:
            x = act(x @ w)
        return (x @ last)[:, 0]

    def loss(self, x, y):
        data = np.mean((self.predict(x) - y) ** 2)
        penalty = self.config.decay * sum((w**2).sum() for w in self.weights)
        self.losses.append(float(data))
        return data + penalty


@program(Trainer(Config()), signed(5, 3), signed(5))
def a_trainer_of_dataclasses(trainer, x, y):
    return trainer.loss(x, y)
