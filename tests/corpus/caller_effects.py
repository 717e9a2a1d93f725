"""Changes of the caller's instances, lists and dicts: made once, where the program makes them."""

import collections
import functools
from dataclasses import dataclass, field

import numpy as np

from tests.corpus.program import numbers, program, signed


class Layer:
    def __init__(self, n, m, seed=0):
        self.w = signed(n, m, seed=seed)
        self.b = np.zeros(m)
        self.calls = 0
        self.x = None
        self.history = []

    def forward(self, x):
        self.x = x
        self.calls += 1
        self.h = np.tanh(x @ self.w + self.b)
        self.history.append(float(np.sum(self.h)))
        return self.h


class Network:
    def __init__(self):
        self.layers = [Layer(3, 4), Layer(4, 2, seed=1)]
        self.cache = {}

    def loss(self, x, y):
        for layer in self.layers:
            x = layer.forward(x)
        self.cache["out"] = x
        self.last = np.mean((x - y) ** 2)
        return self.last


@program(Network(), numbers(5, 3), numbers(5, 2))
def layers_that_remember(network, x, y):
    return network.loss(x, y) + network.layers[0].x.sum() * 0.1


class Cell:
    def __init__(self):
        self.w = 0.7
        self.state = 0.0
        self.steps = 0
        self.trace = []

    def step(self, x):
        self.state = np.tanh(self.w * self.state + x)
        self.steps += 1
        if self.state > 0.4:
            self.trace.append(self.state)


@program(Cell(), signed(6))
def a_state_that_a_loop_carries(cell, xs):
    for x in xs:
        cell.step(x)
    return cell.state * cell.w + cell.steps


@program(Cell(), 0.5, wrt=(0, 1))
def an_attribute_set_on_one_path(cell, x):
    if x > 0.2:
        cell.state = x * cell.w
        cell.trace = [x, x * 2]
        cell.trace.append(cell.state)
    else:
        cell.steps = -1
    return cell.state**2


@program(Cell(), 0.5)
def what_is_put_away_and_changed_later(cell, x):
    kept = [x]
    cell.trace = kept
    kept.append(cell.w * x)
    inner = {"a": x}
    cell.trace.append(inner)
    inner["b"] = cell.w
    buffer = np.zeros(3)
    cell.buffer = buffer
    buffer[1] = cell.w * 2
    buffer[0] = x
    return np.sum(cell.buffer**2) + inner["b"] * kept[1]


@program(Cell(), 0.5)
def an_instance_is_put_away_and_changed_later(cell, x):
    other = Line(x, cell.w)
    cell.line = other
    other.start = cell.w**2
    return cell.line.slope * cell.line.start


class Line:
    def __init__(self, slope, start):
        self.slope = slope
        self.start = start


@program([1.0, 2.0], {"a": 0.5}, wrt=(0, 1))
def methods_of_lists_and_dicts(items, table):
    items.append(table["a"] * items[0])
    items.extend([items[1], 3.0])
    items.insert(0, 7.0)
    total = items.pop() * items.pop(0)
    items[1] = total
    items += [1.5]
    table["b"] = items[0] ** 2
    table.update({"c": items[2], "a": 0.0})
    table.setdefault("d", 4.0)
    table.pop("c")
    items.reverse()
    return total * items[0] + table["b"] + sum(items)


@program(np.array([0.4, 1.2, 0.9]), [], {})
def results_in_a_list_and_a_dict(xs, out, table):
    total = 0.0
    for x in xs:
        out.append(x * x)
        table["last"] = x
        total += x**3
    if total > 1:
        table["large"] = total
    return total


@program({"layers": [{"w": signed(2)}], "count": 3}, 0.5)
def containers_in_containers(model, x):
    layer = model["layers"][0]
    layer["h"] = layer["w"] * x
    model["layers"].append({"w": layer["h"]})
    model["layers"][1]["w"] = layer["h"] * 2
    model["seen"] = True
    return np.sum(model["layers"][1]["w"] ** 2)


@dataclass
class Track:
    rate: float
    values: list = field(default_factory=list)
    best: float = 1e9

    def note(self, value):
        self.values.append(value)
        self.best = min(self.best, value)
        return self.best


@program(Track(0.5), 1.5, wrt=(0, 1))
def a_dataclass_that_notes(track, x):
    return track.note(track.rate * x) + track.note(x) * 2


class Checked:
    def __init__(self, value):
        self._value = value
        self.sets = 0

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, new):
        self.sets += 1
        self._value = max(new, 0.1)

    @functools.cached_property
    def twice(self):
        return 2 * self._value


@program(Checked(0.7), 0.4, wrt=(0, 1))
def setters_and_cached_properties(checked, x):
    first = checked.twice
    checked.value = x * first
    return checked.value * checked.twice


class Guarded:
    def __init__(self, w):
        object.__setattr__(self, "w", w)
        object.__setattr__(self, "log", [])

    def __setattr__(self, name, value):
        self.log.append(name)
        super().__setattr__(name, value)


@program(Guarded(0.7), 0.4)
def a_setattr_of_the_class(guarded, x):
    guarded.h = guarded.w * x
    return guarded.h**2


class Slotted:
    __slots__ = ("w", "h")

    def __init__(self, w):
        self.w = w


@program(Slotted(np.array([0.7, 0.2])), 0.4)
def attributes_in_slots(slotted, x):
    slotted.h = slotted.w * x
    slotted.h = slotted.h + 1
    return np.sum(slotted.h**2)


@program(Layer(2, 3), signed(4, 2))
def an_array_of_an_instance_updated_in_place(layer, x):
    layer.b += x.sum()
    layer.b[0] = 0.5
    layer.w *= 2.0
    return np.sum((x @ layer.w + layer.b) ** 2)


@program(Cell(), 0.5, wrt=(0, 1))
def an_attribute_replaced_by_another_instance(cell, x):
    cell.line = Line(x, 1.0)
    first = cell.line
    cell.line = Line(first.slope * 2, cell.w)
    cell.line.start = cell.line.start * x
    return cell.line.slope * cell.line.start + first.slope


@program(Cell(), 0.5)
def the_caller_sees_what_was_done_before_an_exception(cell, x):
    cell.steps = 1
    if x > 1:
        raise ValueError("too large")
    cell.state = x * cell.w
    return cell.state


@program(Cell(), {"a": 0.5, "b": 1.0}, [0.3, 0.7], wrt=(0, 1))
def things_that_are_deleted(cell, table, items):
    cell.x = table["a"] * cell.w
    y = cell.x
    del cell.x
    del table["b"]
    del items[0]
    return y * items[0] + (1.0 if hasattr(cell, "x") else 0.0)


@program(Cell(), np.array([0.5, 1.5]), wrt=(0, 1))
def an_instance_made_and_put_away_in_each_iteration(cell, xs):
    for x in xs:
        line = Line(x, cell.w)
        cell.line = line
        line.start = line.slope * 2
        cell.trace.append(line.start)
    return cell.line.start * cell.w


@program(Cell(), 0.5, wrt=(0, 1))
def equal_instances_are_two(cell, x):
    cell.line = Line(x, 1.0)
    cell.trace.append(Line(x, 1.0))
    cell.line.start = cell.w
    return cell.trace[0].start * cell.line.start * x


@program(Cell(), 0.5, wrt=(0, 1))
def a_name_for_what_a_place_held_before(cell, x):
    first = Line(x, 1.0)
    cell.line = first
    same = cell.line
    cell.line = Line(x * x, 2.0)
    cell.trace.append(cell.line)
    return same.slope * cell.trace[0].slope * cell.w


class Holder:
    def __init__(self):
        self.cell = Cell()
        self.items = []
        self.array = np.ones(3)


@program(Holder(), np.array([0.5, 1.5]), wrt=(0, 1))
def what_is_first_read_in_a_loop(holder, xs):
    for x in xs:
        holder.items.append(x * x)
        holder.cell.state = holder.cell.state + x * holder.cell.w
        holder.array[1] *= x
    return sum(holder.items) * holder.cell.state + holder.array[1]


@program(Holder(), 0.5, wrt=(0, 1))
def what_is_first_read_on_one_path(holder, x):
    if x > 1:
        holder.cell.state = 7.0
        holder.array[0] = 9.0
        holder.items.append(3.0)
    else:
        holder.cell.w = holder.cell.w * x
    return holder.cell.state + holder.cell.w + holder.array[0] * x + len(holder.items)


class Tally:
    def __init__(self):
        self.counts = collections.defaultdict(int)
        self.options = collections.defaultdict(dict, soft={"factor": 2.0})


@program(0.7, Tally(), ["soft", "hard", "soft"])
def a_defaultdict_that_is_filled_by_reading_it(x, tally, names):
    for name in names:
        tally.counts[name] += 1
        x = x * tally.options[name].get("factor", 3.0)
    return x * tally.counts["soft"]
