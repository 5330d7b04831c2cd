"""Which VAT rates hold on charging and on services in Europe? One dated, sourced row a line.

`since` is the first day for which we read the source, not always the day the rate began. A row
that ends in False is not confirmed: it is refused unless staff accepted it by name, in the
registration of the seller in that country. Standard rates agree with `eu-vat-rates-data` 2026.9.29.
"""

from datetime import date
from decimal import Decimal

from chalicelib.domain.tax.law import ResellerRule, TaxLaw
from chalicelib.domain.tax.table import RateRow, RateTable, Supply

_CHARGING, _SERVICE = Supply.CHARGING, Supply.SERVICE
_BOTH = (_CHARGING, _SERVICE)
_EVER = ""
_C28222 = "; one supply of electricity (CJEU C-282/22)"

# country, supplies, percent, since, until (exclusive), source, confirmed
_Line = tuple[str, tuple[Supply, ...], str, str, str, str, bool]
_LINES: tuple[_Line, ...] = (
    ("AT", _BOTH, "20", "2020-01-01", _EVER, "UStG 1994 § 10(1)", True),
    ("BE", _BOTH, "21", "2020-01-01", _EVER, "AR/KB no. 20 of 20 July 1970 art. 1", True),
    ("BG", _BOTH, "20", "2020-01-01", _EVER, "ZDDS art. 66(1)", True),
    ("CH", _BOTH, "7.7", "2018-01-01", "2024-01-01", "MWSTG art. 25(1), not read for it", False),
    ("CH", (_CHARGING,), "8.1", "2024-01-01", _EVER, "MWSTG art. 25(1), not read for it", False),
    ("CH", (_SERVICE,), "8.1", "2024-01-01", _EVER, "MWSTG art. 25(1)", True),
    ("CY", (_CHARGING,), "19", "2020-01-01", _EVER, "Law 95(I)/2000; electricity varied", False),
    ("CY", (_SERVICE,), "19", "2020-01-01", _EVER, "Law 95(I)/2000 s. 18", True),
    ("CZ", _BOTH, "21", "2020-01-01", _EVER, "Act 235/2004 § 47(1)", True),
    ("DE", _BOTH, "19", "2021-01-01", _EVER, "UStG § 12(1)", True),
    ("DK", _BOTH, "25", "2020-01-01", _EVER, "Momsloven § 33", True),
    ("EE", _BOTH, "22", "2024-01-01", "2025-07-01", "KMS § 15(1)", True),
    ("EE", _BOTH, "24", "2025-07-01", _EVER, "KMS § 15(1)", True),
    ("ES", (_CHARGING,), "21", "2025-01-01", _EVER, "LIVA art. 90; electricity varied", False),
    ("ES", (_SERVICE,), "21", "2020-01-01", _EVER, "LIVA (Ley 37/1992) art. 90", True),
    ("FI", _BOTH, "24", "2020-01-01", "2024-09-01", "AVL 1501/1993 § 84", True),
    ("FI", _BOTH, "25.5", "2024-09-01", _EVER, "AVL 1501/1993 § 84", True),
    ("FR", _BOTH, "20", "2020-01-01", _EVER, "CGI art. 278", True),
    ("GB", (_CHARGING,), "20", "2020-01-01", _EVER, "VATA 1994 s. 2; contested: TC09802", False),
    ("GB", (_SERVICE,), "20", "2020-01-01", _EVER, "VATA 1994 s. 2(1)", True),
    ("GR", (_CHARGING,), "6", "2025-01-01", _EVER, "VAT Code annex III: 6 % all along", True),
    ("GR", (_SERVICE,), "24", "2020-01-01", _EVER, "VAT Code (Law 5144/2024) art. 26", True),
    ("HR", (_CHARGING,), "25", "2020-01-01", _EVER, "ZPDV art. 38; electricity has 13 %", False),
    ("HR", (_SERVICE,), "25", "2020-01-01", _EVER, "ZPDV art. 38(1)", True),
    ("HU", (_CHARGING,), "27", "2020-01-01", _EVER, "Act CXXVII of 2007 § 82(1)", False),
    ("HU", (_SERVICE,), "27", "2020-01-01", _EVER, "Act CXXVII of 2007 § 82(1)", True),
    ("IE", (_CHARGING,), "9", "2025-01-01", "2031-01-01", "VATCA 2010 s. 46(1); to 2030", True),
    ("IE", (_SERVICE,), "23", "2021-03-01", _EVER, "VATCA 2010 s. 46(1)(a)", True),
    ("IT", (_CHARGING,), "22", "2020-01-01", _EVER, "DPR 633/1972 art. 16; 10 % claimed", False),
    ("IT", (_SERVICE,), "22", "2020-01-01", _EVER, "DPR 633/1972 art. 16", True),
    ("LT", (_CHARGING,), "21", "2020-01-01", _EVER, "PVM law IX-751 art. 19", False),
    ("LT", (_SERVICE,), "21", "2020-01-01", _EVER, "PVM law IX-751 art. 19(1)", True),
    ("LU", (_CHARGING,), "8", "2024-01-01", _EVER, "Loi TVA art. 39; 17 % claimed", False),
    ("LU", (_SERVICE,), "17", "2024-01-01", _EVER, "Loi TVA art. 39(3)", True),
    ("LV", (_CHARGING,), "21", "2020-01-01", _EVER, "PVN law s. 41", False),
    ("LV", (_SERVICE,), "21", "2020-01-01", _EVER, "PVN law s. 41(1)", True),
    ("MT", (_CHARGING,), "18", "2020-01-01", _EVER, "VAT Act cap. 406; 5 % claimed", False),
    ("MT", (_SERVICE,), "18", "2020-01-01", _EVER, "VAT Act cap. 406 art. 19", True),
    ("NL", _BOTH, "21", "2020-01-01", _EVER, "Wet OB 1968 art. 9(1)", True),
    ("NO", (_CHARGING,), "25", "2020-01-01", _EVER, "Merverdiavgiftsloven § 5-1", False),
    ("NO", (_SERVICE,), "25", "2020-01-01", _EVER, "Merverdiavgiftsloven § 5-1", True),
    ("PL", (_CHARGING,), "23", "2020-01-01", _EVER, "Ustawa o VAT art. 41, 146ef", False),
    ("PL", (_SERVICE,), "23", "2020-01-01", _EVER, "Ustawa o VAT art. 41, 146ef", True),
    # Mainland only: Madeira and the Azores have rates of their own, and OCPI does not tell them.
    ("PT", _BOTH, "23", "2020-01-01", _EVER, "CIVA art. 18(1)(c), mainland", True),
    ("RO", (_CHARGING,), "21", "2025-08-01", _EVER, "Codul fiscal art. 291", False),
    ("RO", (_SERVICE,), "21", "2025-08-01", _EVER, "Codul fiscal art. 291(1)", True),
    ("SE", _BOTH, "25", "2020-01-01", _EVER, "Mervärdesskattelagen 2023:200 ch. 9 § 2", True),
    ("SI", (_CHARGING,), "22", "2020-01-01", _EVER, "ZDDV-1 art. 41; electricity varied", False),
    ("SI", (_SERVICE,), "22", "2020-01-01", _EVER, "ZDDV-1 art. 41(1)", True),
    ("SK", (_CHARGING,), "23", "2025-01-01", _EVER, "Act 222/2004 § 27; 19 % claimed", False),
    ("SK", (_SERVICE,), "23", "2025-01-01", _EVER, "Act 222/2004 § 27(1)", True),
)


def _rows(line: _Line) -> list[RateRow]:
    country, supplies, percent, since, until, source, confirmed = line
    last = date.fromisoformat(until) if until else None
    return [
        RateRow(
            country=country,
            supply=supply,
            percent=Decimal(percent),
            since=date.fromisoformat(since),
            until=last,
            source=source + (_C28222 if supply is _CHARGING else ""),
            confirmed=confirmed,
        )
        for supply in supplies
    ]


_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

EUROPE = TaxLaw(
    rates=RateTable(tuple(row for line in _LINES for row in _rows(line))),
    members=frozenset(_MEMBERS.split()),
    # Other countries use the option of art. 199a(1)(f) too; each row waits for someone to read it.
    reseller_rules=(
        ResellerRule("DE", date(2013, 9, 1), "UStG § 13b(2) no. 5(b), (5); form USt 1 TH"),
    ),
    # ViDA, Directive (EU) 2025/516; one source only. A local registration works on any day.
    oss_electricity_since=date(2027, 1, 1),
)
