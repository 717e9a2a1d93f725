"""`scipy.special`: rules against differences, and against mpmath where accuracy is at stake."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import srcgrad
from srcgrad import MissingRuleError, grad
from tests.rules.rows import Row, check, check_constant, fixed, normal, row, uniform

mpmath = pytest.importorskip("mpmath")
sp = pytest.importorskip("scipy.special")

POSITIVE = uniform(0.4, 2.5, 4)
OTHER = uniform(0.4, 2.5, 4, seed=1)
SIGNED = normal(4)
UNIT = uniform(0.1, 0.9, 4)

OF_POSITIVE = [
    *(sp.gamma, sp.gammaln, sp.loggamma, sp.rgamma, sp.digamma, sp.y0, sp.y1, sp.k0, sp.k1, sp.k0e),
    *(sp.k1e, sp.exp1, sp.expi, sp.spence, sp.entr, sp.i0e, sp.i1e, sp.cotdg, sp.log1p, sp.cbrt),
]
OF_ANY = [
    *(sp.erf, sp.erfc, sp.erfcx, sp.erfi, sp.dawsn, sp.expit, sp.log_expit, sp.ndtr, sp.log_ndtr),
    *(sp.j0, sp.j1, sp.i0, sp.i1, sp.exprel, sp.expm1, sp.exp2, sp.exp10, sp.cosm1, sp.sindg),
    *(sp.cosdg, sp.tandg, sp.wofz, sp.wrightomega),
]
OF_UNIT = [sp.erfinv, sp.erfcinv, sp.logit, sp.ndtri, sp.ellipk, sp.ellipkm1, sp.ellipe]
OF_TWO = [
    *(sp.beta, sp.betaln, sp.binom, sp.poch, sp.xlogy, sp.xlog1py, sp.rel_entr, sp.kl_div),
    *(sp.huber, sp.pseudo_huber, sp.boxcox, sp.boxcox1p, sp.inv_boxcox, sp.inv_boxcox1p),
]
OF_ORDER = [
    sp.jv,
    sp.yv,
    sp.iv,
    sp.kv,
    sp.ive,
    sp.kve,
    sp.expn,
    sp.hyp0f1,
    sp.gammainc,
    sp.gammaincc,
]
WHOLE_ORDER = [sp.yn, sp.kn]
POLYNOMIALS = [
    *(sp.eval_chebyt, sp.eval_chebyu, sp.eval_legendre, sp.eval_hermite, sp.eval_hermitenorm),
    sp.eval_laguerre,
]

ROWS = [
    *(row(function, POSITIVE) for function in OF_POSITIVE),
    *(row(function, SIGNED) for function in OF_ANY),
    *(row(function, UNIT) for function in OF_UNIT),
    *(row(function, POSITIVE, OTHER) for function in OF_TWO),
    *(row(function, 2.5, UNIT) for function in OF_TWO),
    *(row(function, 3, POSITIVE) for function in OF_ORDER),
    *(row(function, fixed(1.5), POSITIVE) for function in (sp.jv, sp.iv, sp.kv, sp.gammainc)),
    *(row(function, 2, POSITIVE) for function in WHOLE_ORDER),
    *(row(function, 2, POSITIVE, twice=False) for function in (sp.hankel1, sp.hankel2)),
    *(row(function, 4, UNIT) for function in POLYNOMIALS),
    row(sp.eval_genlaguerre, 3, fixed(0.5), UNIT),
    row(sp.eval_gegenbauer, 3, fixed(0.5), UNIT),
    row(sp.eval_jacobi, 3, fixed(0.5), fixed(1.5), UNIT),
    row(sp.hyp1f1, fixed(1.5), fixed(2.5), SIGNED),
    row(sp.hyp2f1, fixed(0.5), fixed(1.5), fixed(2.5), UNIT),
    row(sp.hyperu, fixed(1.5), fixed(2.5), POSITIVE),
    row(sp.gammaincinv, fixed(1.5), UNIT),
    row(sp.gammainccinv, fixed(1.5), UNIT),
    row(sp.betainc, fixed(1.5), fixed(2.5), UNIT),
    row(sp.betaincinv, fixed(1.5), fixed(2.5), UNIT),
    row(sp.ndtri_exp, -POSITIVE),
    row(sp.ellipkinc, POSITIVE, UNIT),
    row(sp.ellipeinc, POSITIVE, UNIT),
    *(row(function, POSITIVE) for function in (sp.sici, sp.shichi, sp.fresnel, sp.airy)),
    row(sp.polygamma, 2, POSITIVE),
    row(sp.zeta, fixed(2.5), POSITIVE),
    row(sp.lambertw, POSITIVE),
    row(sp.logsumexp, normal(3, 4)),
    row(sp.logsumexp, normal(3, 4), axis=1),
    row(sp.logsumexp, normal(3, 4), axis=(0,), keepdims=True),
    row(sp.logsumexp, normal(3, 4), b=uniform(0.5, 2.0, 4), axis=1),
    row(sp.softmax, normal(3, 4), axis=1),
    row(sp.softmax, normal(3, 4)),
    row(sp.log_softmax, normal(3, 4), axis=0),
    row(sp.erf, normal(4, dtype="f4")),
    row(sp.loggamma, normal(4, dtype=complex) + 3.0, twice=False),
    row(sp.wofz, normal(4, dtype=complex)),
    *(
        row(getattr(sp, name), *arguments)
        for name, arguments in {
            "softplus": (SIGNED,),
            "betaincc": (fixed(1.5), fixed(2.5), UNIT),
        }.items()
        if isinstance(getattr(sp, name, None), np.ufunc)
    ),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_scipy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", [row(sp.gammasgn, SIGNED), row(sp.round, SIGNED)], ids=str)
def test_constants(case: Row) -> None:
    check_constant(case)


ACCURATE = [
    (sp.expit, lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2, [-700.0, -5.0, 40.0, 700.0]),
    (sp.log_expit, lambda x: 1 / (1 + mpmath.exp(x)), [-700.0, 40.0, 700.0]),
    (sp.log_ndtr, lambda x: mpmath.npdf(x) / mpmath.ncdf(x), [-30.0, -1.0, 5.0]),
    (sp.erf, lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), [-5.0, 1e-9, 20.0]),
    (
        sp.exprel,
        lambda x: mpmath.diff(lambda t: mpmath.expm1(t) / t, x),
        [-3.0, 1e-6, 0.019, 0.021],
    ),
    (sp.ellipk, lambda m: mpmath.diff(mpmath.ellipk, m), [1e-14, 1e-9, 0.3, 0.99]),
    (sp.ellipe, lambda m: mpmath.diff(mpmath.ellipe, m), [1e-14, 1e-9, -0.5, 0.99]),
    (
        sp.erfcx,
        lambda x: mpmath.diff(lambda t: mpmath.exp(t * t) * mpmath.erfc(t), x),
        [-5.0, 0.0, 20.0, 60.0, 1e4, 1e10],
    ),
    (
        sp.dawsn,
        lambda x: 1 - mpmath.sqrt(mpmath.pi) * x * mpmath.exp(-x * x) * mpmath.erfi(x),
        [-5.0, 0.0, 20.0, -60.0, 1e4],
    ),
]


@pytest.mark.parametrize(("function", "slope", "points"), ACCURATE, ids=lambda p: str(p)[:20])
def test_derivatives_are_as_accurate_as_the_functions(function, slope, points) -> None:
    derivative = grad(lambda x: function(x))
    with mpmath.workdps(90):
        expected = [float(slope(mpmath.mpf(x))) for x in points]
    found = [float(derivative(x)) for x in points]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_limits_are_finite() -> None:
    assert grad(lambda m: sp.ellipk(m))(0.0) == pytest.approx(np.pi / 8.0)
    assert grad(lambda x: sp.spence(x))(1.0) == -1.0
    assert grad(lambda x: sp.xlogy(0.0, x))(0.0) == 0.0
    all_minus_infinity = grad(lambda x: sp.logsumexp(x))(np.full(3, -np.inf))
    assert all_minus_infinity.tolist() == [0.0, 0.0, 0.0]


def test_an_order_has_no_derivative() -> None:
    with pytest.raises(MissingRuleError, match="no derivative in closed form"):
        grad(lambda v, x: sp.jv(v, x))(1.5, 2.0)


def test_emitted_code_names_the_function_in_full() -> None:
    @grad
    def loss(x):
        return np.sum(sp.expit(x))

    loss(SIGNED)
    assert "scipy.special.expit(x)" in loss.source


def test_an_exported_module_imports_scipy(tmp_path) -> None:
    def loss(x):
        return np.sum(sp.gammaln(x))

    path = tmp_path / "loss_grad.py"
    grad(loss).lower(POSITIVE).export(path)
    namespace: dict = {}
    exec(path.read_text("utf-8"), namespace)
    assert "import scipy.special\n" in path.read_text("utf-8")
    np.testing.assert_array_equal(namespace["loss_grad"](POSITIVE), grad(loss)(POSITIVE))


def test_scipy_is_not_loaded_by_those_who_do_not_use_it() -> None:
    program = (
        "import sys, numpy as np, srcgrad\n"
        "print(srcgrad.grad(lambda x: np.sum(x * x)).__name__, 'scipy' in sys.modules)"
    )
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, capture_output=True, text=True).stdout.endswith("False\n")
    assert srcgrad.grad is grad
