"""Arrays that share memory: what is written must be nobody else's, and not its own twice."""

import numpy as np
import pytest

import srcgrad
from srcgrad.frontend.overlap import overlaps_itself, share_memory


def moves(positions, velocities):
    positions += 0.1 * velocities
    return np.sum(positions * velocities)


def doubles_its_first_row(x):
    x[0] = x[0] * 2
    return np.sum(x**2)


def windows(length, width):
    whole = np.arange(float(length))
    step = whole.strides[0]
    shape = (length - width + 1, width)
    return np.lib.stride_tricks.as_strided(whole, shape, (step, step), writeable=True)


def test_columns_of_a_matrix_share_no_memory():
    state = np.arange(6.0).reshape(3, 2)
    assert not share_memory(state[:, 0], state[:, 1])
    assert share_memory(state[:, 0], state[1])


def test_a_column_may_be_written_while_another_one_is_read():
    state = np.arange(6.0).reshape(3, 2)
    gradients = srcgrad.grad(moves, wrt=(0, 1))(state[:, 0], state[:, 1])
    apart = srcgrad.grad(moves, wrt=(0, 1))(np.array([0.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]))
    assert all(map(np.array_equal, gradients, apart))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.ones((3, 4)), False),
        (np.ones((3, 4)).T[::-2, ::2], False),
        (np.broadcast_to(np.ones(3), (2, 3)), True),
        (windows(7, 3), True),
        (windows(7, 3)[::3], False),
        (np.ones((0, 3))[:, ::2], False),
    ],
)
def test_elements_at_one_place_are_seen(array, expected):
    assert overlaps_itself(array) is expected


def test_an_array_whose_elements_share_memory_may_not_be_written():
    gradient = srcgrad.grad(doubles_its_first_row)
    assert gradient(np.ones((2, 3))).shape == (2, 3)
    with pytest.raises(srcgrad.UnsupportedError, match="elements of it share memory"):
        gradient(windows(7, 3))
    assert gradient(np.ones((2, 3))).shape == (2, 3)
