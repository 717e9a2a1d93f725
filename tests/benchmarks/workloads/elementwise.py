"""Formulas applied to each element of long arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, of_size, positive

LENGTHS = (100, 10_000, 2_000_000)


def normal_cdf(x):
    """The logistic approximation of the distribution function (Page 1977)."""
    return 1.0 / (1.0 + np.exp(-1.5976 * x - 0.070565992 * x**3))


def black_scholes(spot, strike, time, rate, volatility):
    spread = volatility * np.sqrt(time)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
    d2 = d1 - spread
    prices = spot * normal_cdf(d1) - strike * np.exp(-rate * time) * normal_cdf(d2)
    return np.sum(prices)


def black_scholes_by_hand(spot, strike, time, rate, volatility):
    root = np.sqrt(time)
    spread = volatility * root
    drift = rate + 0.5 * volatility**2
    d1 = (np.log(spot / strike) + drift * time) / spread
    d2 = d1 - spread
    discounted = strike * np.exp(-rate * time)
    n1 = 1.0 / (1.0 + np.exp(-1.5976 * d1 - 0.070565992 * d1**3))
    n2 = 1.0 / (1.0 + np.exp(-1.5976 * d2 - 0.070565992 * d2**3))
    p1 = n1 * (1.0 - n1) * (1.5976 + 0.211697976 * d1 * d1)
    p2 = n2 * (1.0 - n2) * (1.5976 + 0.211697976 * d2 * d2)
    g2 = -discounted * p2
    g1 = spot * p1 + g2
    q = g1 / spread
    d_spot = n1 + q / spot
    d_strike = -(q + discounted * n2) / strike
    d_spread = -(q * d1 + g2)
    d_time = q * drift + rate * discounted * n2 + d_spread * volatility * 0.5 / root
    d_volatility = np.sum(q * time) * volatility + d_spread @ root
    return d_spot, d_strike, d_time, d_volatility


def black_scholes_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, *LENGTHS)
    return (
        positive(n, low=80.0, high=120.0), positive(n, low=80.0, high=120.0, seed=1),
        positive(n, low=0.5, high=2.0, seed=2), 0.03, 0.2,
    )  # fmt: skip


def great_circle(lat1, lon1, lat2, lon2):
    s1, s2 = np.sin(0.5 * (lat2 - lat1)), np.sin(0.5 * (lon2 - lon1))
    h = s1**2 + np.cos(lat1) * np.cos(lat2) * s2**2
    return np.sum(12742.0 * np.arcsin(np.sqrt(h)))


def great_circle_by_hand(lat1, lon1, lat2, lon2):
    half_lat, half_lon = 0.5 * (lat2 - lat1), 0.5 * (lon2 - lon1)
    s1, s2 = np.sin(half_lat), np.sin(half_lon)
    c1, c2 = np.cos(lat1), np.cos(lat2)
    s2_squared = s2 * s2
    h = s1 * s1 + c1 * c2 * s2_squared
    g = 6371.0 / np.sqrt(h * (1.0 - h))
    along = g * s1 * np.cos(half_lat)
    across = g * s2_squared
    d_lon2 = g * c1 * c2 * s2 * np.cos(half_lon)
    d_lat1 = -along - across * c2 * np.sin(lat1)
    d_lat2 = along - across * c1 * np.sin(lat2)
    return d_lat1, -d_lon2, d_lat2, d_lon2


def great_circle_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, *LENGTHS)
    return tuple(positive(n, low=0.1, high=1.2, seed=k) for k in range(4))


def long_chain(x):
    y = x * x + 1.0
    z = np.sqrt(y) * 0.5
    w = np.exp(-z) + y
    v = np.log(w) * z
    u = np.tanh(v) - w * 0.1
    t = u * u + v
    return np.sum(t * z)


def long_chain_by_hand(x):
    y = x * x + 1.0
    root = np.sqrt(y)
    z = root * 0.5
    e = np.exp(-z)
    w = e + y
    logarithm = np.log(w)
    v = logarithm * z
    th = np.tanh(v)
    u = th - w * 0.1
    t = u * u + v
    d_u = 2.0 * u * z
    d_v = z + d_u * (1.0 - th * th)
    d_w = d_v * z / w - 0.1 * d_u
    d_z = t + d_v * logarithm - d_w * e
    d_y = d_w + d_z * 0.25 / root
    return 2.0 * x * d_y


def long_chain_arguments(size: str) -> tuple[Any, ...]:
    return (positive(of_size(size, *LENGTHS)),)


ELEMENTWISE = (
    Workload("elementwise", black_scholes, black_scholes_by_hand, black_scholes_arguments,
             (0, 1, 2, 4)),
    Workload("elementwise", great_circle, great_circle_by_hand, great_circle_arguments,
             (0, 1, 2, 3)),
    Workload("elementwise", long_chain, long_chain_by_hand, long_chain_arguments),
)  # fmt: skip
