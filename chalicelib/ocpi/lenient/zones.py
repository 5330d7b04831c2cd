"""In which time zone does a place lie whose CPO does not tell it? (2.1.1 leaves it optional)

Only countries of one civil time are answered, and the islands of Spain and Portugal by their
longitude: elsewhere a guess could price the night as day.
"""

from decimal import Decimal

_CAPITALS = """
AT Vienna BE Brussels BG Sofia CH Zurich CY Nicosia CZ Prague DE Berlin DK Copenhagen EE Tallinn
ES Madrid FI Helsinki FR Paris GB London GR Athens HR Zagreb HU Budapest IE Dublin IT Rome
LI Vaduz LT Vilnius LU Luxembourg LV Riga MC Monaco MT Malta NL Amsterdam NO Oslo PL Warsaw
PT Lisbon RO Bucharest RS Belgrade SE Stockholm SI Ljubljana SK Bratislava TR Istanbul UA Kyiv
"""
_WORDS = _CAPITALS.split()
_ZONES = {code: f"Europe/{city}" for code, city in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
_ZONES |= {"CY": "Asia/Nicosia", "IS": "Atlantic/Reykjavik"}
_ISLANDS = (  # country, the longitude west of which they begin, their zone
    ("PT", Decimal(-20), "Atlantic/Azores"),
    ("PT", Decimal(-12), "Atlantic/Madeira"),
    ("ES", Decimal(-10), "Atlantic/Canary"),
)


def zone_of(country: str, longitude: Decimal) -> str:
    """The IANA zone of an ISO 3166-1 alpha-2 country, empty when it is not sure."""
    for code, west_of, zone in _ISLANDS:
        if country == code and longitude < west_of:
            return zone
    return _ZONES.get(country, "")
