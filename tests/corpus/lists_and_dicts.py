"""Lists and dicts that are changed, and arrays in them that are written."""

import collections

import numpy as np

from tests.corpus.mutation import weighted
from tests.corpus.program import numbers, program


@program(numbers(3))
def an_array_in_a_list_is_the_array(x):
    a = x * 2
    held = [a, x]
    held[0][1] = x[0] ** 2
    a[2] *= 3
    return weighted(held[0])


@program(numbers(3))
def an_array_in_two_lists(x):
    a = x * 2
    first, second = [a], [a, a]
    first[0] += x
    second[1][0] = x[2]
    return weighted(second[0])


@program(numbers(3))
def an_array_in_a_dict_is_the_array(x):
    state = {"u": x * 2, "v": np.zeros(3)}
    state["v"][1:] = state["u"][:2]
    state["u"] *= x
    u = state["u"]
    u[0] = state["v"][2]
    return weighted(state["u"]) + weighted(state["v"])


@program(numbers(3))
def replacing_an_item_leaves_the_array(x):
    a = x * 2
    held = [a]
    held[0] = held[0] * 3
    held[0][1] = x[0]
    return weighted(a) + weighted(held[0])


@program(numbers(3))
def an_operator_on_an_item_changes_the_array(x):
    a = x * 2
    held = [a]
    held[0] += x
    return weighted(a) * 2


@program(1.5)
def an_operator_on_a_number_in_a_list(x):
    held = [x, x * x]
    held[0] += held[1]
    held[1] *= held[0]
    return held[0] * held[1]


@program(1.5)
def an_alias_of_a_list(x):
    a = [x]
    b = a
    b.append(x * x)
    a[0] = b[1] * 2
    return sum(a) * sum(b)


@program(1.5)
def an_operator_extends_a_list(x):
    a = [x]
    b = a
    b += [x * 2, x**2]
    return a[0] * a[1] * a[2]


@program(1.5)
def plus_makes_a_new_list(x):
    a = [x]
    b = a + [x * 2]
    b[0] = 5.0
    return a[0] * b[1]


@program(1.5)
def extend_insert_pop(x):
    a = [x]
    a.extend([x * 2, x**2])
    a.insert(1, x**3)
    last = a.pop()
    first = a.pop(0)
    return a[0] * a[1] + last * first


@program(1.5)
def append_in_a_loop_and_sum(x, n=4):
    a = []
    for i in range(n):
        a.append(x**i)
    return sum(a)


@program(numbers(3), 4)
def append_arrays_in_a_loop_and_stack(x, n):
    a = []
    v = x
    for _ in range(n):
        v = np.sin(v) * x
        a.append(v)
    return weighted(np.stack(a))


@program(numbers(3), 3)
def append_an_array_that_is_written_later(x, n):
    y = x * 2
    a = []
    for i in range(n):
        y[i] *= x[0]
        a.append(y)
    return np.sum(a[0] * a[1]) + np.sum(a[2])


@program(numbers(3))
def append_an_array_that_is_written_later_unrolled(x):
    y = x * 2
    a = []
    for i in [0, 1, 2]:
        y[i] *= x[0]
        a.append(y)
    return np.sum(a[0] * a[1]) + np.sum(a[2])


@program(numbers(3), 3)
def append_copies_of_an_array_that_is_written(x, n):
    y = x * 2
    a = []
    for i in range(n):
        y[i] *= x[0]
        a.append(y.copy())
    return np.sum(a[0] * a[1]) + np.sum(a[2] ** 2)


@program(numbers(3), 3)
def append_elements_of_an_array_that_is_written(x, n):
    y = x * 2
    a = []
    for i in range(n):
        a.append(y[i])
        y[:] = y * x[i]
    return a[0] * a[1] + a[2] ** 2


@program(numbers(4))
def append_on_one_path(x):
    a = [1.0]
    for v in x:
        if v > 0.9:
            a.append(v * v)
    return sum(a) * len(a)


@program(1.5, 2.0)
def append_in_a_branch(x, s):
    a = [x]
    if s > 1:
        a.append(x * x)
    else:
        a.append(x)
    return a[0] * a[1]


@program(1.5, 2.0)
def append_in_one_branch_only(x, s):
    a = [x]
    if s > 1:
        a.append(x * x)
    total = 0.0
    for v in a:
        total += v * v
    return total


@program(1.5, 2.0)
def pop_in_a_branch(x, s):
    a = [x, x * x, 3 * x]
    if s > 1:
        last = a.pop()
    else:
        last = a.pop(0)
    return last * a[0] * a[1]


@program(1.5, 4)
def pop_in_a_loop(x, n):
    stack = [x, x * 2, x * 3, x * 4]
    total = 0.0
    while stack:
        total = total * x + stack.pop()
    return total


@program(1.5)
def a_stack_of_work(x):
    stack = [(x, 0)]
    total = 0.0
    while stack:
        v, depth = stack.pop()
        if depth == 3:
            total += v * v
            continue
        stack.append((v * 0.5, depth + 1))
        stack.append((v * x, depth + 1))
    return total


@program(1.5)
def slices_of_a_list_are_copies(x):
    a = [x, x**2, x**3]
    b = a[:2]
    b[0] = 7.0
    return a[0] * b[1] + b[0]


@program(1.5)
def a_slice_of_a_list_is_assigned(x):
    a = [x, x**2, x**3]
    a[1:] = [x * 5]
    return a[0] * a[1] * len(a)


@program(1.5)
def an_item_of_a_list_is_deleted(x):
    a = [x, x**2, x**3]
    del a[1]
    return a[0] * a[1]


@program(numbers(3))
def list_of_an_array_has_its_elements(x):
    y = x * 2
    a = list(y)
    y[0] = 100.0
    return a[0] * a[1] + y[2]


@program(numbers(2, 3))
def list_of_a_matrix_has_views(x):
    y = x * 2
    rows = list(y)
    rows[0][1] = x[1, 1] ** 2
    return weighted(y)


@program(1.5)
def a_dict_grows_in_an_unrolled_loop(x):
    d = {}
    for name, k in (("a", 1), ("b", 2), ("c", 3)):
        d[name] = x**k
    d["a"] *= d["c"]
    return sum(d.values()) + len(d)


@program(1.5, 3)
def numbers_in_a_dict_change_in_a_loop(x, n):
    d = {"p": x, "v": 1.0}
    for _ in range(n):
        d["p"] = d["p"] + 0.1 * d["v"]
        d["v"] -= 0.1 * d["p"] * x
    return d["p"] * d["v"]


@program(numbers(3), 3)
def arrays_in_a_dict_change_in_a_loop(x, n):
    state = {"p": x * 1.0, "v": np.ones(3)}
    for _ in range(n):
        state["p"] += 0.1 * state["v"]
        state["v"][1:] -= 0.1 * state["p"][:-1] * x[1:]
    return weighted(state["p"]) + weighted(state["v"])


@program(numbers(3), 3)
def arrays_in_a_list_change_in_a_loop(x, n):
    layers = [x * 1.0, x * 2.0]
    for _ in range(n):
        for a in layers:
            a[0] += a[1] * x[2]
            a *= 0.9
    return weighted(layers[0]) + weighted(layers[1])


@program(numbers(3))
def dict_update_setdefault_pop_get(x):
    d = {"a": x[0]}
    d.update({"b": x[1] * x[0]})
    c = d.setdefault("c", x[2] ** 2)
    a = d.pop("a")
    return a * d.get("b", 0.0) * c * d.get("z", 2.0)


@program(1.5)
def nested_lists_are_shared(x):
    row = [x, x * x]
    grid = [row, row]
    grid[0][1] = 3 * x
    return grid[1][1] * grid[0][0]


@program(1.5)
def repetition_shares_inner_lists(x):
    grid = [[x, 1.0]] * 2
    grid[0][1] = x * x
    return grid[1][1] * grid[1][0]


@program(1.5)
def a_comprehension_does_not_share(x):
    grid = [[x, 1.0] for _ in range(2)]
    grid[0][1] = x * x
    return grid[1][1] * grid[0][1]


@program(1.5, 3)
def a_function_appends_to_its_argument(x, n):
    def push(items, v):
        items.append(v * v)

    a = []
    for i in range(n):
        push(a, x * (i + 1))
    return sum(a)


@program(numbers(2, 2), numbers(2, seed=1))
def parameters_are_updated_in_place(w, b):
    params = {"w": w * 1.0, "b": b * 1.0}
    for _ in range(3):
        h = np.tanh(params["w"] @ params["b"])
        params["w"] -= 0.1 * np.outer(h, params["b"])
        params["b"] -= 0.1 * h
    return weighted(params["w"]) + weighted(params["b"])


@program(numbers(3), 4)
def a_list_of_states_is_read_in_the_loop(x, n):
    states = [x]
    for _ in range(n):
        states.append(np.sin(states[-1]) * x)
    return weighted(states[-1]) + np.sum(states[0] * states[2])


@program(1.5, 6)
def fibonacci_by_a_list(x, n):
    a = [x, x * x]
    for i in range(2, n):
        a.append(a[i - 1] * 0.5 + a[i - 2])
    return a[-1] * a[3]


@program(1.5, 5)
def a_list_with_one_slot_is_written_in_a_loop(x, n):
    a = [0.0] * 5
    for i in range(n):
        a[i] = x ** (i + 1)
    return sum(a)


@program(
    1.5,
    5,
)
def a_table_of_dynamic_programming(x, n):
    best = [0.0] * (n + 1)
    best[0] = x
    for i in range(1, n + 1):
        best[i] = best[i - 1] * 0.5 + x * i
    return best[n] * best[2]


@program(numbers(3))
def min_and_max_of_a_growing_list(x):
    a = [x[0] * x[1]]
    for i in range(3):
        a.append(x[i] * 2)
    return max(a) * min(a)


@program(numbers(3))
def a_tuple_of_arrays_that_are_written(x):
    pair = (x * 2, x * 3)
    pair[0][1] = x[0] ** 2
    a, b = pair
    b += a
    return weighted(pair[0]) + weighted(pair[1])


@program(numbers(3))
def lists_are_searched_sorted_and_shortened(x):
    names = ["a", "b", "c", "b"]
    names.remove("b")
    order = [3, 1, 2]
    order.sort(reverse=True)
    order.sort(key=lambda k: -k)
    weights = [x[0], x[1], x[2]]
    weights.insert(-1, x[0] * x[1])
    return weights[names.index("b")] * order[0] + weights.pop() * names.count("a")


@program(numbers(3))
def a_dict_is_emptied_and_filled_under_two_names(x):
    kept = {"a": x[0], "b": x[1]}
    other = kept
    key, value = kept.popitem()
    kept.clear()
    other.update([("q", value)], r=x[2])
    other |= {"s": x[0]}
    return kept["q"] ** 2 * kept["r"] * len(kept) + kept["s"] * len(key)


@program(numbers(4))
def keys_that_follow_from_the_loop_are_looked_up(x):
    products = {}
    for i in range(4):
        if i % 2 in products:
            products[i % 2] *= x[i]
        else:
            products[i % 2] = x[i]
    return products[0] + products[1] ** 2


@program(2.0, 3)
def a_list_of_zeros_of_a_given_length(x, n):
    values = [0.0] * n
    for i in range(n):
        values[i] = x**i
    return sum(values)


@program(np.array([0.5, 1.0, 1.5]))
def a_list_of_zeros_for_each_element(x):
    values = [0.0] * len(x)
    for i in range(len(x)):
        values[i] = x[i] * (values[i - 1] if i else 1.0)
    return sum(values) + len(x) * sum([x[0]] * (len(x) - 1))


@program(np.array([0.5, 1.0]), 2)
def new_axes_by_a_repeated_tuple(x, n):
    return np.sum(x[(None,) * n + (slice(None),)] ** 2) * n


@program(numbers(3))
def a_deque_of_limited_length_fills_in_a_loop(x):
    recent = collections.deque(maxlen=2)
    for v in x:
        recent.append(v)
    return recent[0] * recent[-1] ** 2


@program(numbers(3))
def a_full_deque_slides_along(x):
    recent = collections.deque([0.5, 1.0], maxlen=2)
    total = 0.0
    for v in x:
        recent.append(v * v)
        total += recent[0] * recent[1]
    return total


@program(0.7)
def a_full_deque_in_a_loop_that_the_data_ends(x):
    last = collections.deque([x, x * x], maxlen=2)
    while last[-1] < 5.0:
        last.append(last[0] + last[1])
    return last[0] * last[1]


@program(numbers(4))
def a_moving_average_over_a_deque(x):
    window = collections.deque(maxlen=3)
    total = 0.0
    for v in x:
        window.append(v)
        total += v * sum(window) / len(window)
    return total


@program(numbers(3))
def a_deque_grows_to_the_left(x):
    last = collections.deque()
    for v in x:
        last.appendleft(2 * v)
    return last[0] * last[-1] ** 2
