"""The chain rule made visible: three small expressions, their graphs, and their gradients.

For each expression, at one point:

- the partial derivatives worked out by hand, beside the code that srcgrad wrote;
- the computation graph as srcgrad holds it;
- the graph forward, in topological order, with the value of each node;
- the graph backward: each node hands its adjoint (the derivative of the result by the node) to its
  operands, times the derivative of the node by that operand.  Where a variable reaches the result
  along two chains, as `a` does in the second expression, both contributions are added.

    python examples/chain_rule.py
"""

import argparse
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from srcgrad import Differentiated, value_and_grad
from srcgrad.graph import Literal

OUTPUT = Path(__file__).parent / "output"

CODE_COLUMNS = 50


@value_and_grad(wrt=("a", "b", "c"))
def sum_times(a, b, c):
    return (a + b) * c


@value_and_grad(wrt=("a", "b", "c"))
def two_chains(a, b, c):
    return (a + b) * (a * c)


@value_and_grad(wrt=("x",))
def quadratic(x):
    return 3 * x**2 + 4 * x


class Lesson(NamedTuple):
    """An expression, the point to look at, and its partial derivatives worked out by hand."""

    expression: str
    function: Differentiated
    point: tuple[float, ...]
    working: str
    worked: Callable[..., tuple[float, ...]]


LESSONS = (
    Lesson(
        expression="(a + b) * c",
        function=sum_times,
        point=(2.0, 3.0, 4.0),
        working="""
            f = u c  with  u = a + b

            ∂f/∂a = ∂f/∂u ∂u/∂a = c · 1 = c
            ∂f/∂b = ∂f/∂u ∂u/∂b = c · 1 = c
            ∂f/∂c = u = a + b
        """,
        worked=lambda a, b, c: (c, c, a + b),
    ),
    Lesson(
        expression="(a + b) * (a * c)",
        function=two_chains,
        point=(2.0, 3.0, 4.0),
        working="""
            f = u v  with  u = a + b,  v = a c

            ∂f/∂a = ∂f/∂u ∂u/∂a + ∂f/∂v ∂v/∂a
                  = v · 1 + u · c = a c + (a + b) c
            ∂f/∂b = ∂f/∂u ∂u/∂b = v · 1 = a c
            ∂f/∂c = ∂f/∂v ∂v/∂c = u · a = (a + b) a
        """,
        worked=lambda a, b, c: (a * c + (a + b) * c, a * c, (a + b) * a),
    ),
    Lesson(
        expression="3x² + 4x",
        function=quadratic,
        point=(2.0,),
        working="""
            f = 3 u + v  with  u = x²,  v = 4 x

            df/dx = ∂f/∂u ∂u/∂x + ∂f/∂v ∂v/∂x
                  = 3 · 2x + 1 · 4 = 6x + 4
        """,
        worked=lambda x: (6 * x + 4,),
    ),
)


# What each operation computes, the derivatives by its operands, and how it is written
OPERATIONS = {
    "add": (lambda x, y: x + y, lambda x, y: (1.0, 1.0), "{} + {}"),
    "multiply": (lambda x, y: x * y, lambda x, y: (y, x), "{} * {}"),
    "power": (lambda x, n: x**n, lambda x, n: (n * x ** (n - 1), None), "{} ** {}"),
}


class Step(NamedTuple):
    """One node of the forward graph: how it is written, its operands, its result."""

    text: str
    operation: str
    operands: tuple
    result: object


def forward_steps(graph):
    """The nodes of the expression itself, in topological order, without those of its gradient."""
    texts = {value: value.name for value in graph.inputs}
    steps = []
    for node in graph.nodes:
        if node.phase:
            continue
        operands = [
            str(v.value) if isinstance(v, Literal) else bracketed(texts[v], node.operation)
            for v in node.operands
        ]
        texts[node.result] = OPERATIONS[node.operation][2].format(*operands)
        steps.append(Step(texts[node.result], node.operation, node.operands, node.result))
    return steps


def bracketed(text, operation):
    return f"({text})" if operation == "multiply" and (" + " in text or " * " in text) else text


def forward(graph, point):
    """The number at each value of the graph."""
    numbers = dict(zip(graph.inputs, point))
    for step in forward_steps(graph):
        compute, _, _ = OPERATIONS[step.operation]
        numbers[step.result] = compute(*(number(v, numbers) for v in step.operands))
    return numbers


def backward(graph, numbers):
    """The adjoint of each value, and for each edge (result, operand) the local derivative."""
    steps = forward_steps(graph)
    adjoints = dict.fromkeys(numbers, 0.0)
    adjoints[steps[-1].result] = 1.0
    partials = {}
    for step in reversed(steps):
        _, differentiate, _ = OPERATIONS[step.operation]
        local = differentiate(*(number(v, numbers) for v in step.operands))
        for operand, partial in zip(step.operands, local):
            if not isinstance(operand, Literal):
                partials[step.result, operand] = partial
                adjoints[operand] += partial * adjoints[step.result]
    return adjoints, partials


def number(value, numbers):
    return value.value if isinstance(value, Literal) else numbers[value]


# The text


def tell(lesson):
    """Print the lesson: code beside working, the graph, forward and backward order."""
    _, gradient = lesson.function(*lesson.point)
    graph = lesson.function.graph
    numbers = forward(graph, lesson.point)
    adjoints, partials = backward(graph, numbers)
    texts = {value: value.name for value in graph.inputs}
    texts |= {step.result: step.text for step in forward_steps(graph)}

    title = f"f = {lesson.expression}"
    print(f"{title}\n{'=' * len(title)}\n")
    print(beside(lesson.function.source, dedented(lesson.working)))
    print(f"\nThe computation graph, with its adjoint:\n\n{graph}")

    print("\nForward, in topological order:")
    for value in graph.inputs:
        print(f"     {value.name} = {numbers[value]:g}")
    for place, step in enumerate(forward_steps(graph), 1):
        print(f"  {place}. {step.text} = {numbers[step.result]:g}")

    print("Backward, from the result, whose adjoint is 1:")
    for place, step in reversed(list(enumerate(forward_steps(graph), 1))):
        adjoint = adjoints[step.result]
        print(f"  {place}. {step.text} has the adjoint {adjoint:g} and gives")
        for operand in step.operands:
            if (step.result, operand) in partials:
                partial = partials[step.result, operand]
                print(
                    f"       {partial:g} · {adjoint:g} = {partial * adjoint:g} to {texts[operand]}"
                )

    names = [value.name for value in graph.inputs]
    walked = tuple(adjoints[value] for value in graph.inputs)
    print(f"\nThe derivatives by {', '.join(names)}:")
    print(f"  worked out by hand: {numbers_text(lesson.worked(*lesson.point))}")
    print(f"  along the graph:    {numbers_text(walked)}")
    print(f"  emitted code:       {numbers_text(gradient)}\n\n")


def numbers_text(values):
    return ", ".join(f"{value:g}" for value in values)


def dedented(text):
    lines = text.strip("\n").rstrip().split("\n")
    margin = min(len(line) - len(line.lstrip()) for line in lines if line)
    return "\n".join(line[margin:] for line in lines)


def beside(left, right):
    """Two texts, side by side."""
    pairs = zip_longest(left.rstrip().split("\n"), right.split("\n"), fillvalue="")
    return "\n".join(f"{ours:{CODE_COLUMNS}} | {theirs}".rstrip() for ours, theirs in pairs)


# The pictures


def places_of(graph):
    """Where to draw each value: inputs left, the result right, operations as late as possible.

    An operation stands beside those that use it, at least one line from its neighbours.
    """
    steps = forward_steps(graph)
    users = {}
    for step in steps:
        for operand in step.operands:
            users.setdefault(operand, []).append(step.result)
    depth = {}
    for value in [step.result for step in reversed(steps)] + list(graph.inputs):
        depth[value] = max((1 + depth[user] for user in users.get(value, ())), default=0)
    deepest = max(depth[value] for value in graph.inputs)
    column_of = {step.result: deepest - depth[step.result] for step in steps}
    column_of |= dict.fromkeys(graph.inputs, 0)

    places = {}
    for column in reversed(range(deepest + 1)):
        values = [value for value in column_of if column_of[value] == column]
        heights = [places[user][1] for value in values for user in users.get(value, ())]
        top = sum(heights) / max(len(heights), 1) + 0.5 * (len(values) - 1)
        places |= {value: (column, top - row) for row, value in enumerate(values)}
    return places


def draw_graph(panel, lesson, order):
    """The graph of a lesson with its values (`forward`) or with its adjoints (`backward`)."""
    graph = lesson.function.lower(*lesson.point).graph
    steps = forward_steps(graph)
    places = places_of(graph)
    numbers = forward(graph, lesson.point)
    adjoints, partials = backward(graph, numbers)
    is_forward = order == "forward"
    color = "tab:blue" if is_forward else "tab:red"

    texts = {value: value.name for value in graph.inputs}
    texts |= {step.result: f"{'①②③④⑤⑥'[k]}  {step.text}" for k, step in enumerate(steps)}
    shown, what = (numbers, "=") if is_forward else (adjoints, "adjoint")
    centred = {"ha": "center", "va": "center"}
    boxes = {}
    for value, (x, y) in places.items():
        look = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": color}
        label = panel.text(x, y, f"{texts[value]}\n{what} {shown[value]:g}", bbox=look, **centred)
        boxes[value] = label.get_bbox_patch()

    for (result, operand), partial in partials.items():
        start, end = (operand, result) if is_forward else (result, operand)
        arrow = {"arrowstyle": "-|>", "color": color, "patchA": boxes[start], "patchB": boxes[end]}
        panel.annotate("", xy=places[end], xytext=places[start], arrowprops=arrow)
        if not is_forward:
            beside_result = [0.6 * p + 0.4 * q for p, q in zip(places[result], places[operand])]
            look = {"fc": "white", "ec": "none", "pad": 1}
            panel.text(*beside_result, f"× {partial:g}", color=color, bbox=look, **centred)

    direction = (
        "forward: values" if is_forward else "backward: adjoints, handed on × local derivative"
    )
    panel.set_title(f"f = {lesson.expression}      {direction}")
    heights = [y for _, y in places.values()]
    width = max(x for x, _ in places.values())
    panel.set(xlim=(-0.35, width + 0.45), ylim=(min(heights) - 0.5, max(heights) + 0.5))
    panel.axis("off")


def draw(lessons):
    """One row for each expression: the graph forward and backward."""
    figure = Figure(figsize=(15, 3.2 * len(lessons)), layout="constrained")
    for row, lesson in zip(figure.subplots(len(lessons), 2), lessons):
        draw_graph(row[0], lesson, "forward")
        draw_graph(row[1], lesson, "backward")
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="the same: this is short already")
    parser.parse_args(arguments)

    for lesson in LESSONS:
        tell(lesson)
    save(draw(LESSONS), "chain_rule.png")


if __name__ == "__main__":
    main()
