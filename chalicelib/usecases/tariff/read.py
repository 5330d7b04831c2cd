"""Which version of a tariff is meant, and what does it say? Versions are named by their content."""

from datetime import datetime
from decimal import Decimal

from chalicelib.domain.errors import Rejected
from chalicelib.domain.ids import PeerId, TariffHash
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import load

_VERSIONS_READ = 25
_PREPARED_MAX = 2000
_prepared: dict[tuple[TariffHash, str], PreparedTariff] = {}  # a version never changes


class TariffUnknown(Rejected):
    code = "tariff_unknown"
    field = "connector_id"
    how_to_fix = "choose another connector; the CPO has not published this one's price"

    def __init__(self, tariff_id: str) -> None:
        super().__init__(f"no tariff {tariff_id!r} is in force for this connector")
        self.tariff_id = tariff_id


def in_force(
    ports: Ports, peer_id: PeerId, party: tuple[str, str], tariff_id: str, at: datetime
) -> tuple[TariffHash, Tariff]:
    """The newest published version that is valid at an instant; TariffUnknown when none is."""
    pk = keys.tariff_versions(peer_id, *party, tariff_id)
    for item in ports.store.query(pk, limit=_VERSIONS_READ, descending=True):
        hash_ = TariffHash(item.key.sk.rpartition("#")[2])
        tariff = version(ports, hash_)
        begun = tariff.start_date_time is None or tariff.start_date_time <= at
        if begun and (tariff.end_date_time is None or at < tariff.end_date_time):
            return hash_, tariff
    raise TariffUnknown(tariff_id)


def version(ports: Ports, hash_: TariffHash) -> Tariff:
    return load(ports.store, keys.tariff_version(hash_), Tariff, "tariff version").value


def prepared(ports: Ports, hash_: TariffHash, time_zone: str) -> PreparedTariff:
    """The version ready to price in a location's zone; prepared once a process."""
    found = _prepared.get((hash_, time_zone))
    if found is None:
        if len(_prepared) >= _PREPARED_MAX:
            _prepared.clear()
        found = prepare(version(ports, hash_), time_zone)
        _prepared[(hash_, time_zone)] = found
    return found


def gross_of(price: Price, rate: Decimal, code: Currency) -> Money:
    """What a driver pays for a price: its total incl. VAT, rounded once, half up.

    A tariff without a VAT statement is taken excl. VAT, and `rate` (the fraction on charging there
    on that day) is added: the driver's price always includes VAT. A rebate beyond the price is not
    paid out: nobody pays less than nothing.
    """
    incl_vat = price.excl_vat * (1 + rate) if price.incl_vat is None else price.incl_vat
    return Money.rounded(max(incl_vat, Decimal(0)), code)
