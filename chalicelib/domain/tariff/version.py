"""Which version of a tariff is this?"""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from chalicelib.domain.canonical import content_hash
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import TariffHash
from chalicelib.domain.tariff.tariff import Tariff

_LATER = frozenset({"tax_included", "first_match", "url"})


def tariff_hash(tariff: Tariff) -> TariffHash:
    """SHA-256 of what the tariff says: 0.25 and 0.250 are one price.

    `last_updated` is left out: a tariff that is published again unchanged is the same version. So
    is what stands at the default of a member that came later: older versions keep their names.
    """
    plain = _plain(tariff)
    del plain["last_updated"]
    for field in fields(tariff):
        if field.name in _LATER and getattr(tariff, field.name) == field.default:
            del plain[field.name]
    return TariffHash(content_hash(plain))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a tariff
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: _plain(part) for name, part in parts if part is not None and part != ()}
    return to_plain(value)
