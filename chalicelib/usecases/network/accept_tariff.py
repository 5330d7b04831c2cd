"""What happens when a CPO publishes a tariff? Every version ever seen is kept, by its content."""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.dates import is_older
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import TariffHash
from chalicelib.domain.tariff.lint.check import lint
from chalicelib.domain.tariff.lint.finding import Finding
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import Delete, Item, Key, Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.tariff.findings import kept, kept_in, listing
from chalicelib.usecases.tariff.published import Named, row, row_key

_TRIES = 5
_MOVED_TOGETHER = 40  # rows a transaction: two writes each


class AcceptedTariff(NamedTuple):
    hash: TariffHash
    findings: tuple[Finding, ...]  # of the lint: the tariff is accepted all the same
    news: bool = True


def accept_tariff(
    ports: Ports, connection: Connection, tariff: Tariff, raw: str, *mended: str
) -> AcceptedTariff:
    """Keep a published version and what the lint finds in it; the same content is the same version.

    A row of the tariff's publications is `<first seen>#<hash>`: going back to old content is a new
    publication of an old version. Raises IdentityNotBound, UpdateOutdated.
    """
    speaks_for(connection, tariff.country_code, tariff.party_id)
    for _ in range(_TRIES - 1):
        try:
            return _accept(ports, connection, tariff, raw, mended)
        except WriteConflict:
            continue
    return _accept(ports, connection, tariff, raw, mended)


def _accept(
    ports: Ports, connection: Connection, tariff: Tariff, raw: str, mended: tuple[str, ...]
) -> AcceptedTariff:
    pk = keys.tariff_versions(connection.id, tariff.country_code, tariff.party_id, tariff.id)
    newest = ports.store.query(pk, limit=1, descending=True)
    hash_ = tariff_hash(tariff)
    if newest:
        known = str(newest[0].body["last_updated"])
        if newest[0].key.sk.endswith(hash_):
            return AcceptedTariff(hash_, kept_in(newest[0].body), news=False)
        known_at = datetime.fromisoformat(known)
        if is_older(tariff.last_updated, known_at, ports.clock.now()):
            raise UpdateOutdated("tariff", tariff.id, known)
    findings = lint(tariff, ports.clock.now())
    publication = _publication(ports, pk, hash_, tariff, raw, mended)
    publication = replace(publication, body={**publication.body, **kept(findings)})
    listed = listing(connection, _name(tariff), newest, publication)
    named = Named(connection.id, (tariff.country_code, tariff.party_id), tariff.id)
    listed.append(row(named, ports.store.get(row_key(named)), tariff, publication))
    ports.store.write(*_version(ports, hash_, tariff), publication, *listed)
    return AcceptedTariff(hash_, findings)


def _name(tariff: Tariff) -> str:
    return f"{tariff.country_code}*{tariff.party_id}#{tariff.id.lower()}"


def withdraw_tariff(
    ports: Ports, connection: Connection, country_code: str, party_id: str, tariff_id: str
) -> None:
    """Nothing new is quoted by it; its versions stay, since quotes and bills name them."""
    speaks_for(connection, country_code, party_id)
    pk = keys.tariff_versions(connection.id, country_code.upper(), party_id.upper(), tariff_id)
    rows = list(_rows(ports, pk))
    if not rows:
        raise NotFound("tariff", tariff_id, "tariff_id")
    name = f"{country_code.upper()}*{party_id.upper()}#{tariff_id.lower()}"
    for write in listing(connection, name, rows[-1:], None):
        ports.store.write(write)
    ports.store.write(Delete(Key(keys.tariffs_published(connection.id), name)))
    for start in range(0, len(rows), _MOVED_TOGETHER):
        part = rows[start : start + _MOVED_TOGETHER]
        kept = [Put(Key(keys.withdrawn(pk), row.key.sk), row.body, expects=None) for row in part]
        ports.store.write(*kept, *[Delete(row.key) for row in part])


class WholeList:
    """The names of a whole list, as `CC*PID#id`; of what has no reading, only the id is known.

    OCPI's ids do not tell capitals from small letters.
    """

    def __init__(self, objects: list[Received], unread: set[str]) -> None:
        values = [received.value for received in objects]
        names = (f"{one.country_code}*{one.party_id}#{one.id}" for one in values)
        self._names = {name.lower() for name in names}
        self._unread = {id_.lower() for id_ in unread}

    def __contains__(self, name: object) -> bool:
        known = str(name).lower()
        return known in self._names or known.partition("#")[2] in self._unread


def withdraw_missing(ports: Ports, connection: Connection, listed: Container[str]) -> int:
    """Withdraw every tariff that the CPO's whole list (as `CC*PID#id`) has no more; how many.

    Its DELETE was lost. The rest of the channel is asked for nothing: quotes made stay as they are.
    """
    gone = [name for name in _published(ports, connection) if name not in listed]
    for name in gone:
        party, _, id_ = name.partition("#")
        country_code, _, party_id = party.partition("*")
        withdraw_tariff(ports, connection, country_code, party_id, id_)
    return len(gone)


def _published(ports: Ports, connection: Connection) -> Iterator[str]:
    return (row.key.sk for row in _rows(ports, keys.tariffs_published(connection.id)))


def published_raw(
    ports: Ports, connection: Connection, country_code: str, party_id: str, tariff_id: str
) -> bytes:
    """The tariff's JSON as it was last published. Raises NotFound."""
    pk = keys.tariff_versions(connection.id, country_code.upper(), party_id.upper(), tariff_id)
    newest = ports.store.query(pk, limit=1, descending=True)
    content = ports.files.read(str(newest[0].body["raw_name"])) if newest else None
    if content is None:
        raise NotFound("tariff", tariff_id, "tariff_id")
    return content


def _version(ports: Ports, hash_: TariffHash, tariff: Tariff) -> list[Write]:
    key = keys.tariff_version(hash_)
    if ports.store.get(key) is not None:
        return []
    return [Put(key, to_plain(tariff), expects=None)]


def _publication(
    ports: Ports, pk: str, hash_: TariffHash, tariff: Tariff, raw: str, mended: tuple[str, ...]
) -> Put:
    content = raw.encode()
    raw_name = f"tariff/{sha256(content).hexdigest()}.json"
    ports.files.seal(raw_name, content, "application/json")
    seen = ports.clock.now().isoformat(timespec="microseconds")
    body = {
        "last_updated": instant_text(tariff.last_updated),
        "raw_name": raw_name,
        "mended": list(mended),
    }
    return Put(Key(pk, f"{seen}#{hash_}"), body, expects=None)


def _rows(ports: Ports, pk: str) -> Iterator[Item]:
    after = ""
    while True:
        page = ports.store.query(pk, after=after)
        yield from page
        if not page or len(page) < 100:  # noqa: PLR2004 - the store's own page
            return
        after = page[-1].key.sk
