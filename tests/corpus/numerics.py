"""Programs as computational scientists write them: fits, flows, particles, recursions, graphs."""

import math
from collections import namedtuple

import numpy as np

from tests.corpus.program import program

rng = np.random.default_rng(1)


@program(
    np.array([0.0, 0.7, 1.5, 2.1, 3.0]),
    rng.normal(size=5),
    np.array([0.3, 1.1, 2.8]),
    wrt=(0, 1, 2),
)
def natural_cubic_spline(x, y, xs):
    n = len(x)
    h = np.diff(x)
    A = np.zeros((n, n))
    rhs = np.zeros(n)
    A[0, 0] = A[-1, -1] = 1.0
    for i in range(1, n - 1):
        A[i, i - 1 : i + 2] = [h[i - 1], 2 * (h[i - 1] + h[i]), h[i]]
        rhs[i] = 3 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    c = np.linalg.solve(A, rhs)
    b = (y[1:] - y[:-1]) / h - h * (2 * c[:-1] + c[1:]) / 3
    d = (c[1:] - c[:-1]) / (3 * h)
    total = 0.0
    for xi in xs:
        k = np.searchsorted(x, xi) - 1
        k = min(max(k, 0), n - 2)
        dx = xi - x[k]
        total += (y[k] + b[k] * dx + c[k] * dx**2 + d[k] * dx**3) ** 2
    return total


@program(rng.normal(size=5), np.linspace(0, 1, 9), rng.normal(size=9), 1.1, wrt=(0, 1, 2, 3))
def fourier_fit(coeffs, t, y, period):
    a0, a, b = coeffs[0], coeffs[1::2], coeffs[2::2]
    model = np.full_like(t, a0)
    for k, (ak, bk) in enumerate(zip(a, b), start=1):
        w = 2 * np.pi * k / period
        model += ak * np.cos(w * t) + bk * np.sin(w * t)
    residual = y - model
    return float(residual @ residual) / len(t)


@program(rng.uniform(0.1, 1, size=(4, 4)), 0.8, wrt=(0, 1))
def pagerank(W, damping=0.85, tol=1e-9):
    n = W.shape[0]
    out = W.sum(axis=0)
    P = W / np.where(out > 0, out, 1.0)
    P[:, out == 0] = 1.0 / n
    r = np.ones(n) / n
    while True:
        r_next = damping * P @ r + (1 - damping) / n
        if np.linalg.norm(r_next - r, 1) < tol:
            break
        r = r_next
    return r_next[0] - np.log(r_next[1])


@program(
    np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.4]), rng.uniform(size=(3, 2)), 0.3, wrt=(0, 1, 2, 3)
)
def sinkhorn(a, b, C, eps, n_iter=30):
    K = np.exp(-C / eps)
    u = np.ones_like(a)
    v = np.ones_like(b)
    for _ in range(n_iter):
        u = a / (K @ v)
        v = b / (K.T @ u)
    P = u[:, None] * K * v[None, :]
    return np.sum(P * C)


@program(
    rng.normal(size=(8, 2)),
    rng.normal(size=(3, 2)),
    1.5,
    wrt=(0, 1, 2),
)
def soft_kmeans(X, centers, beta, iters=5):
    for it in range(iters):
        dist = ((X[:, np.newaxis] - centers) ** 2).sum(axis=2)
        R = np.exp(-beta * dist)
        R /= R.sum(axis=1, keepdims=True)
        new = np.array([np.average(X, axis=0, weights=R[:, k]) for k in range(len(centers))])
        shift = np.abs(new - centers).max()
        centers = new
        if shift < 1e-12:
            break
    return np.sum(R * dist)


@program(
    np.array([[0.0, 0], [1.1, 0.1], [0.2, 1.2], [1.3, 1.25]]),
    3.0,
    wrt=(0, 1),
    refused="a list of pairs whose length depends on the data",
)
def lj_neighbour_list(pos, box, cutoff=1.6):
    n = len(pos)
    pairs = []
    for i in range(n):
        for j in range(i + 1, n):
            d = pos[i] - pos[j]
            d -= box * np.round(d / box)
            if d @ d < cutoff**2:
                pairs.append((i, j))
    energy = 0.0
    forces = np.zeros_like(pos)
    for i, j in pairs:
        rij = pos[i] - pos[j]
        rij = rij - box * np.rint(rij / box)
        r2 = np.dot(rij, rij)
        inv6 = (1.0 / r2) ** 3
        energy += 4 * inv6 * (inv6 - 1)
        f = 24 * inv6 * (2 * inv6 - 1) / r2 * rij
        forces[i] += f
        forces[j] -= f
    return energy + 1e-3 * np.sum(forces**2)


@program(rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), 0.7, 3, wrt=(0, 1, 2))
def horn_schunck(I1, I2, alpha, n_iter):
    Ix = np.zeros_like(I1)
    Iy = np.zeros_like(I1)
    Ix[:, 1:-1] = (I1[:, 2:] - I1[:, :-2]) / 2
    Iy[1:-1, :] = (I1[2:, :] - I1[:-2, :]) / 2
    It = I2 - I1
    u = np.zeros(I1.shape)
    v = np.zeros(I1.shape)

    def average(f):
        p = np.pad(f, 1, mode="edge")
        return (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]) / 4

    for _ in range(n_iter):
        ub, vb = average(u), average(v)
        num = Ix * ub + Iy * vb + It
        den = alpha**2 + Ix**2 + Iy**2
        u = ub - Ix * num / den
        v = vb - Iy * num / den
    return np.hypot(u, v).mean()


@program(
    np.array([0.8, 0.5, 0.7]),
    rng.normal(size=4),
    rng.normal(size=(5, 6)),
    rng.uniform(size=4),
    wrt=(0, 1),
)
def particle_filter(theta, ys, noise, uniforms):
    a, sq, sr = theta
    N = noise.shape[1]
    x = noise[0]
    ll = 0.0
    for t, y in enumerate(ys):
        x = a * x + sq * noise[t + 1]
        logw = -0.5 * ((y - x) / sr) ** 2 - np.log(sr)
        m = logw.max()
        w = np.exp(logw - m)
        ll += m + np.log(w.mean())
        w /= w.sum()
        cum = np.cumsum(w)
        positions = (uniforms[t] + np.arange(N)) / N
        idx = np.searchsorted(cum, positions)
        idx = np.minimum(idx, N - 1)
        x = x[idx]
    return ll


@program([0.3, 1.2, -0.5], np.array([0.0, 1.0]), [0.1, -0.2], (-0.5, -0.9), wrt=(0, 1, 2, 3))
def em_gmm(X, mu, log_sigma, log_pi):
    K = len(mu)
    ll = 0
    for x in X:
        comps = []
        for k in range(K):
            s = math.exp(log_sigma[k])
            comps.append(
                log_pi[k] - 0.5 * ((x - mu[k]) / s) ** 2 - math.log(s) - 0.5 * math.log(2 * math.pi)
            )
        m = max(comps)
        ll += m + math.log(sum(math.exp(c - m) for c in comps))
    return -ll


Body = namedtuple("Body", "m r v")


@program([Body(1.0, rng.normal(size=3), rng.normal(size=3)) for _ in range(3)], 0.05, 3, wrt=(0, 1))
def energy_drift(bodies, dt, steps):
    bodies = list(bodies)

    def acc(i):
        a = np.zeros(3)
        for j, other in enumerate(bodies):
            if j == i:
                continue
            d = other.r - bodies[i].r
            a = a + other.m * d / (d @ d + 0.01) ** 1.5
        return a

    for _ in range(steps):
        accs = [acc(i) for i in range(len(bodies))]
        bodies = [Body(b.m, b.r + dt * b.v, b.v + dt * a) for b, a in zip(bodies, accs)]
    return sum(0.5 * b.m * b.v @ b.v for b in bodies)


@program(np.array([2.0, 0.7, 0.3, -0.2, 0.1]), 4, wrt=(0,))
def levinson(r, order):
    a = np.zeros(order + 1)
    a[0] = 1.0
    e = r[0]
    for k in range(1, order + 1):
        acc = r[k] + sum(a[j] * r[k - j] for j in range(1, k))
        lam = -acc / e
        a_prev = a.copy()
        for j in range(1, k):
            a[j] = a_prev[j] + lam * a_prev[k - j]
        a[k] = lam
        e *= 1 - lam**2
    return e + a.sum()


@program(rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), wrt=(0, 1))
def viterbi_soft(scores, trans):
    T, K = scores.shape
    dp = scores[0]
    back = []
    for t in range(1, T):
        cand = dp[:, None] + trans
        back.append(cand.argmax(0))
        dp = cand.max(0) + scores[t]
    best = int(dp.argmax())
    path = [best]
    for bp in reversed(back):
        best = int(bp[best])
        path.append(best)
    path.reverse()
    s = scores[0, path[0]]
    for t in range(1, T):
        s += trans[path[t - 1], path[t]] + scores[t, path[t]]
    return s


@program(np.array([0.5, 0.1]), np.array([0.7, 0.5, 0.9, 0.6, 0.8, 0.55]), wrt=(0, 1))
def gillespie_like(rates, u):
    t, n = 0.0, 10
    k = 0
    while n > 0 and k < len(u):
        a = [rates[0] * n, rates[1] * n * (n - 1) / 2]
        a0 = sum(a)
        t += -np.log(u[k]) / a0
        n -= 1 if u[-k - 1] * a0 < a[0] else 2
        k += 1
    return t


@program(0.3, 1.1, wrt=(0, 1))
def newton_raphson_kepler(e, M):
    E = M if e < 0.8 else np.pi
    for _ in range(50):
        dE = (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
        E -= dE
        if abs(dE) < 1e-12:
            return np.cos(E) - e
    raise ValueError("no convergence")


@program(rng.normal(size=(4, 4)), 0.3, 2, wrt=(0, 1))
def heat_adi(u, r, steps):
    ny, nx = u.shape

    def sweep(u):
        out = u.copy()
        lower = np.full(nx, -r)
        diag = np.full(nx, 1 + 2 * r)
        upper = np.full(nx, -r)
        diag[0] = diag[-1] = 1.0
        upper[0] = lower[-1] = 0.0
        for j in range(1, ny - 1):
            d = u[j] + r * (u[j - 1] - 2 * u[j] + u[j + 1])
            b = diag.copy()
            for i in range(1, nx):
                w = lower[i] / b[i - 1]
                b[i] -= w * upper[i - 1]
                d[i] -= w * d[i - 1]
            out[j, -1] = d[-1] / b[-1]
            for i in range(nx - 2, -1, -1):
                out[j, i] = (d[i] - upper[i] * out[j, i + 1]) / b[i]
        return out

    for _ in range(steps):
        u = sweep(u)
        u = sweep(u.T).T
    return (u**2).sum()
