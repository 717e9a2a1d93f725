"""`numpy.polynomial`: its classes, and the functions of its modules."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import joined, owed, passive

_FAMILIES = {
    "polynomial": "poly",
    "chebyshev": "cheb",
    "hermite": "herm",
    "hermite_e": "herme",
    "laguerre": "lag",
    "legendre": "leg",
}
_OF_ALL = (
    "add companion div fromroots grid2d grid3d line mul mulx pow sub trim val2d val3d vander2d "
    "vander3d"
).split()
_OF_ORTHOGONAL = ("gauss", "weight")


def _family(module: str, prefix: str) -> str:
    own = [f"{prefix}{name}" for name in _OF_ALL]
    if prefix == "poly":
        return " ".join([*own, "polyvalfromroots"])
    own += [f"{prefix}{name}" for name in _OF_ORTHOGONAL]
    return " ".join([*own, f"{prefix}2poly", f"poly2{prefix}"])


LINES = joined(
    owed("numpy.polynomial", "Polynomial Chebyshev Hermite HermiteE Laguerre Legendre"),
    *(owed(f"numpy.polynomial.{module}", _family(module, p)) for module, p in _FAMILIES.items()),
    owed("numpy.polynomial.chebyshev", "chebinterpolate chebpts1 chebpts2"),
    passive("numpy.polynomial", "set_default_printstyle test"),
)
