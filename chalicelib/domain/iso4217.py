"""Which currencies are there, how many decimals has each, and which have ended?

Source: ISO 4217 list one, read November 2026. Funds codes and precious metals are left out: nobody
is charged or paid in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Ended:
    """A currency that the euro replaced: the first day without it, and what is left of it.

    `per_euro` is fixed for good (six figures) and is neither rounded nor inverted when it is used
    (Regulation (EC) No 1103/97 art. 4).
    """

    since: date
    per_euro: Decimal
    source: str


_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XCD XCG YER ZAR ZMW ZWG
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

ENDED: Mapping[str, Ended] = {
    "BGN": Ended(date(2026, 1, 1), Decimal("1.95583"), "Council Regulation (EU) 2025/1409"),
    "HRK": Ended(date(2023, 1, 1), Decimal("7.53450"), "Council Regulation (EU) 2022/1208"),
}
MINOR_UNITS: Mapping[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(ENDED, 2),
}
