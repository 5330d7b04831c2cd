"""Which version of a tariff is meant, and what does it say? Versions are named by their content."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from chalicelib.domain.codec import from_plain
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
_VERSIONS_KEPT = 500  # one may have many kilobytes
_prepared: dict[tuple[TariffHash, str], PreparedTariff] = {}  # a version never changes
_versions: dict[TariffHash, Tariff] = {}


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
        if _valid(tariff, at):
            return hash_, tariff
    raise TariffUnknown(tariff_id)


def further_tariffs(
    ports: Ports, peer_id: PeerId, agreed: Tariff, named: Iterable[str], at: datetime
) -> tuple[TariffHash, ...]:
    """Of the tariffs that a CPO names beside the agreed one: those that it had published by then.

    Each as it stood at the instant, withdrawn since or not. Without a price, or in another
    currency, it cannot stand beside the agreed one.
    """
    names = {name.lower(): name for name in named} | {"": "", agreed.id.lower(): ""}
    found = []
    for name in filter(None, names.values()):
        pk = keys.tariff_versions(peer_id, agreed.country_code, agreed.party_id, name)
        hash_ = _published_by(ports, pk, at)
        if hash_ is None:
            continue
        tariff = version(ports, hash_)
        if tariff.currency == agreed.currency and not tariff.unsupported:
            found.append(hash_)
    return tuple(found)


def _published_by(ports: Ports, pk: str, at: datetime) -> TariffHash | None:
    """The last version that was seen by then, and valid then."""
    rows = [
        row
        for partition in (pk, keys.withdrawn(pk))
        for row in ports.store.query(partition, limit=_VERSIONS_READ, descending=True)
    ]
    for row in sorted(rows, key=lambda one: one.key.sk, reverse=True):
        seen, _, name = row.key.sk.rpartition("#")
        hash_ = TariffHash(name)
        if datetime.fromisoformat(seen) <= at and _valid(version(ports, hash_), at):
            return hash_
    return None


def _valid(tariff: Tariff, at: datetime) -> bool:
    begun = tariff.start_date_time is None or tariff.start_date_time <= at
    return begun and (tariff.end_date_time is None or at < tariff.end_date_time)


def version(ports: Ports, hash_: TariffHash) -> Tariff:
    """The version of that content; read once a process."""
    found = _versions.get(hash_)
    if found is None:
        if len(_versions) >= _VERSIONS_KEPT:
            _versions.clear()
        found = load(ports.store, keys.tariff_version(hash_), Tariff, "tariff version").value
        _versions[hash_] = found
    return found


def read_ahead(ports: Ports, hashes: Iterable[TariffHash]) -> None:
    """Read those of the versions that this process does not know, many a round trip."""
    wanted = [hash_ for hash_ in dict.fromkeys(hashes) if hash_ not in _versions]
    if len(_versions) + len(wanted) > _VERSIONS_KEPT:
        _versions.clear()
    found = ports.store.get_many([keys.tariff_version(hash_) for hash_ in wanted])
    for hash_ in wanted:
        item = found.get(keys.tariff_version(hash_))
        if item is not None:
            _versions[hash_] = from_plain(Tariff, item.body)


def forget() -> None:
    """Be as a process that has just begun."""
    _prepared.clear()
    _versions.clear()


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
