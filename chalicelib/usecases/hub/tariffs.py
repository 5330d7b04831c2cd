"""At which prices may a partner's drivers charge? The CPOs' tariffs as an eMSP is told of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.hub.offered import OfferedTariff
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.hub.locations import within
from chalicelib.usecases.hub.reach import Way, ways
from chalicelib.usecases.tariff.addressed import addressed_by
from chalicelib.usecases.tariff.published import Named, Newest, newest, newest_of
from chalicelib.usecases.tariff.read import read_ahead, version


def tariffs(
    ports: Ports,
    partner_id: PartyId,
    to: str,
    since: datetime | None,
    until: datetime | None,
) -> list[OfferedTariff]:
    """All that the partner may be quoted, each once, updated or heard of within [since, until).

    What a CPO addressed to another partner is not told of.
    """
    found: dict[tuple[str, str], Newest] = {}
    for way in ways(ports, partner_id, to):
        others = _of_others(ports, partner_id, way)
        for id_, told in newest_of(ports, way.peer_id, way.owner).items():
            changed_at = told.last_updated, told.seen_at
            if id_ not in others and any(within(at, since, until) for at in changed_at):
                found.setdefault((way.identity, id_), told)
    read_ahead(ports, [told.hash for told in found.values()])
    return [_offered(ports, told) for told in found.values()]


def tariff_now(
    ports: Ports, partner_id: PartyId, identity: str, tariff_id: str
) -> OfferedTariff | None:
    """A CPO's tariff as `tariffs` would tell it; None when there is none for the partner."""
    for way in ways(ports, partner_id, identity):
        told = newest(ports, Named(way.peer_id, way.owner, tariff_id))
        if told is not None and tariff_id.lower() not in _of_others(ports, partner_id, way):
            return _offered(ports, told)
    return None


def raws(ports: Ports, offered: Sequence[OfferedTariff]) -> list[str]:
    """The JSON of each, as its CPO published it; "" where it is not kept."""
    return [_raw(ports, one) for one in offered]


def _raw(ports: Ports, offered: OfferedTariff) -> str:
    content = ports.files.read(offered.raw_name) if offered.raw_name else None
    return "" if content is None else content.decode()


def _of_others(ports: Ports, partner_id: PartyId, way: Way) -> set[str]:
    """The tariffs that a CPO addressed to others, in lower case."""
    return {
        one.tariff_id.lower()
        for one in addressed_by(ports, way.peer_id, way.owner)
        if one.partner_id != partner_id
    }


def _offered(ports: Ports, told: Newest) -> OfferedTariff:
    """A version is as old as it was first told."""
    tariff = replace(version(ports, told.hash), last_updated=told.last_updated)
    return OfferedTariff(tariff, told.raw_name)
