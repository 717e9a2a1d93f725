"""`numpy.random`: the functions of the module and the methods of `Generator`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import joined, owed, passive

_BOTH = (
    "beta binomial bytes chisquare choice dirichlet exponential f gamma geometric gumbel "
    "hypergeometric laplace logistic lognormal logseries multinomial multivariate_normal "
    "negative_binomial noncentral_chisquare noncentral_f normal pareto permutation poisson power "
    "random rayleigh shuffle standard_cauchy standard_exponential standard_gamma standard_normal "
    "standard_t triangular uniform vonmises wald weibull zipf"
)

LINES = joined(
    owed("numpy.random", _BOTH),
    owed("numpy.random", "rand randint randn random_integers random_sample ranf sample"),
    owed("numpy.random.Generator", _BOTH),
    owed("numpy.random.Generator", "integers multivariate_hypergeometric permuted"),
    passive("numpy.random.Generator", "bit_generator spawn"),
    passive(
        "numpy.random",
        "BitGenerator Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64 SeedSequence "
        "default_rng get_bit_generator get_state seed set_bit_generator set_state test",
    ),
)
