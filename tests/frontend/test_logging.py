"""Messages of `logging` and `warnings` are written once per call, with the right values."""

import logging

import numpy as np
import pytest

from srcgrad import value_and_grad

LOG = logging.getLogger("tests.frontend.test_logging")


def tells(x):
    LOG.info("x is %s", x)
    LOG.debug("not shown %s", x)
    y = x * x
    if y > 2.0:
        logging.getLogger("tests.other").warning(f"large: {y}")
    return y


def tells_of_arrays(x):
    LOG.info("%s has the sum %s", x.shape, x.sum())
    return np.sum(x * x)


def warns(x):
    import warnings

    if x > 1.0:
        warnings.warn(f"large: {x}", stacklevel=1)
    return x * x


@pytest.mark.parametrize("x", [1.0, 3.0])
def test_messages_are_those_of_the_function(x, caplog):
    with caplog.at_level(logging.INFO):
        value = tells(x)
        expected = [(record.name, record.getMessage()) for record in caplog.records]
        caplog.clear()
        assert value_and_grad(tells)(x) == (value, 2.0 * x)
    assert [(record.name, record.getMessage()) for record in caplog.records] == expected


def test_messages_show_arrays(caplog):
    with caplog.at_level(logging.INFO):
        value_and_grad(tells_of_arrays)(np.array([1.0, 2.0]))
    assert [record.getMessage() for record in caplog.records] == ["(2,) has the sum 3.0"]


def test_warnings_come_on_the_path_that_warns():
    assert value_and_grad(warns)(0.5) == (0.25, 1.0)
    with pytest.warns(UserWarning, match="large: 1.5") as found:
        value_and_grad(warns)(1.5)
    assert len(found) == 1
