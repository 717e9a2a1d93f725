"""Objectives of the GradBench suite (github.com/gradbench/gradbench), from their definitions.

Those that ask for one gradient of a number; Jacobians and nested derivatives have benchmarks of
their own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, numbers, of_size

# hello: the square


def square(x):
    return x * x


def square_by_hand(x):
    return 2.0 * x


def square_arguments(size: str) -> tuple[Any, ...]:
    return (of_size(size, 3.0, 4.0, 5.0),)


# lse: the logarithm of a sum of exponentials


def log_sum_exp(x):
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


def log_sum_exp_by_hand(x):
    e = x - x.max()
    np.exp(e, out=e)
    e /= e.sum()
    return e


def log_sum_exp_arguments(size: str) -> tuple[Any, ...]:
    return (numbers(of_size(size, 10, 1_000, 1_000_000)),)


# llsq: least squares of a polynomial


def least_squares(x, t):
    powers = t[:, None] ** np.arange(len(x))
    s = np.sign(t)
    return 0.5 * np.sum((s - powers @ x) ** 2)


def least_squares_by_hand(x, t):
    powers = t[:, None] ** np.arange(len(x))
    residual = powers @ x
    residual -= np.sign(t)
    return residual @ powers


def least_squares_arguments(size: str) -> tuple[Any, ...]:
    n, m = of_size(size, (16, 4), (1_000, 16), (20_000, 64))
    return numbers(m), np.linspace(-1.0, 1.0, n)


# kmeans: the cost of cluster centres


def clustering(centres, points):
    differences = points[:, None, :] - centres[None, :, :]
    return np.sum(np.min(np.sum(differences**2, axis=2), axis=1))


def clustering_by_hand(centres, points):
    distances = (centres * centres).sum(axis=1) - 2.0 * (points @ centres.T)
    nearest = distances.argmin(axis=1)
    one_hot = np.zeros((len(centres), len(points)))
    one_hot[nearest, np.arange(len(points))] = 1.0
    return 2.0 * (one_hot.sum(axis=1)[:, None] * centres - one_hot @ points)


def clustering_arguments(size: str) -> tuple[Any, ...]:
    k, n, d = of_size(size, (3, 20, 2), (10, 1_000, 8), (20, 20_000, 16))
    return numbers(k, d), numbers(n, d, seed=1)


# gmm: a mixture of Gaussians, as in ADBench


def mixture(alphas, means, qs, ls, x, gamma, m):
    n, d = x.shape
    k = alphas.shape[0]
    diagonal = np.exp(qs)
    sums = np.sum(qs, axis=1)
    factors = np.zeros((k, d, d))
    rows, columns = np.tril_indices(d, -1)
    factors[:, rows, columns] = ls
    factors[:, np.arange(d), np.arange(d)] = diagonal
    centred = x[:, None, :] - means[None, :, :]
    projected = np.einsum("kij,nkj->nki", factors, centred)
    inner = alphas + sums - 0.5 * np.sum(projected**2, axis=2)
    largest = np.max(inner, axis=1, keepdims=True)
    likelihood = np.sum(largest[:, 0] + np.log(np.sum(np.exp(inner - largest), axis=1)))
    top = np.max(alphas)
    normaliser = n * (top + np.log(np.sum(np.exp(alphas - top))))
    prior = np.sum(0.5 * gamma**2 * (np.sum(diagonal**2, axis=1) + np.sum(ls**2, axis=1)))
    return likelihood - normaliser + prior - m * np.sum(sums)


def mixture_by_hand(alphas, means, qs, ls, x, gamma, m):
    n, d = x.shape
    k = alphas.shape[0]
    diagonal = np.exp(qs)
    rows, columns = np.tril_indices(d, -1)
    places = np.arange(d)
    factors = np.zeros((k, d, d))
    factors[:, rows, columns] = ls
    factors[:, places, places] = diagonal
    centred = (x[:, None, :] - means).transpose(1, 0, 2)
    projected = centred @ factors.transpose(0, 2, 1)
    inner = alphas + qs.sum(axis=1) - 0.5 * (projected * projected).sum(axis=2).T
    inner -= inner.max(axis=1, keepdims=True)
    weights = np.exp(inner, out=inner)
    weights /= weights.sum(axis=1, keepdims=True)
    totals = weights.sum(axis=0)
    e = np.exp(alphas - alphas.max())
    d_alphas = totals - n * e / e.sum()
    projected *= -weights.T[:, :, None]
    d_factors = projected.transpose(0, 2, 1) @ centred
    d_means = -(projected @ factors).sum(axis=1)
    d_ls = d_factors[:, rows, columns] + gamma**2 * ls
    d_qs = diagonal * (d_factors[:, places, places] + gamma**2 * diagonal)
    d_qs += (totals - m)[:, None]
    return d_alphas, d_means, d_qs, d_ls


def mixture_arguments(size: str) -> tuple[Any, ...]:
    k, d, n = of_size(size, (3, 2, 20), (10, 10, 500), (25, 20, 5_000))
    below = d * (d - 1) // 2
    return (
        numbers(k), numbers(k, d, seed=1), numbers(k, d, seed=2, scale=0.1),
        numbers(k, below, seed=3, scale=0.1), numbers(n, d, seed=4), 1.0, 0,
    )  # fmt: skip


# ode: a predator and its prey by the method of Runge and Kutta


def predator_and_prey(x, steps):
    a, b, y, z = x[0], x[1], x[2], x[3]
    h = 0.01
    for _ in range(steps):
        k1, l1 = a * y - b * y * z, b * y * z - z
        y2, z2 = y + 0.5 * h * k1, z + 0.5 * h * l1
        k2, l2 = a * y2 - b * y2 * z2, b * y2 * z2 - z2
        y, z = y + h * k2, z + h * l2
    return y * y + z


def predator_and_prey_by_hand(x, steps):
    a, b, y, z = x.tolist()
    h = 0.01
    tape = []
    for _ in range(steps):
        tape.append((y, z))
        k1, l1 = a * y - b * y * z, b * y * z - z
        y2, z2 = y + 0.5 * h * k1, z + 0.5 * h * l1
        k2, l2 = a * y2 - b * y2 * z2, b * y2 * z2 - z2
        y, z = y + h * k2, z + h * l2
    d_a = d_b = 0.0
    d_y, d_z = 2.0 * y, 1.0
    for y, z in reversed(tape):
        k1, l1 = a * y - b * y * z, b * y * z - z
        y2, z2 = y + 0.5 * h * k1, z + 0.5 * h * l1
        g, e = h * d_y, h * d_z
        d_a += g * y2
        d_b += (e - g) * y2 * z2
        d_y2 = g * a + (e - g) * b * z2
        d_z2 = (e - g) * b * y2 - e
        d_y += d_y2
        d_z += d_z2
        g, e = 0.5 * h * d_y2, 0.5 * h * d_z2
        d_a += g * y
        d_b += (e - g) * y * z
        d_y += g * a + (e - g) * b * z
        d_z += (e - g) * b * y - e
    return np.array([d_a, d_b, d_y, d_z])


def predator_and_prey_arguments(size: str) -> tuple[Any, ...]:
    return np.array([1.1, 0.4, 1.0, 0.5]), of_size(size, 10, 200, 5_000)


# det: a determinant by expansion in minors


def determinant(a):
    if len(a) == 1:
        return a[0, 0]
    total = 0.0
    for j in range(len(a)):
        minor = np.concatenate([a[1:, :j], a[1:, j + 1 :]], axis=1)
        total = total + (-1) ** j * a[0, j] * determinant(minor)
    return total


def determinant_by_hand(a):
    return np.linalg.det(a) * np.linalg.inv(a).T


def determinant_arguments(size: str) -> tuple[Any, ...]:
    return (numbers(*(of_size(size, 2, 3, 4),) * 2),)


# ht: a hand of points moved by rotations, in the manner of hand tracking


def hand(angles, base, targets):
    moved = base
    for k in range(len(angles)):
        c, s = np.cos(angles[k]), np.sin(angles[k])
        x, y, z = moved[0], moved[1], moved[2]
        moved = np.stack([c * x - s * y, s * x + c * y, z + 0.1 * c])
    return np.sum((moved - targets) ** 2)


def hand_by_hand(angles, base, targets):
    cs, ss = np.cos(angles), np.sin(angles)
    tape = [base]
    for c, s in zip(cs.tolist(), ss.tolist()):
        x, y, z = tape[-1]
        tape.append(np.stack([c * x - s * y, s * x + c * y, z + 0.1 * c]))
    d = 2.0 * (tape.pop() - targets)
    d_angles = np.empty(len(angles))
    for k in reversed(range(len(angles))):
        c, s = float(cs[k]), float(ss[k])
        x, y, _ = tape.pop()
        dx, dy, dz = d
        d_angles[k] = dx @ (-s * x - c * y) + dy @ (c * x - s * y) - 0.1 * s * dz.sum()
        d = np.stack([c * dx + s * dy, c * dy - s * dx, dz])
    return d_angles


def hand_arguments(size: str) -> tuple[Any, ...]:
    joints, points = of_size(size, (3, 10), (10, 500), (20, 20_000))
    return numbers(joints), numbers(3, points, seed=1), numbers(3, points, seed=2)


# particle: the fall of a charge along a field, a number from a loop that ends where it lands


def landing(w):
    x, y, vx, vy = 0.0, 8.0, 0.75, 0.0
    dt = 0.01
    while y > 0.0:
        d1, d2 = x - 10.0, y - 10.0 + w
        r1 = math.sqrt(d1 * d1 + d2 * d2)
        d3, d4 = x - 10.0, y
        r2 = math.sqrt(d3 * d3 + d4 * d4)
        ax = d1 / r1**3 + d3 / r2**3
        ay = d2 / r1**3 + d4 / r2**3 - 0.3
        x, y = x + dt * vx, y + dt * vy
        vx, vy = vx + dt * ax, vy + dt * ay
    return x * x


def landing_by_hand(w):
    x, y, vx, vy = 0.0, 8.0, 0.75, 0.0
    dt = 0.01
    tape = []
    while y > 0.0:
        tape.append((x, y))
        d1, d2 = x - 10.0, y - 10.0 + w
        r1 = math.sqrt(d1 * d1 + d2 * d2)
        d3, d4 = x - 10.0, y
        r2 = math.sqrt(d3 * d3 + d4 * d4)
        ax = d1 / r1**3 + d3 / r2**3
        ay = d2 / r1**3 + d4 / r2**3 - 0.3
        x, y = x + dt * vx, y + dt * vy
        vx, vy = vx + dt * ax, vy + dt * ay
    gx, gy, gvx, gvy, gw = 2.0 * x, 0.0, 0.0, 0.0, 0.0
    for x, y in reversed(tape):
        gax, gay = dt * gvx, dt * gvy
        gvx, gvy = gvx + dt * gx, gvy + dt * gy
        d1, d2 = x - 10.0, y - 10.0 + w
        d3, d4 = x - 10.0, y
        q1, q2 = d1 * d1 + d2 * d2, d3 * d3 + d4 * d4
        i1, i2 = q1**-1.5, q2**-1.5
        s1 = 3.0 * (gax * d1 + gay * d2) * i1 / q1
        s2 = 3.0 * (gax * d3 + gay * d4) * i2 / q2
        g1, g2 = gax * i1 - s1 * d1, gay * i1 - s1 * d2
        gx += g1 + gax * i2 - s2 * d3
        gy += g2 + gay * i2 - s2 * d4
        gw += g2
    return gw


def landing_arguments(size: str) -> tuple[Any, ...]:
    return (of_size(size, 0.0, 0.5, 1.0),)


GRADBENCH = (
    Workload("GradBench", square, square_by_hand, square_arguments),
    Workload("GradBench", log_sum_exp, log_sum_exp_by_hand, log_sum_exp_arguments),
    Workload("GradBench", least_squares, least_squares_by_hand, least_squares_arguments),
    Workload("GradBench", clustering, clustering_by_hand, clustering_arguments),
    Workload("GradBench", mixture, mixture_by_hand, mixture_arguments, (0, 1, 2, 3), False),
    Workload("GradBench", predator_and_prey, predator_and_prey_by_hand,
             predator_and_prey_arguments),
    Workload("GradBench", determinant, determinant_by_hand, determinant_arguments),
    Workload("GradBench", hand, hand_by_hand, hand_arguments),
    Workload("GradBench", landing, landing_by_hand, landing_arguments, 0, False),
)  # fmt: skip
