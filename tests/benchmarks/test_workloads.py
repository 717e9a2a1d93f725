"""Every workload's gradient, srcgrad's against the one by hand, at small and medium size."""

from __future__ import annotations

import pytest

from srcgrad import grad
from tests.benchmarks.workloads import WORKLOADS, Workload
from tests.differences import leaves


@pytest.mark.parametrize("size", ["small", "medium"])
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_the_gradient_by_hand_is_that_of_srcgrad(workload: Workload, size: str) -> None:
    arguments = workload.arguments(size)
    found = leaves(grad(workload.primal, wrt=workload.wrt)(*arguments))
    expected = leaves(workload.by_hand(*arguments))
    for mine, theirs in zip(found, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-9)
