"""Programs with optimisers, recurrences, shortest paths, warps and robust fits, as they are written."""

import functools
import itertools

import numpy as np

from tests.corpus.program import program

rng = np.random.default_rng(3)


class Adam:
    def __init__(self, lr=0.1, b1=0.9, b2=0.999):
        self.lr, self.b1, self.b2 = lr, b1, b2
        self.m = None
        self.v = None
        self.t = 0

    def update(self, p, g):
        if self.m is None:
            self.m = np.zeros_like(p)
            self.v = np.zeros_like(p)
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = self.b2 * self.v + (1 - self.b2) * g**2
        mh = self.m / (1 - self.b1**self.t)
        vh = self.v / (1 - self.b2**self.t)
        return p - self.lr * mh / (np.sqrt(vh) + 1e-8)


@program(rng.normal(size=3), rng.normal(size=(6, 3)), rng.normal(size=6), 0.05, wrt=(0, 1, 2, 3))
def unrolled_training(w, X, y, lr):
    opt = Adam(lr)
    for epoch in range(4):
        err = X @ w - y
        w = opt.update(w, X.T @ err / len(y))
    return np.mean((X @ w - y) ** 2)


def lstm_cell(x, h, c, W, b):
    z = np.concatenate([x, h]) @ W + b
    i, f, o, g = np.split(z, 4)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@program(
    rng.normal(size=(5, 2)),
    rng.normal(size=(5, 12)),
    rng.normal(size=12),
    rng.normal(size=(3, 2)),
    wrt=(0, 1, 2, 3),
)
def seq2seq(xs, W, b, Wo):
    h = c = np.zeros(b.size // 4)
    outs = []
    for x in xs:
        h, c = lstm_cell(x, h, c, W, b)
        outs.append(h @ Wo)
    outs = np.array(outs)
    return ((outs[1:] - xs[:-1]) ** 2).sum() / len(outs)


@program(rng.uniform(0.3, 0.7, 7), rng.normal(size=6), 6, wrt=(0, 1))
def wave_absorbing(c, src, nt):
    n = len(c)
    u = np.zeros(n)
    up = np.zeros(n)
    rec = np.zeros(nt)
    for t in range(nt):
        un = np.zeros(n)
        un[1:-1] = 2 * u[1:-1] - up[1:-1] + c[1:-1] ** 2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        un[n // 2] += src[t]
        un[0] = u[1] + (c[0] - 1) / (c[0] + 1) * (un[1] - u[0])
        un[-1] = u[-2]
        up, u = u, un
        rec[t] = u[1]
    return np.sum(rec**2)


@program(rng.uniform(0.1, 2, (4, 4)), wrt=(0,))
def floyd(w):
    d = w.copy()
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i, k] + d[k, j] < d[i, j]:
                    d[i, j] = d[i, k] + d[k, j]
    return d.sum()


@program(rng.normal(size=4), rng.normal(size=5), wrt=(0, 1))
def dtw(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = abs(a[i - 1] - b[j - 1])
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


@program(rng.normal(size=3), rng.uniform(0.5, 1, 3), np.array([0.3, 0.4]), wrt=(0, 1, 2))
def rigid_chain(angles, lengths, target):
    T = np.eye(3)
    for a, l in zip(angles, lengths):
        c, s = np.cos(a), np.sin(a)
        R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        D = np.array([[1, 0, l], [0, 1, 0], [0, 0, 1]])
        T = T @ R @ D
    return np.hypot(*(T[:2, 2] - target))


@program(rng.normal(size=(4, 4)), rng.uniform(-0.4, 0.4, (4, 4, 2)), wrt=(0, 1))
def bilinear_warp(img, flow):
    H, W = img.shape
    ys, xs = np.meshgrid(np.arange(H), np.arange(W), indexing="ij")
    x = np.clip(xs + flow[..., 0], 0, W - 1.001)
    y = np.clip(ys + flow[..., 1], 0, H - 1.001)
    x0 = np.floor(x).astype(int)
    y0 = np.floor(y).astype(int)
    wx, wy = x - x0, y - y0
    out = (1 - wy) * ((1 - wx) * img[y0, x0] + wx * img[y0, x0 + 1]) + wy * (
        (1 - wx) * img[y0 + 1, x0] + wx * img[y0 + 1, x0 + 1]
    )
    return np.sum(out**2)


@functools.lru_cache(None)
def binom(n, k):
    return 1 if k in (0, n) else binom(n - 1, k - 1) + binom(n - 1, k)


@program(rng.normal(size=(4, 2)), np.linspace(0, 1, 6)[1:-1], wrt=(0, 1))
def bezier(P, ts):
    n = len(P) - 1
    pts = sum(
        binom(n, i) * (1 - ts[:, None]) ** (n - i) * ts[:, None] ** i * P[i] for i in range(n + 1)
    )
    return np.sum(np.linalg.norm(np.diff(pts, axis=0), axis=1))


@program(
    rng.normal(size=2),
    rng.normal(size=(6, 2)),
    rng.uniform(size=6),
    np.array([1, 0, 1, 1, 0, 1]),
    wrt=(0, 1),
)
def cox_nll(beta, X, time, event):
    order = np.argsort(-time)
    eta = (X @ beta)[order]
    risk = np.log(np.cumsum(np.exp(eta)))
    return -np.sum((eta - risk)[event[order] == 1])


@program(rng.normal(size=(4, 4)) + 3 * np.eye(4), rng.normal(size=4), 2, wrt=(0, 1))
def gmres_like(A, b, m):
    n = len(b)
    Q = np.zeros((n, m + 1))
    H = np.zeros((m + 1, m))
    beta = np.linalg.norm(b)
    Q[:, 0] = b / beta
    for k in range(m):
        v = A @ Q[:, k]
        for j in range(k + 1):
            H[j, k] = Q[:, j] @ v
            v -= H[j, k] * Q[:, j]
        H[k + 1, k] = np.linalg.norm(v)
        if H[k + 1, k] < 1e-12:
            break
        Q[:, k + 1] = v / H[k + 1, k]
    e = np.zeros(m + 1)
    e[0] = beta
    yv = np.linalg.lstsq(H, e, rcond=None)[0]
    return np.sum((Q[:, :m] @ yv) ** 2)


@program(0.6, 0.2, (0.9, 0.1, 0.0), 6, wrt=(0, 1, 2))
def sir(beta, gamma, y0, T):
    S, I, R = y0
    hist = {"S": [], "I": []}
    for _ in range(T):
        new_inf = beta * S * I
        rec = gamma * I
        S, I, R = S - new_inf, I + new_inf - rec, R + rec
        for name, val in zip(("S", "I"), (S, I)):
            hist[name].append(val)
    return max(hist["I"]) + sum(h**2 for h in hist["S"])


@program(rng.normal(size=(7, 2)), rng.normal(size=7), 0.5, wrt=(0, 1, 2))
def huber_irls(X, y, delta):
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    for _ in range(3):
        r = y - X @ w
        a = np.abs(r)
        wt = np.ones_like(r)
        mask = a > delta
        wt[mask] = delta / a[mask]
        w = np.linalg.solve(X.T @ (wt[:, None] * X), X.T @ (wt * y))
    return w @ w


@program(rng.normal(size=(2, 4, 4)), wrt=(0,))
def maxpool_loops(x):
    N, H, W = x.shape
    out = np.empty((N, H // 2, W // 2))
    for n, i, j in itertools.product(range(N), range(H // 2), range(W // 2)):
        out[n, i, j] = x[n, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return (out**2).sum()
