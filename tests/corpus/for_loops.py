"""`for` over everything that can be walked; `break`, `continue`, `else`."""

import math

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(1.5, 6)
def over_a_range(x, n):
    s = 0.0
    for i in range(n):
        s = s + x * i
    return s


@program(1.5, 6)
def over_a_range_with_start_and_step(x, n):
    s = 1.0
    for i in range(1, n, 2):
        s = s * x + i
    return s


@program(1.5, 6)
def over_a_falling_range(x, n):
    s = 1.0
    for i in range(n, 0, -1):
        s = s * x / i
    return s


@program(1.5)
def over_a_known_range(x):
    s = x
    for i in range(3):
        s = s * x + i
    return s


@program(1.5)
def over_a_long_known_range(x):
    s = x
    for i in range(3000):
        s = s + math.sin(s) / (i + 10)
    return s


@program(1.5, 0)
def over_an_empty_range(x, n):
    s = x * x
    for i in range(n):
        s = s * x
    return s


@program(1.5, -3)
def over_a_range_that_ends_before_it_starts(x, n):
    s = x * x
    for i in range(2, n):
        s = s * x
    return s


@program(1.5, 4)
def the_loop_variable_after_the_loop(x, n):
    s = 0.0
    for i in range(n):
        s = s + x
    return s * i


@program(1.5, 3)
def the_loop_variable_is_assigned_in_the_body(x, n):
    s = x
    for i in range(n):
        i = i * 2
        s = s * x + i
    return s


@program(1.5, 3)
def the_bound_is_assigned_in_the_body(x, n):
    s = x
    for i in range(n):
        n = n + 1
        s = s * x + n
    return s * n


@program(numbers(5))
def over_an_array(x):
    s = 0.0
    for v in x:
        s = s * 0.5 + v * v
    return s


@program(numbers(4, 3), numbers(3, seed=1), wrt=(0, 1))
def over_the_rows_of_a_matrix(a, w):
    s = 0.0
    for row in a:
        s = s + math.sin(row @ w)
    return s


@program(numbers(4, 3), numbers(3, seed=1), wrt=(0, 1))
def over_rows_by_index(a, w):
    s = 0.0
    for i in range(len(a)):
        s += np.tanh(a[i] @ w)
    return s


@program(numbers(3, 4))
def over_rows_and_columns_by_index(a):
    s = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s += a[i, j] * (i + 1) * np.sin(a[i, j] * j)
    return s


@program(numbers(3, 4))
def over_the_items_of_rows(a):
    s = 1.0
    for row in a:
        for v in row:
            s = s * (1 + v / 10)
    return s


@program([1.5, 2.0, 3.0])
def over_a_list(xs):
    s = 1.0
    for x in xs:
        s = s * x + x
    return s


@program((1.5, 2.0, 3.0))
def over_a_tuple(xs):
    s = 1.0
    for x in xs:
        s = s * x + x
    return s


@program(1.5, [])
def over_an_empty_list(x, factors):
    s = x * x
    for factor in factors:
        s = s * factor
    return s


@program({"a": 1.5, "b": 2.0})
def over_the_keys_of_a_dict(d):
    s = 1.0
    for key in d:
        s = s * d[key] + 1
    return s


@program({"a": 1.5, "b": 2.0})
def over_the_items_of_a_dict(d):
    s = 1.0
    for key, value in d.items():
        if key == "a":
            s = s * value
        else:
            s = s + value**2
    return s


@program({"a": 1.5, "b": 2.0})
def over_the_values_of_a_dict(d):
    s = 1.0
    for value in d.values():
        s = s * value + value
    return s


@program(numbers(4), numbers(4, seed=1), wrt=(0, 1))
def over_zip_of_arrays(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s = s * a + b * b
    return s


@program(numbers(4), numbers(3, seed=1), wrt=(0, 1))
def over_zip_of_arrays_of_different_lengths(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s = s * a + b * b
    return s


@program([1.5, 2.0, 3.0], numbers(3, seed=1), wrt=(0, 1))
def over_zip_of_a_list_and_an_array(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s = s * a + b * b
    return s


@program(numbers(4))
def over_enumerate_of_an_array(x):
    s = 0.0
    for i, v in enumerate(x):
        s = s + i * v**2
    return s


@program(numbers(4))
def over_enumerate_with_a_start(x):
    s = 0.0
    for i, v in enumerate(x, 1):
        s = s + v**i
    return s


@program([1.5, 2.0])
def over_enumerate_of_a_list(xs):
    s = 0.0
    for i, v in enumerate(xs, start=2):
        s = s + v**i
    return s


@program(numbers(4))
def over_reversed_array(x):
    s = 1.0
    for v in reversed(x):
        s = s * v + v
    return s


@program([1.5, 2.0, 3.0])
def over_reversed_list(xs):
    s = 1.0
    for v in reversed(xs):
        s = s * v + v
    return s


@program(1.5, 4)
def over_reversed_range(x, n):
    s = 1.0
    for i in reversed(range(n)):
        s = s * x + i
    return s


@program(numbers(4), numbers(4, seed=1), wrt=(0, 1))
def over_enumerate_of_zip(x, y):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, y)):
        s = s + a * b * i
    return s


@program(numbers(4))
def over_neighbours(x):
    s = 0.0
    for a, b in zip(x[:-1], x[1:]):
        s = s + (b - a) ** 2
    return s


@program(numbers(5))
def over_a_slice_with_a_step(x):
    s = 1.0
    for v in x[::-2]:
        s = s * v + 1
    return s


@program(numbers(5))
def over_an_expression(x):
    s = 1.0
    for v in np.sin(x) * x:
        s = s * v + 1
    return s


@program([(numbers(2, 2), 1.5), (numbers(2, 2, seed=1), 0.5)], numbers(2, seed=2), wrt=(0, 1))
def over_a_list_of_pairs(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return np.sum(x)


@program(1.5, 10)
def breaks(x, n):
    s = 0.0
    for i in range(n):
        s = s + x * i
        if s > 8:
            break
    return s * x


@program(1.5, 10)
def breaks_before_the_work(x, n):
    s = 1.0
    for i in range(n):
        if s > 8:
            break
        s = s * x + i
    return s


@program(1.5, 10)
def continues(x, n):
    s = 1.0
    for i in range(n):
        if i % 3 == 0:
            continue
        s = s * x - i
    return s


@program(numbers(6))
def continues_and_breaks(x):
    s = 1.0
    for v in x:
        if v < 0.6:
            continue
        s = s * v + v
        if s > 3.5:
            break
        s = s + 0.1
    return s


@program(1.5, 5)
def else_clause_runs(x, n):
    s = x
    for i in range(n):
        s = s + x
        if s > 100:
            break
    else:
        s = s * s
    return s


@program(1.5, 5)
def else_clause_does_not_run(x, n):
    s = x
    for i in range(n):
        s = s + x
        if s > 5:
            break
    else:
        s = s * s
    return s


@program(1.5, 0)
def else_clause_of_no_iterations(x, n):
    s = x
    for i in range(n):
        break
    else:
        s = s * s
    return s


@program(1.5, 10)
def returns_from_a_loop(x, n):
    s = x
    for i in range(n):
        s = s * x
        if s > 10:
            return s * i
    return s


@program(1.1, 4)
def does_not_return_from_a_loop(x, n):
    s = x
    for i in range(n):
        s = s * x
        if s > 10:
            return s * i
    return s


@program(1.5, 10)
def returns_from_an_inner_loop(x, n):
    s = x
    for i in range(n):
        for j in range(i):
            s = s + x * j
            if s > 20:
                return s * s
        s = s * 1.01
    return s


@program(1.5, 6)
def breaks_out_of_an_inner_loop_only(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            s = s + x * j
        s = s * 1.1
    return s


@program(1.5, 5)
def three_nested_loops(x, n):
    s = 0.0
    for i in range(n):
        for j in range(i):
            for k in range(j):
                s = s * 0.9 + x * (i - j + k)
    return s


@program(1.5, 6)
def fibonacci(x, n):
    a, b = 0.0, x
    for _ in range(n):
        a, b = b, a + b * x
    return a * b


@program(1.5, 6)
def an_integer_becomes_a_float(x, n):
    s = 0
    for i in range(n):
        s = s + x * i
    return s


@program(1.5, 0)
def an_integer_would_become_a_float(x, n):
    s = 0
    for i in range(n):
        s = s + x * i
    return s + x


@program(numbers(3), 4)
def a_number_becomes_an_array(x, n):
    s = 0.0
    for i in range(n):
        s = s + x * i
    return np.sum(s * s)


@program(numbers(4, 3))
def a_number_becomes_an_array_over_rows(a):
    s = 1
    for row in a:
        s = s * row
    return np.sum(s)


@program(1.5, 5)
def a_flag_is_carried(x, n):
    done = False
    s = x
    for i in range(n):
        if not done:
            s = s * x
        done = s > 3
    return s


@program(1.5, 5)
def a_counter_is_carried(x, n):
    s, count = x, 0
    for i in range(n):
        if i % 2:
            count += 1
            s = s * x
    return s * count


@program(1.5, 5)
def a_name_is_made_in_the_loop(x, n):
    for i in range(n):
        last = x * i
    return last * last


@program(1.5, 5)
def the_last_value_is_kept(x, n):
    previous = None
    s = 0.0
    for i in range(n):
        current = x**i
        if previous is not None:
            s = s + current * previous
        previous = current
    return s


@program(numbers(4))
def a_running_maximum(x):
    best = x[0]
    for v in x[1:]:
        if v > best:
            best = v
    return best * best


@program(numbers(5))
def an_argument_is_carried(x):
    for _ in range(3):
        x = np.sin(x) + x
    return x.sum()


@program(numbers(3), 4)
def an_array_is_carried_and_unchanged_in_some_iterations(x, n):
    y = x
    for i in range(n):
        if i > 1:
            y = y * x
    return np.sum(y * x)


@program(numbers(3), 3)
def a_carried_array_is_swapped(x, n):
    a, b = x, x * x
    for _ in range(n):
        a, b = b, a
    return np.sum(a * a * b)


@program(numbers(3), numbers(3, seed=1), 3, wrt=(0, 1))
def carried_arrays_are_swapped_with_work(x, y, n):
    a, b = x, y
    for _ in range(n):
        a, b = b, np.sin(a) * b
    return np.sum(a - b)


@program(1.5, 4)
def a_list_grows(x, n):
    items = []
    for i in range(n):
        items.append(x**i)
    return sum(items)


@program(1.5)
def a_list_grows_over_a_known_range(x):
    items = []
    for i in range(4):
        items.append(x**i)
    return items[1] * items[3] + len(items)


@program(numbers(4))
def a_list_grows_over_an_array(x):
    items = []
    for v in x:
        items.append(np.sin(v))
    return np.sum(np.array(items) * x)


@program(1.5, 4)
def a_tuple_is_carried(x, n):
    state = (x, 1.0)
    for _ in range(n):
        state = (state[0] * 0.9 + state[1], state[0] * x)
    return state[0] * state[1]


@program(1.5, 4)
def a_dict_is_carried(x, n):
    state = {"a": x, "b": 1.0}
    for _ in range(n):
        state = {"a": state["b"] + x, "b": state["a"] * x}
    return state["a"] * state["b"]


@program(1.5, 4)
def a_dict_is_changed_in_a_loop(x, n):
    state = {"a": x, "b": 1.0}
    for _ in range(n):
        state["a"] = state["b"] + x
        state["b"] = state["a"] * x
    return state["a"] * state["b"]


@program(numbers(3), numbers(3, 3, seed=1), 4, wrt=(0, 1))
def a_matrix_is_applied_many_times(x, a, n):
    for _ in range(n):
        x = np.tanh(a @ x)
    return x @ x


@program(signed(5))
def a_branch_on_each_item(x):
    s = 0.0
    for v in x:
        if v > 0.5:
            s = s + v * v
        elif v > 0:
            s = s - v
        else:
            s = s * v + 1
    return s


@program(1.5, 3, 4)
def two_loops_one_after_the_other(x, n, m):
    s = x
    for i in range(n):
        s = s * x
    for j in range(m):
        s = s + x * j
    return s


@program(1.5, 3)
def a_loop_in_a_branch(x, n):
    s = x
    if x > 1:
        for i in range(n):
            s = s * x + i
    else:
        for i in range(n):
            s = s - x
    return s


@program(2.0, 3.5, wrt=(0, 1))
def a_bound_that_is_differentiated_has_no_slope_itself(x, n):
    s = 0.0
    for i in range(int(n)):
        s = s + x * n
    return s


@program(0.5)
def an_else_is_skipped_after_a_return(x):
    t = 0.0
    for _ in range(5):
        d = 1.0 - x * t
        if d < 0.1:
            return t * x
        t += d
        if t > 3:
            break
    else:
        return -7.0 * t
    return -1.0 * x
