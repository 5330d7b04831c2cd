"""At which prices may a partner's drivers charge? The CPOs' tariffs as an eMSP is told of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound
from chalicelib.domain.hub.offered import OfferedTariff
from chalicelib.domain.ids import PartyId, TariffHash
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.hub.locations import within
from chalicelib.usecases.hub.reach import Way, ways
from chalicelib.usecases.tariff.addressed import addressed_by
from chalicelib.usecases.tariff.read import version

_PAGE = 100


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
    found: dict[tuple[str, str], OfferedTariff] = {}
    for way in ways(ports, partner_id, to):
        for id_ in _published(ports, partner_id, way):
            told = _newest(ports, way, id_)
            if told is None:
                continue
            changed_at = told.tariff.last_updated, told.heard_at
            if any(within(at, since, until) for at in changed_at):
                found.setdefault((way.identity, id_), told)
    return list(found.values())


def tariff_now(
    ports: Ports, partner_id: PartyId, identity: str, tariff_id: str
) -> OfferedTariff | None:
    """A CPO's tariff as `tariffs` would tell it; None when there is none for the partner."""
    for way in ways(ports, partner_id, identity):
        told = _newest(ports, way, tariff_id)
        if told is not None and tariff_id.lower() not in _of_others(ports, partner_id, way):
            return told
    return None


def raws(ports: Ports, offered: Sequence[OfferedTariff]) -> list[str]:
    """The JSON of each, as its CPO published it; "" where it is not kept."""
    return [_raw(ports, one) for one in offered]


def _raw(ports: Ports, offered: OfferedTariff) -> str:
    content = ports.files.read(offered.raw_name) if offered.raw_name else None
    return "" if content is None else content.decode()


def _published(ports: Ports, partner_id: PartyId, way: Way) -> Iterator[str]:
    others = _of_others(ports, partner_id, way)
    prefix, after = f"{way.identity}#", ""
    while True:
        rows = ports.store.query(
            keys.tariffs_published(way.peer_id), prefix=prefix, after=after, limit=_PAGE
        )
        yield from (id_ for row in rows if (id_ := row.key.sk.removeprefix(prefix)) not in others)
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def _of_others(ports: Ports, partner_id: PartyId, way: Way) -> set[str]:
    """The tariffs that a CPO addressed to others, in lower case."""
    return {
        one.tariff_id.lower()
        for one in addressed_by(ports, way.peer_id, way.owner)
        if one.partner_id != partner_id
    }


def _newest(ports: Ports, way: Way, id_: str) -> OfferedTariff | None:
    pk = keys.tariff_versions(way.peer_id, *way.owner, id_)
    rows = ports.store.query(pk, limit=1, descending=True)
    if not rows:  # withdrawn a moment ago
        return None
    heard, _, hash_ = rows[0].key.sk.rpartition("#")
    try:
        told = version(ports, TariffHash(hash_))
    except NotFound:
        return None
    body = rows[0].body
    at = from_plain(datetime, body["last_updated"])  # a version is as old as it was first told
    tariff = replace(told, last_updated=at)
    return OfferedTariff(tariff, str(body["raw_name"]), datetime.fromisoformat(heard))
