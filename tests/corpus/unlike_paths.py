"""What is `None`, a string, a function, a tuple or an array, as the data decide."""

import numpy as np

from tests.corpus.program import numbers, program

X = np.linspace(0.5, 1.5, 6)


@program(X)
@program(X[:1])
def a_state_that_is_none_at_first(x):
    state = None
    total = 0.0
    for v in x:
        if state is None:
            state = v
        else:
            state = 0.9 * state + 0.1 * v * v
        total += state
    return total


@program(X)
@program(np.array([0.5, 0.52]))
def the_best_that_may_not_be(x):
    best = None
    for v in np.sin(3 * x):
        if v < 0.9 and (best is None or v > best):
            best = v
    if best is None:
        return np.sum(x)
    return best * x[0]


@program(X)
@program(np.array([0.6, 0.7]))
def the_best_pair(x):
    best = None
    for i in range(len(x)):
        v = np.sin(3 * x[i])
        if v < 0.9 and (best is None or v > best[0]):
            best = (v, x[i])
    return best[0] * best[1] if best is not None else x[0]


@program(X)
def the_best_array(x):
    best = None
    most = 0.0
    for i in range(len(x)):
        v = x * x[i]
        if np.sum(v) < 6.0 and (best is None or np.sum(v) > most):
            best = v
            most = np.sum(v)
    return np.sum(best**2)


@program(X, 4)
@program(X, 1)
def an_array_made_in_the_first_trip_of_while(x, trips):
    state = None
    while trips > 0:
        if state is None:
            state = np.sin(x)
        else:
            state = state * x
        trips -= 1
    return np.sum(state)


def _root(a):
    d = a * a - 0.6
    if d < 0:
        return None
    return np.sqrt(d)


@program(X)
def optional_results(x):
    total = 0.0
    for v in x:
        root = _root(v)
        if root is None:
            continue
        total += root
    return total


def _square_if_large(v):
    if v > 1.0:
        return v * v


@program(X)
def a_function_that_falls_off_its_end(x):
    total = 0.0
    for v in x:
        square = _square_if_large(v)
        if square is not None:
            total += square
    return total


def _hit(a):
    if a < 0.8:
        return None
    return a * a, a + 1


@program(X)
def optional_tuples(x):
    total = 0.0
    for v in x:
        hit = _hit(v)
        if hit is None:
            total += 0.1 * v
        else:
            p, q = hit
            total += p * q
    return total


@program(X)
def modes_of_a_machine(x):
    mode = "idle"
    total = 0.0
    for v in x:
        if mode == "idle":
            if v > 0.6:
                mode = "run"
            total += v
        elif mode == "run":
            total += v * v
            if total > 2.0:
                mode = "stop"
        else:
            total *= 1.1
    return total


@program(X)
def sums_by_a_key_of_the_data(x):
    sums = {"low": 0.0, "high": 0.0}
    for v in x:
        key = "high" if v > 1.0 else "low"
        sums[key] += v * v
    return sums["low"] * sums["high"]


@program(X)
@program(X + 1.0)
@program(X + 2.0)
def one_of_three_names(x):
    if x[0] > 2:
        kind = "a"
    elif x[0] > 1:
        kind = "b"
    else:
        kind = "c"
    weights = {"a": 1.0, "b": 2.0, "c": 3.0}
    return weights[kind] * np.sum(x**2)


@program(X)
def a_function_by_the_data(x):
    total = 0.0
    for v in x:
        f = np.sin if v > 1 else np.cos
        total += f(v)
    return total


@program(X)
@program(X - 0.4)
def a_lambda_by_the_data(x):
    f = (lambda v: v * v) if x[0] > 0.2 else (lambda v: 3 * v)
    return np.sum(f(x))


@program(X)
@program(X - 0.4)
def a_list_or_a_tuple(x):
    if x[0] > 0.2:
        pair = [x[0], x[1]]
    else:
        pair = (x[1], x[0])
    return pair[0] * pair[0] + pair[1]


@program(X)
@program(X - 0.4)
def tuples_of_two_lengths(x):
    items = (x[0], x[1]) if x[0] > 0.2 else (x[1],)
    total = 0.0
    for v in items:
        total += v * v
    return total * len(items)


@program(X)
@program(X - 0.4)
def a_view_of_a_written_array_or_a_number(x):
    a = x * 2
    a[0] = 3.0
    t = a[1:3] if x[0] > 0.2 else 2.0
    return np.sum(t * x[0])


def _unlike(x):
    if x[0] > 10:
        return None, 0.0
    if x[0] > 5:
        return x, 1.0
    return x * 2, x[0]


@program(X)
@program(X + 6.0)
@program(X + 11.0)
def early_returns_of_unlike_things(x):
    a, b = _unlike(x)
    return b * x[1] if a is None else np.sum(a) * b


@program(X)
@program(X - 0.4)
def a_condition_that_is_kept(x):
    has_pair = x[0] > 0.2
    pair = (x[0], x[1]) if has_pair else None
    total = np.sum(x)
    if has_pair:
        total += pair[0] * pair[1]
    return total


class Hit:
    def __init__(self, time, colour):
        self.time = time
        self.colour = colour


@program(X)
@program(np.array([0.4, 0.45]))
def the_nearest_of_some_hits(x):
    nearest = None
    for i in range(len(x)):
        t = np.cos(5 * x[i])
        if t > 0 and (nearest is None or t < nearest.time):
            nearest = Hit(t, x[i])
    if nearest is None:
        return x[0]
    return nearest.time * nearest.colour


def _step(x, state=None):
    if state is None:
        state = np.zeros_like(x)
    return x * 2 + state * x


@program(numbers(3), 3)
@program(numbers(3), 1)
def a_default_of_none(x, steps):
    state = None
    for _ in range(steps):
        state = _step(x, state)
    return np.sum(state)


@program(X)
def a_pair_whose_second_part_may_not_be(x):
    best = None
    for v in x:
        if v > 0.8:
            best = (v, None) if best is None else (v, best[0])
    second = best[1]
    return best[0] * (second if second is not None else 1.0)


@program(X, refused="what is asked for is made within the expression")
def a_part_of_a_pair_that_may_not_be(x):
    best = None
    for v in x:
        if v > 0.8:
            best = (v, None) if best is None else (v, best[0])
    return best[0] * (best[1] if best[1] is not None else 1.0)
