import pytest

from srcgrad import optim
from srcgrad.errors import ArgumentError


def test_constant_is_the_same_at_every_step():
    assert {optim.constant(0.1)(step) for step in (0, 1, 10**9)} == {0.1}


def test_step_decay_multiplies_after_every_so_many_steps():
    schedule = optim.step_decay(1.0, every=3, factor=0.1)
    assert [schedule(k) for k in range(7)] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01])


def test_exponential_shrinks_by_its_factor_over_its_period():
    schedule = optim.exponential(2.0, factor=0.5, every=10)
    assert [schedule(0), schedule(10), schedule(25)] == pytest.approx([2.0, 1.0, 2.0 * 0.5**2.5])


def test_cosine_rises_linearly_then_falls_through_the_middle_to_the_end():
    schedule = optim.cosine(1.0, steps=110, warmup=10, final=0.2)
    assert [schedule(k) for k in (0, 4, 9, 10)] == pytest.approx([0.1, 0.5, 1.0, 1.0])
    assert schedule(60) == pytest.approx(0.6)
    assert schedule(110) == schedule(10**6) == pytest.approx(0.2)


def test_cosine_without_warmup_starts_at_its_rate():
    assert optim.cosine(0.3, steps=10)(0) == 0.3


@pytest.mark.parametrize(
    "make",
    [
        lambda: optim.step_decay(1.0, every=0),
        lambda: optim.exponential(1.0, 0.5, every=0),
        lambda: optim.cosine(1.0, steps=10, warmup=10),
        lambda: optim.cosine(1.0, steps=0),
    ],
)
def test_periods_that_make_no_sense_are_refused(make):
    with pytest.raises(ArgumentError):
        make()
