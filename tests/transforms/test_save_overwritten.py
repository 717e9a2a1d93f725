"""What is read after its memory has been overwritten is copied first; nothing else is."""

import numpy as np

from srcgrad.graph import Graph, parse_graph, verify, walk
from srcgrad.transforms import save_overwritten
from tests.interpreter import interpret


def copies_in(graph: Graph) -> int:
    return sum(node.operation == "copy" for node in walk(graph.nodes))


def check(text: str, copies: int, *arguments: object) -> None:
    """The pass makes that many copies and changes no result."""
    before = parse_graph(text)
    after = verify(save_overwritten(before))
    assert copies_in(after) == copies
    expected = interpret(before, arguments)
    for mine, theirs in zip(interpret(after, arguments), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_graph_without_stores_stays_the_same_object():
    graph = parse_graph("graph f(x: f64[n]) { y = exp x : f64[n] return y }")
    assert save_overwritten(graph) is graph


def test_an_argument_read_after_a_store_into_it_is_copied():
    text = """graph f(x: f64[n]) {
        y = index_set x, 0.0 {index=0, in_place=True, effect=True} : f64[n]
        z = multiply x, y : f64[n]
        return z
    }"""
    check(text, 1, np.array([2.0, 3.0]))


def test_an_argument_read_only_before_the_store_is_not_copied():
    text = """graph f(x: f64[n]) {
        z = multiply x, x : f64[n]
        y = index_set x, 0.0 {index=0, in_place=True, effect=True} : f64[n]
        return z, y
    }"""
    check(text, 0, np.array([2.0, 3.0]))


def test_a_view_read_after_the_store_is_copied_and_the_array_is_not():
    text = """graph f(x: f64[n]) {
        v = getitem x {index=slice(1, None, None)} : f64[n - 1]
        y = index_set x, 0.0 {index=0, in_place=True, effect=True} : f64[n]
        z = multiply v, v : f64[n - 1]
        return z, y
    }"""
    check(text, 1, np.array([2.0, 3.0]))


def test_an_element_is_a_number_of_its_own():
    text = """graph f(x: f64[n]) {
        v = getitem x {index=0} : f64[]
        y = index_set x, 0.0 {index=0, in_place=True, effect=True} : f64[n]
        z = multiply v, 2.0 : f64[]
        return z, y
    }"""
    check(text, 0, np.array([2.0, 3.0]))


def test_a_store_that_makes_its_own_copy_of_an_argument_saves_nothing():
    text = """graph f(x: f64[n]) {
        y = index_set x, 0.0 {index=0} : f64[n]
        z = multiply x, y : f64[n]
        return z
    }"""
    check(text, 0, np.array([2.0, 3.0]))


def test_an_outer_array_read_after_a_loop_that_stores_into_it_is_copied():
    text = """graph f(x: f64[n]) {
        y = for i: int in range(0, 2, 1) carry (a: f64[n] = x) {
            v = getitem a, i {index=hole(1)} : f64[]
            w = multiply v, 2.0 : f64[]
            b = index_set a, w, i {index=hole(2), in_place=True, effect=True} : f64[n]
            yield b
        } : f64[n]
        z = multiply x, y : f64[n]
        return z
    }"""
    check(text, 1, np.array([2.0, 3.0]))


def test_what_a_loop_collects_of_an_array_that_it_overwrites_is_copied():
    text = """graph f(x: f64[n]) {
        y, tape = for i: int in range(0, 2, 1) carry (a: f64[n] = x) {
            v = getitem a {index=slice(0, 1, None)} : f64[1]
            w = multiply v, 2.0 : f64[1]
            b = index_set a, w {index=slice(0, 1, None), in_place=True, effect=True} : f64[n]
            yield b collect v
        } : f64[n], list[f64[1]]
        s = stack_list tape : f64[?, 1]
        return s, y
    }"""
    before = parse_graph(text)
    assert copies_in(verify(save_overwritten(before))) >= 1


def test_a_branch_that_stores_saves_what_is_read_after_it():
    text = """graph f(x: f64[n], c: bool) {
        y = if c {
            b = index_set x, 0.0 {index=0, in_place=True, effect=True} : f64[n]
            yield b
        } else {
            yield x
        } : f64[n]
        z = multiply x, y : f64[n]
        return z
    }"""
    check(text, 1, np.array([2.0, 3.0]), True)


def test_a_view_of_an_array_filled_with_a_number_is_copied_before_the_array_is_written():
    text = """graph f(x: f64[n]) {
        a = broadcast_like 1.0, x : f64[n]
        g = getitem a {index=slice(1, None, None)} : f64[n - 1]
        b = index_add a, g {index=slice(None, -1, None)} : f64[n]
        c = index_add b, g {index=slice(1, None, None)} : f64[n]
        return c
    }"""
    check(text, 1, np.array([2.0, 3.0, 4.0]))
