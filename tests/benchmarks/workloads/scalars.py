"""Loops over Python numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, numbers, of_size


def newton_root(a, steps):
    x = a
    for _ in range(steps):
        x = 0.5 * (x + a / x)
    return x


def newton_root_by_hand(a, steps):
    x = a
    tape = []
    for _ in range(steps):
        tape.append(x)
        x = 0.5 * (x + a / x)
    d_x, d_a = 1.0, 0.0
    for x in reversed(tape):
        g = 0.5 * d_x
        d_a += g / x
        d_x = g - g * a / (x * x)
    return d_x + d_a


def newton_root_arguments(size: str) -> tuple[Any, ...]:
    return 2.0, of_size(size, 5, 100, 10_000)


def polynomial(x, n):
    total, power = 0.0, 1.0
    for k in range(n):
        total = total + power / (k + 1)
        power = power * x
    return total


def polynomial_by_hand(x, n):
    powers = []
    power = 1.0
    for _ in range(n):
        powers.append(power)
        power = power * x
    d_x = d_power = 0.0
    for k in range(n - 1, -1, -1):
        d_x += d_power * powers[k]
        d_power = d_power * x + 1.0 / (k + 1)
    return d_x


def polynomial_arguments(size: str) -> tuple[Any, ...]:
    return 0.7, of_size(size, 5, 100, 10_000)


def pendulum(angle, velocity, length, steps):
    h = 0.01
    for _ in range(steps):
        k1 = -9.81 / length * math.sin(angle)
        middle = velocity + 0.5 * h * k1
        k2 = -9.81 / length * math.sin(angle + 0.5 * h * velocity)
        angle = angle + h * middle
        velocity = velocity + h * k2
    return angle * angle + velocity


def pendulum_by_hand(angle, velocity, length, steps):
    h = 0.01
    ratio = -9.81 / length
    tape = []
    for _ in range(steps):
        tape.append((angle, velocity))
        middle = velocity + 0.5 * h * (ratio * math.sin(angle))
        moved = angle + 0.5 * h * velocity
        angle = angle + h * middle
        velocity = velocity + h * (ratio * math.sin(moved))
    d_angle, d_velocity, d_ratio = 2.0 * angle, 1.0, 0.0
    for angle, velocity in reversed(tape):
        moved = angle + 0.5 * h * velocity
        g2 = h * d_velocity
        d_ratio += g2 * math.sin(moved)
        d_moved = g2 * ratio * math.cos(moved)
        d_middle = h * d_angle
        g1 = 0.5 * h * d_middle
        d_ratio += g1 * math.sin(angle)
        d_angle += d_moved + g1 * ratio * math.cos(angle)
        d_velocity += d_middle + 0.5 * h * d_moved
    return d_angle, d_velocity, d_ratio * 9.81 / (length * length)


def pendulum_arguments(size: str) -> tuple[Any, ...]:
    return 0.5, 0.1, 1.3, of_size(size, 5, 100, 10_000)


def bodies(positions, velocities, masses, steps):
    for _ in range(steps):
        apart = positions[None, :, :] - positions[:, None, :]
        squared = np.sum(apart * apart, axis=2) + 0.01
        forces = np.sum(apart * (masses / (squared * np.sqrt(squared)))[:, :, None], axis=1)
        velocities = velocities + 0.01 * forces
        positions = positions + 0.01 * velocities
    return np.sum(positions * positions)


def bodies_by_hand(positions, velocities, masses, steps):
    tape = []
    for _ in range(steps):
        apart = positions[None, :, :] - positions[:, None, :]
        squared = np.einsum("ijk,ijk->ij", apart, apart)
        squared += 0.01
        weights = 1.0 / (squared * np.sqrt(squared))
        tape.append((apart, squared, weights))
        velocities = velocities + 0.01 * np.einsum("ijk,ij->ik", apart, weights * masses)
        positions = positions + 0.01 * velocities
    d_positions = 2.0 * positions
    d_velocities, d_masses = np.zeros_like(velocities), np.zeros_like(masses)
    for apart, squared, weights in reversed(tape):
        d_velocities += 0.01 * d_positions
        g = 0.01 * d_velocities
        d_factor = np.einsum("ijk,ik->ij", apart, g)
        d_masses += np.einsum("ij,ij->j", d_factor, weights)
        factor = weights * masses
        d_squared = d_factor * factor
        d_squared *= -1.5
        d_squared /= squared
        d_apart = factor[:, :, None] * g[:, None, :]
        d_apart += (2.0 * d_squared)[:, :, None] * apart
        d_positions += d_apart.sum(axis=0) - d_apart.sum(axis=1)
    return d_positions, d_velocities, d_masses


def bodies_arguments(size: str) -> tuple[Any, ...]:
    n, steps = of_size(size, (4, 5), (30, 20), (150, 20))
    masses = np.random.default_rng(3).uniform(0.5, 1.5, n)
    return numbers(n, 3), numbers(n, 3, seed=1, scale=0.1), masses, steps


SCALARS = (
    Workload("scalar loops", newton_root, newton_root_by_hand, newton_root_arguments, 0, False),
    Workload("scalar loops", polynomial, polynomial_by_hand, polynomial_arguments, 0, False),
    Workload("scalar loops", pendulum, pendulum_by_hand, pendulum_arguments, (0, 1, 2), False),
    Workload("scalar loops", bodies, bodies_by_hand, bodies_arguments, (0, 1, 2)),
)
