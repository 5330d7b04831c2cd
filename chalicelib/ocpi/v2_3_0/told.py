"""How are tariffs, sessions and CDRs told to an eMSP in 2.3.0? As in 2.2.1, but for money.

A Price tells its taxes one by one (types 16.5), a PriceLimit calls its amounts otherwise, and a
Tariff says whether its prices have tax in them (mod_tariffs 11.3 and 11.4).
"""

from typing import Any

from chalicelib.domain.hub.offered import ID_MAX, Offered
from chalicelib.domain.hub.session import ToldCdr, ToldSession
from chalicelib.domain.tariff.tariff import FirstMatch, Tariff
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.strict.forms import NUMBER, in_form
from chalicelib.ocpi.strict.objects import OF_2_3_0
from chalicelib.ocpi.v2_2_1 import charge, price
from chalicelib.ocpi.v2_2_1.network import write_offered

_LIMITS = ("min_price", "max_price")
_NEWER = {"preauthorize_amount": NUMBER}


def sayable(tariff: Tariff) -> bool:
    """As in 2.2.1, and prices with tax in them can be said too."""
    limits = [one for one in (tariff.min_price, tariff.max_price) if one is not None]
    kinds = {frozenset(c.type for c in one.price_components) for one in tariff.elements}
    return (
        not tariff.unsupported
        and len(tariff.id) <= ID_MAX
        and any(one.price_components for one in tariff.elements)
        and all(one.excl_vat is not None for one in limits)
        and (tariff.first_match is FirstMatch.PER_DIMENSION or len(kinds) == 1)
    )


def write_tariff(tariff: Tariff, raw: str) -> dict[str, Any]:
    found = price.write_tariff(tariff, raw, OF_2_3_0)
    found["tax_included"] = tariff.tax_included.value
    for name in _LIMITS:
        if name in found:
            found[name] = _limit(found[name])
    told = parse_object(raw) if raw else {}
    return found | in_form({name: told.get(name) for name in _NEWER}, _NEWER)


def write_location(offered: Offered) -> dict[str, Any]:
    return write_offered(offered, OF_2_3_0)


def write_session(told: ToldSession) -> dict[str, Any]:
    return _with_prices(charge.write_session(told))


def write_cdr(told: ToldCdr) -> dict[str, Any]:
    found = _with_prices(charge.write_cdr(told, OF_2_3_0))
    found.pop("tariffs", None)
    if sayable(told.tariff):
        found["tariffs"] = [write_tariff(told.tariff, "")]
    return found


def _with_prices(told: dict[str, Any]) -> dict[str, Any]:
    priced = {name: _price(told[name]) for name in ("total_cost", *charge.PARTS) if name in told}
    return {**told, **priced}


def _price(told: dict[str, Any]) -> dict[str, Any]:
    """All tax is one: the shares of several rates are not told to us by all CPOs."""
    excl, incl = told["excl_vat"], told.get("incl_vat")
    taxes = [] if incl is None else [{"name": "VAT", "amount": incl - excl}]
    return {"before_taxes": excl, "taxes": taxes}


def _limit(told: dict[str, Any]) -> dict[str, Any]:
    after = {} if told.get("incl_vat") is None else {"after_taxes": told["incl_vat"]}
    return {"before_taxes": told["excl_vat"], **after}
