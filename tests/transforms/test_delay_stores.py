"""Stores of the adjoint wait until their result is read; the user's own keep their place."""

from dataclasses import replace

from srcgrad.graph import Graph, parse_graph, verify
from srcgrad.transforms import delay_stores

STORE_THEN_WORK = """graph f(d: f64[n]) {
    g = getitem d {index=0} : f64[]
    e = index_set d, 0.0 {index=0} : f64[n]
    h = multiply g, 2.0 : f64[]
    k = index_add e, h {index=1} : f64[n]
    return k
}"""


def derived(text: str) -> Graph:
    graph = parse_graph(text)
    return graph.replace(nodes=tuple(replace(n, phase="adjoint of ") for n in graph.nodes))


def operations(graph: Graph) -> list[str]:
    return [node.operation for node in graph.nodes]


def test_a_store_moves_down_to_where_its_result_is_read():
    after = verify(delay_stores(derived(STORE_THEN_WORK)))
    assert operations(after) == ["getitem", "multiply", "index_set", "index_add"]


def test_a_store_of_the_users_own_program_stays_where_it_is():
    graph = parse_graph(STORE_THEN_WORK)
    assert delay_stores(graph) is graph


def test_a_store_into_the_callers_memory_stays_where_it_is():
    effect = "{index=0, in_place=True, effect=True}"
    graph = derived(STORE_THEN_WORK.replace("0.0 {index=0}", f"0.0 {effect}"))
    assert operations(delay_stores(graph))[:2] == ["getitem", "index_set"]


def test_stores_that_wait_for_each_other_keep_their_order():
    graph = derived(
        """graph f(d: f64[n]) {
            e = index_set d, 0.0 {index=0} : f64[n]
            k = index_set e, 1.0 {index=1} : f64[n]
            z = zeros_like d : f64[n]
            s = add k, z : f64[n]
            return s
        }"""
    )
    after = verify(delay_stores(graph))
    assert operations(after) == ["zeros_like", "index_set", "index_set", "add"]
