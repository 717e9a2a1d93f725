"""Lists from which a loop takes what it has put there: stacks, queues, windows, rounds of pairs."""

from collections import deque

import numpy as np

from tests.corpus.program import numbers, program

X = np.linspace(0.5, 1.5, 6)


@program(X)
def a_stack_of_numbers(x):
    stack = [x[0], x[1]]
    total = 0.0
    while stack:
        v = stack.pop()
        total += v * v
        if v < 2.0:
            stack.append(v * 2.5)
    return total


@program(X)
def a_stack_of_arrays(x):
    stack = [x]
    total = 0.0
    while stack:
        v = stack.pop()
        if len(v) < 2 or v.max() - v.min() < 0.3:
            total += np.sum(v) ** 2
        else:
            m = len(v) // 2
            stack.append(v[:m])
            stack.append(v[m:])
    return total


@program(X)
def a_queue(x):
    queue = deque([x[0]])
    total = 0.0
    while queue:
        v = queue.popleft()
        total += v * v
        if v < 3:
            queue.append(v * 1.5)
            queue.append(v * 2.5)
    return total


@program(X)
def a_queue_from_both_ends(x):
    queue = deque([x[0]])
    total = 0.0
    while len(queue) > 0:
        v = queue.pop()
        total += np.sin(v) * len(queue)
        if v < 3:
            queue.appendleft(v * 1.5)
            queue.append(v * 2.5)
    return total


@program(numbers(8))
@program(numbers(5))
@program(numbers(1))
def products_in_pairs(x):
    items = [v for v in x]
    while len(items) > 1:
        items = [a * b for a, b in zip(items[::2], items[1::2])]
    return items[0]


@program(X)
def a_window_by_the_data(x):
    window = []
    total = 0.0
    for v in x:
        window.append(v * v)
        while len(window) > 1 and window[-1] - window[0] > 0.5:
            window.pop(0)
        total += window[0] * window[-1]
    return total


@program(X)
def a_monotone_stack(x):
    stack = []
    total = 0.0
    for v in np.sin(7 * x):
        while stack and stack[-1] > v:
            total += stack.pop() * v
        stack.append(v)
    return total + sum(stack)


@program(X)
def a_machine_with_a_stack(x):
    stack = []
    for i in range(6):
        stack.append(x[i])
        if x[i] > 1.0:
            a = stack.pop()
            b = stack.pop()
            stack.append(a * b)
    return sum(stack)


@program(X)
def slices_of_a_list_of_unknown_length(x):
    items = [v * v for v in x if v > 0.6]
    return sum(items[1:]) * items[0] + sum(items[::-1][:2])


@program(X)
def a_list_that_a_loop_has_made_backwards(x):
    items = []
    for v in x:
        if v > 0.6:
            items.append(v * v)
    total = 0.0
    for v in reversed(items):
        total = 0.5 * total + v
    for i, v in enumerate(items):
        total += i * v
    return total
