"""`numpy.polynomial`: its classes, and the functions of its modules."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, passive, refused

_FAMILIES = {
    "polynomial": "poly",
    "chebyshev": "cheb",
    "hermite": "herm",
    "hermite_e": "herme",
    "laguerre": "lag",
    "legendre": "leg",
}
_READ = (
    "fromroots grid2d grid3d line mulx pow trim val2d val3d vander2d vander3d"  # as source
).split()
_NOT_YET = ("companion", "div")


def _names(prefix: str, parts: list[str]) -> str:
    return " ".join(f"{prefix}{part}" for part in parts)


def _read(prefix: str) -> str:
    own = _names(prefix, _READ)
    return f"{own} polymul polyvalfromroots" if prefix == "poly" else f"{own} {prefix}weight"


def _not_yet(prefix: str) -> str:
    own = _names(prefix, list(_NOT_YET))
    return own if prefix == "poly" else f"{own} {prefix}2poly poly2{prefix}"


LINES = joined(
    evaluated("numpy.polynomial", "Polynomial Chebyshev Hermite HermiteE Laguerre Legendre"),
    *(evaluated(f"numpy.polynomial.{module}", _read(p)) for module, p in _FAMILIES.items()),
    *(
        refused(
            "how many steps it takes depends on the coefficients",
            "Divide and convert outside the function; a division by a number is differentiated.",
            f"numpy.polynomial.{module}",
            _not_yet(p),
        )
        for module, p in _FAMILIES.items()
    ),
    evaluated("numpy.polynomial.chebyshev", "chebinterpolate chebpts1 chebpts2"),
    passive("numpy.polynomial", "set_default_printstyle test"),
)
