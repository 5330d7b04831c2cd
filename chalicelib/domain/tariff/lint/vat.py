"""Does the tariff say its VAT, and can it be the VAT of anywhere in Europe?"""

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.tariff.lint.finding import Code, Finding, component_place
from chalicelib.domain.tariff.tariff import FirstMatch, Tariff, TaxIncluded

_LEAST, _MOST = Decimal(5), Decimal(27)  # the lowest rate the EU knows for new rules; Hungary's


def vat_findings(tariff: Tariff) -> Iterator[Finding]:
    if tariff.first_match is FirstMatch.PER_ELEMENT:
        return  # OCPI 2.1.1 has no member for it
    every = [
        (component_place(number, count, "vat"), one.vat)
        for number, element in enumerate(tariff.elements)
        for count, one in enumerate(element.price_components)
        if one.price
    ]
    silent = [place for place, vat in every if vat is None]
    if silent and tariff.tax_included is not TaxIncluded.NA:
        yield _silent(tariff, silent, len(every))
    rates = sorted({vat for _, vat in every if vat is not None})
    if len(rates) > 1:
        place = next(place for place, vat in every if vat not in (None, every[0][1]))
        listed = ", ".join(f"{rate.normalize():f} %" for rate in rates)
        text = f"the rates {listed} stand in one tariff: right only where the law taxes parts apart"
        yield Finding(Code.VAT_DIFFERS, place, text)
    for place, vat in every:
        if vat is not None and (0 < vat < _LEAST or vat > _MOST):
            text = f"{vat} % is no rate in Europe: vat is in percent"
            text += f"; if {vat * 100:f} % is meant, write {vat * 100:f}" if vat < 1 else ""
            yield Finding(Code.VAT_IMPLAUSIBLE, place, text)


def _silent(tariff: Tariff, places: list[str], count: int) -> Finding:
    if len(places) < count:
        text = (
            f"{len(places)} of {count} prices say no VAT, which is not 0 %: the total with VAT"
            " of a session cannot be told. Add vat to each"
        )
        return Finding(Code.VAT_PARTLY, places[0], text)
    if tariff.tax_included is TaxIncluded.YES:
        text = "prices include a tax that is said nowhere: nobody can tell the net. Add vat to each"
        return Finding(Code.VAT_MISSING, places[0], text)
    text = "no price says its VAT, so drivers cannot be shown what they will pay. Add vat to each"
    return Finding(Code.VAT_MISSING, places[0], text)
