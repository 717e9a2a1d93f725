"""Programs as statisticians and engineers write them: likelihoods, filters, networks, solvers."""

import math
from collections import namedtuple

import numpy as np

from tests.corpus.program import program

rng = np.random.default_rng(0)


@program(np.array([0.1, 0.2, 0.6]), rng.normal(size=30), wrt=(0, 1))
def garch_nll(params, returns):
    omega, alpha, beta = params
    n = len(returns)
    sigma2 = np.empty(n)
    sigma2[0] = returns.var()
    for t in range(1, n):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    ll = -0.5 * (np.log(2 * np.pi) + np.log(sigma2) + returns**2 / sigma2)
    return -ll.sum()


@program(
    rng.normal(size=3),
    rng.normal(size=(3, 3)),
    rng.normal(size=3),
    rng.uniform(0.5, 1, 3),
    rng.normal(size=8),
    wrt=(0, 1, 2, 3, 4),
)
def hmm_loglik(log_pi, log_A, mu, sigma, obs):
    def logsumexp(a, axis=None):
        m = np.max(a, axis=axis, keepdims=True)
        out = np.log(np.sum(np.exp(a - m), axis=axis, keepdims=True)) + m
        return out.squeeze() if axis is None else np.squeeze(out, axis=axis)

    def log_emission(x):
        return -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)

    log_pi = log_pi - logsumexp(log_pi)
    log_A = log_A - logsumexp(log_A, axis=1)[:, np.newaxis]
    T = obs.shape[0]
    K = log_pi.shape[0]
    alpha = np.full((T, K), -np.inf)
    alpha[0] = log_pi + log_emission(obs[0])
    for t in range(1, T):
        for j in range(K):
            alpha[t, j] = logsumexp(alpha[t - 1] + log_A[:, j]) + log_emission(obs[t])[j]
    return logsumexp(alpha[-1])


def thomas(a, b, c, d):
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m if i < n - 1 else 0.0
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


@program(101.3, 100.0, 0.05, 0.2, 1.0, wrt=(0, 1, 2, 3, 4))
def black_scholes_cn(S0, K, r, sigma, T, N=12, M=5):
    Smax = 3 * K
    S = np.linspace(0, Smax, N + 1)
    dt = T / M
    j = np.arange(1, N)
    alpha = 0.25 * dt * (sigma**2 * j**2 - r * j)
    beta = -0.5 * dt * (sigma**2 * j**2 + r)
    gamma = 0.25 * dt * (sigma**2 * j**2 + r * j)
    V = np.maximum(S - K, 0)
    for m in range(M):
        rhs = alpha * V[:-2] + (1 + beta) * V[1:-1] + gamma * V[2:]
        top = Smax - K * np.exp(-r * dt * (m + 1))
        rhs[-1] += gamma[-1] * top
        V[1:-1] = thomas(-alpha, 1 - beta, -gamma, rhs)
        V[0] = 0.0
        V[-1] = top
    i = int(S0 / (Smax / N))
    w = (S0 - S[i]) / (S[i + 1] - S[i])
    return (1 - w) * V[i] + w * V[i + 1]


def im2col(x, kh, kw, stride=1, pad=0):
    N, C, H, W = x.shape
    oh = (H + 2 * pad - kh) // stride + 1
    ow = (W + 2 * pad - kw) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((N, C, kh, kw, oh, ow))
    for y in range(kh):
        y_max = y + stride * oh
        for xx in range(kw):
            x_max = xx + stride * ow
            col[:, :, y, xx, :, :] = img[:, :, y:y_max:stride, xx:x_max:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * oh * ow, -1)


@program(
    {
        "W1": rng.normal(size=(2, 1, 3, 3)),
        "b1": rng.normal(size=2),
        "W2": rng.normal(size=(8, 3)),
        "b2": np.zeros(3),
    },
    rng.normal(size=(2, 1, 6, 6)),
    np.array([0, 2]),
    wrt=(0, 1),
)
def cnn_loss(params, x, labels):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    FN, C, FH, FW = W1.shape
    N, C, H, W = x.shape
    out_h = H - FH + 1
    out_w = W - FW + 1
    col = im2col(x, FH, FW)
    out = np.dot(col, W1.reshape(FN, -1).T) + b1
    out = out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)
    out = np.maximum(out, 0)
    # 2x2 max pool
    out = out.reshape(N, FN, out_h // 2, 2, out_w // 2, 2).max(axis=(3, 5))
    flat = out.reshape(N, -1)
    scores = flat @ W2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(N), labels] + 1e-9).mean()
    return loss + 1e-3 * sum((p**2).sum() for p in params.values())


@program(
    rng.normal(size=(1, 2, 4, 4)),
    rng.normal(size=(2, 2, 3, 3)),
    rng.normal(size=2),
    1,
    1,
    wrt=(0, 1, 2),
)
def conv_loops(x, w, b, stride, pad):
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Hp = 1 + (H + 2 * pad - HH) // stride
    Wp = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, Hp, Wp))
    for n in range(N):
        for f in range(F):
            for i in range(Hp):
                for j in range(Wp):
                    h1 = i * stride
                    w1 = j * stride
                    window = x_pad[n, :, h1 : h1 + HH, w1 : w1 + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return np.sum(np.tanh(out) ** 2)


@program(np.array([0.1, 0.2, -1.0]), rng.normal(size=(6, 2)), rng.normal(size=6), wrt=(0, 1, 2))
def gp_nlml(theta, X, y):
    ell, sf, sn = np.exp(theta)
    d2 = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=-1)
    K = sf**2 * np.exp(-0.5 * d2 / ell**2) + sn**2 * np.eye(len(X))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.log(np.diag(L)).sum() + 0.5 * len(X) * np.log(2 * np.pi)


def rk45(f, y0, t0, t1, tol=1e-5):
    A = [
        [],
        [1 / 4],
        [3 / 32, 9 / 32],
        [1932 / 2197, -7200 / 2197, 7296 / 2197],
        [439 / 216, -8, 3680 / 513, -845 / 4104],
        [-8 / 27, 2, -3544 / 2565, 1859 / 4104, -11 / 40],
    ]
    B4 = [25 / 216, 0, 1408 / 2565, 2197 / 4104, -1 / 5, 0]
    B5 = [16 / 135, 0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55]
    C = [0, 1 / 4, 3 / 8, 12 / 13, 1, 1 / 2]
    t, y, h = t0, y0, 0.1
    steps = 0
    while t < t1:
        if t + h > t1:
            h = t1 - t
        ks = []
        for i in range(6):
            yi = y
            for a, k in zip(A[i], ks):
                yi = yi + h * a * k
            ks.append(f(t + C[i] * h, yi))
        y4 = y + h * sum(b * k for b, k in zip(B4, ks))
        y5 = y + h * sum(b * k for b, k in zip(B5, ks))
        err = abs(y5 - y4)
        if err <= tol or h < 1e-6:
            t += h
            y = y5
            steps += 1
        h *= min(2.0, max(0.3, 0.9 * (tol / (err + 1e-16)) ** 0.2))
    return y


@program(1.3, 2.0, 0.3, wrt=(0, 1, 2))
def logistic(r, K, y0):
    return rk45(lambda t, y: r * y * (1 - y / K), y0, 0.0, 2.0)


couplings = rng.normal(size=(4, 4)) * 0.1


@program(couplings + couplings.T, rng.normal(size=4) * 0.3, 0.8, wrt=(0, 1, 2))
def ising_mean_field(J, h, beta):
    m = 0.1 * np.ones_like(h)
    for it in range(100):
        m_new = np.tanh(beta * (J @ m + h))
        if np.max(np.abs(m_new - m)) < 1e-10:
            break
        m = 0.5 * m + 0.5 * m_new
    else:
        raise RuntimeError("no convergence")
    S = -np.sum((1 + m) / 2 * np.log((1 + m) / 2) + (1 - m) / 2 * np.log((1 - m) / 2))
    return -0.5 * m @ J @ m - h @ m - S / beta


J = rng.normal(size=(4, 4)) * 0.1
J = J + J.T


J = rng.normal(size=(4, 4)) * 0.1
J = J + J.T
