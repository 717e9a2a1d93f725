"""statsmodels' families, links, norms and models are read as they are installed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.libraries.differences import check

sm = pytest.importorskip("statsmodels.api")
families = pytest.importorskip("statsmodels.genmod.families")
links = pytest.importorskip("statsmodels.genmod.families.links")
norms = pytest.importorskip("statsmodels.robust.norms")

RNG = np.random.default_rng(5)
SHARES = RNG.uniform(0.1, 0.9, 6)
MEANS = RNG.uniform(0.1, 0.9, 6)
SIGNED = RNG.standard_normal(6)
DESIGN = sm.add_constant(RNG.standard_normal((20, 2)))
CHOICES = (RNG.uniform(size=20) > 0.5).astype(float)
COUNTS = RNG.poisson(2.0, size=20).astype(float)
COEFFICIENTS = 0.3 * RNG.standard_normal(3)

FAMILIES = ["Gaussian", "Poisson", "Binomial", "Gamma", "InverseGaussian"]
LINKS = ["Logit", "Probit", "Log", "Sqrt", "CLogLog", "LogLog", "Cauchy"]
NORMS = ["LeastSquares", "HuberT", "RamsayE", "TukeyBiweight", "Hampel"]


@pytest.mark.parametrize("name", FAMILIES)
def test_families(name) -> None:
    family = getattr(families, name)()
    check(lambda mu: family.loglike(SHARES, mu), MEANS)
    check(lambda mu: family.deviance(SHARES, mu), MEANS)


@pytest.mark.parametrize("name", LINKS)
def test_inverse_links(name) -> None:
    link = getattr(links, name)()
    check(lambda x: np.sum(link.inverse(x)), MEANS)


@pytest.mark.parametrize("name", NORMS)
def test_robust_norms(name) -> None:
    norm = getattr(norms, name)()
    check(lambda z: np.sum(norm.rho(z)), SIGNED)


@pytest.mark.parametrize(
    ("model", "data"),
    [(sm.Logit, CHOICES), (sm.Probit, CHOICES), (sm.Poisson, COUNTS), (sm.OLS, COUNTS)],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_log_likelihoods_of_models(model, data) -> None:
    fitted = model(data, DESIGN)
    check(lambda b: fitted.loglike(b), COEFFICIENTS)
