"""How is a partner's purse read from its allotments, and written back where it changed?"""

from dataclasses import dataclass, replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.payment.allotment import Allotment, Purse, new_purse
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Key, Put, Require, Write
from chalicelib.usecases import keys


@dataclass(frozen=True, slots=True)
class Kept:
    """A purse and the versions of the items that it was read from."""

    purse: Purse
    versions: tuple[int, ...]


def read_purse(ports: Ports, partner_id: PartyId, method: PaymentMethod, code: Currency) -> Kept:
    """All allotments as of now; those that are not there yet are empty."""
    purse = new_purse(partner_id, method, code, keys.ALLOTMENTS)
    places = [_key(allotment) for allotment in purse.allotments]
    items = ports.store.get_many(places)
    found = (items.get(place) for place in places)
    parts = [
        (allotment, ABSENT) if item is None else (from_plain(Allotment, item.body), item.version)
        for allotment, item in zip(purse.allotments, found, strict=True)
    ]
    read = replace(purse, allotments=tuple(allotment for allotment, _ in parts))
    return Kept(read, tuple(version for _, version in parts))


def purses_of(ports: Ports, partner_id: PartyId) -> list[Purse]:
    """Every purse that was ever funded: each has all its allotments, the first one too."""
    first = keys.allotment(partner_id, 0, "")
    names = [item.key.sk.split("#") for item in ports.store.query(first.pk)]
    return [
        read_purse(ports, partner_id, PaymentMethod(method), Currency(code)).purse
        for method, code in names
    ]


def writes_of(kept: Kept, purse: Purse) -> tuple[Write, ...]:
    """The allotments that changed (or are new), each expecting the version that was read.

    While one of them is below zero the others are required unchanged, too: who reserves from one
    has counted on all. Each is marked for as long, since they are not read in one instant.
    """
    marked = [replace(each, owing=purse.owing) for each in purse.allotments]
    together = any(each.owing for each in (*kept.purse.allotments, *marked))
    writes = list[Write]()
    for old, new, version in zip(kept.purse.allotments, marked, kept.versions, strict=True):
        if new != old or version == ABSENT:
            writes.append(Put(_key(new), to_plain(new), expects=version))
        elif together:
            writes.append(Require(_key(new), version))
    return tuple(writes)


def places_of(kept: Kept) -> list[Key]:
    return [_key(allotment) for allotment in kept.purse.allotments]


def _key(allotment: Allotment) -> Key:
    purse = f"{allotment.method.value}#{allotment.currency}"
    return keys.allotment(allotment.partner_id, allotment.number, purse)
