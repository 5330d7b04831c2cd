"""What did the lint find in the tariffs that CPOs publish? Kept with each publication.

A clean tariff costs nothing: its publication has no such member and no row lists it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.ids import PeerId
from chalicelib.domain.tariff.lint.finding import Code, Finding
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item, Key, Put, Write
from chalicelib.usecases import keys

KEPT_MAX = 12  # errors come first; two kilobytes, which a row of a thousand faults would not be
_MEMBER = "findings"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class PublishedFindings:
    """One publication: `seen` is when it came, `left_out` how many findings were not kept."""

    peer_id: str
    tariff: str  # country_code*party_id#id
    seen: str
    hash: str
    findings: tuple[Finding, ...]
    left_out: int = 0


def kept(findings: Sequence[Finding]) -> dict[str, Any]:
    """The members of a publication's body."""
    if not findings:
        return {}
    rows = [[one.code.value, one.place, one.text] for one in findings[:KEPT_MAX]]
    left_out = len(findings) - len(rows)
    return {_MEMBER: rows} | ({"findings_left_out": left_out} if left_out else {})


def kept_in(body: Mapping[str, Any]) -> tuple[Finding, ...]:
    return tuple(Finding(Code(code), place, text) for code, place, text in body.get(_MEMBER, ()))


def listing(
    connection: Connection, tariff: str, newest: Sequence[Item], publication: Put | None
) -> list[Write]:
    """Keep the row that lists a tariff in step with its newest publication (None: withdrawn)."""
    key = Key(keys.tariff_findings(connection.id), tariff)
    if publication is not None and publication.body.get(_MEMBER):
        return [Put(key, {"pk": publication.key.pk, "sk": publication.key.sk}, expects=None)]
    listed = any(item.body.get(_MEMBER) for item in newest)
    return [Delete(key)] if listed else []


def tariffs_with_findings(ports: Ports, peer_id: PeerId) -> Iterator[PublishedFindings]:
    """The newest publications of a CPO in which something was found, by tariff."""
    after = ""
    while True:
        rows = ports.store.query(keys.tariff_findings(peer_id), after=after, limit=_PAGE)
        wanted = {row.key.sk: Key(str(row.body["pk"]), str(row.body["sk"])) for row in rows}
        found = ports.store.get_many(list(wanted.values()))
        for tariff, key in wanted.items():
            if key in found:
                yield _published(peer_id, tariff, found[key])
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def publications(
    ports: Ports,
    peer_id: PeerId,
    country_code: str,
    party_id: str,
    tariff_id: str,
    limit: int = _PAGE,
) -> list[PublishedFindings]:
    """The last publications of one tariff, clean ones too, newest first."""
    pk = keys.tariff_versions(peer_id, country_code, party_id, tariff_id)
    tariff = f"{country_code}*{party_id}#{tariff_id}"
    rows = ports.store.query(pk, limit=limit, descending=True)
    return [_published(peer_id, tariff, row) for row in rows]


def _published(peer_id: str, tariff: str, row: Item) -> PublishedFindings:
    seen, _, hash_ = row.key.sk.rpartition("#")
    left_out = int(row.body.get("findings_left_out", 0))
    return PublishedFindings(peer_id, tariff, seen, hash_, kept_in(row.body), left_out)
