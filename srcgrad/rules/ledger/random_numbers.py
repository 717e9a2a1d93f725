"""`numpy.random`: the functions of the module and the methods of `Generator`."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused

# By location, scale or another parameter by which a draw is transformed.
_MOVED = (
    "exponential gamma gumbel laplace logistic lognormal multivariate_normal normal pareto power "
    "rayleigh triangular uniform vonmises weibull"
)
_DRAWN = (
    "binomial choice geometric hypergeometric logseries multinomial negative_binomial permutation "
    "poisson random standard_cauchy standard_exponential standard_normal zipf"
)
_NO_TRANSFORMATION = (
    "beta chisquare dirichlet f noncentral_chisquare noncentral_f standard_gamma standard_t wald"
)
_REASON = "its parameters do not enter a draw by a transformation in closed form"
_REMEDY = "Draw with parameters that do not depend on `wrt`, or wrap them in `stop_gradient(...)`."
_OWED = "bytes shuffle"

LINES = joined(
    evaluated("numpy.random", _MOVED),
    passive("numpy.random", _DRAWN),
    passive("numpy.random", "rand randint randn random_sample ranf sample"),
    refused(_REASON, _REMEDY, "numpy.random", _NO_TRANSFORMATION),
    owed("numpy.random", _OWED),
    owed("numpy.random", "random_integers"),
    evaluated("numpy.random.Generator", _MOVED),
    passive("numpy.random.Generator", _DRAWN),
    refused(_REASON, _REMEDY, "numpy.random.Generator", _NO_TRANSFORMATION),
    owed("numpy.random.Generator", _OWED),
    passive("numpy.random.Generator", "integers"),
    passive("numpy.random.Generator", "multivariate_hypergeometric"),
    owed("numpy.random.Generator", "permuted"),
    passive("numpy.random.Generator", "bit_generator spawn"),
    passive(
        "numpy.random",
        "BitGenerator Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64 SeedSequence "
        "default_rng get_bit_generator get_state seed set_bit_generator set_state test",
    ),
)
