"""Prices of options by Monte Carlo: Asian, barrier and American (by regression), one set of paths."""

import numpy as np


def volatility(spot, level, skew):
    """A local volatility that falls as the price rises."""
    return level * np.exp(-skew * np.log(spot))


def simulate_paths(spot, rate, level, skew, maturity, draws):
    """Prices at each date, [path, date], by Euler steps of the logarithm."""
    paths, dates = draws.shape
    dt = maturity / dates
    prices = np.empty((paths, dates + 1))
    prices[:, 0] = spot
    for t in range(dates):
        now = prices[:, t]
        sigma = volatility(now, level, skew)
        drift = (rate - 0.5 * sigma**2) * dt
        prices[:, t + 1] = now * np.exp(drift + sigma * np.sqrt(dt) * draws[:, t])
    return prices


def asian(prices, strike, discount):
    average = prices[:, 1:].mean(axis=1)
    return discount * np.maximum(average - strike, 0.0).mean()


def barrier(prices, strike, limit, discount, sharpness=8.0):
    """Knocked out softly where a path has come near the barrier."""
    alive = np.ones(len(prices))
    for t in range(1, prices.shape[1]):
        alive *= 1.0 / (1.0 + np.exp(sharpness * (prices[:, t] - limit)))
    payoff = np.maximum(prices[:, -1] - strike, 0.0)
    return discount * np.mean(alive * payoff)


def american_put(prices, strike, rate, dt):
    """Longstaff and Schwartz: regression of what continuing is worth on the price."""
    paths, count = prices.shape
    value = np.maximum(strike - prices[:, -1], 0.0)
    factor = np.exp(-rate * dt)
    for t in range(count - 2, 0, -1):
        value *= factor
        now = prices[:, t]
        exercise = np.maximum(strike - now, 0.0)
        worth = exercise > 0.0
        if np.sum(worth) < 4:
            continue
        basis = np.ones((paths, 3))
        basis[:, 1] = now
        basis[:, 2] = now * now
        weighted = basis * worth[:, None]
        normal = weighted.T @ basis + 1e-6 * np.eye(3)
        coefficients = np.linalg.solve(normal, weighted.T @ value)
        continuation = basis @ coefficients
        now_better = worth & (exercise > continuation)
        value[now_better] = exercise[now_better]
    return factor * value.mean()


def book_value(spot, rate, level, skew, strike, draws):
    """What a small book of three options is worth."""
    maturity = 1.0
    dates = draws.shape[1]
    antithetic = np.concatenate([draws, -draws])
    prices = simulate_paths(spot, rate, level, skew, maturity, antithetic)
    discount = np.exp(-rate * maturity)
    total = 0.0
    positions = {"asian": 2.0, "barrier": -1.0, "american": 1.5}
    for name, amount in positions.items():
        if name == "asian":
            price = asian(prices, strike, discount)
        elif name == "barrier":
            price = barrier(prices, strike, 1.3 * strike, discount)
        else:
            price = american_put(prices, strike, rate, maturity / dates)
        total += amount * price
    return total


FUNCTION = book_value
ARGUMENTS = (1.0, 0.03, 0.25, 0.2, 1.02, np.random.default_rng(8).normal(size=(40, 6)))
WRT = (0, 1, 2, 3, 4)
