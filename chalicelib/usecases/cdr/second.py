"""A session is billed and another CDR of it comes, with no credit between: which one holds?

The first, since it is what everybody was told. The second one is refused and kept in view: a
difference of the books until it is credited or replaced, or a person says what it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, SessionId
from chalicelib.domain.person import named
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Put
from chalicelib.usecases import keys
from chalicelib.usecases.records import find, load
from chalicelib.usecases.session.read import record
from chalicelib.usecases.window.sealed import rows

_SEEN_MAX = 20


@dataclass(frozen=True, slots=True)
class SecondCdr:
    """The last of those that came beside the `first`; `words`: what a person found it to be."""

    session_id: SessionId
    cpo_id: PartyId
    first: str
    cdr: str
    energy_kwh: str
    excl_vat: str
    currency: str
    seen_at: datetime
    words: str = ""
    by: str = ""
    seen: tuple[str, ...] = ()  # all that came beside the `first`, this one too


def keep_second(ports: Ports, session: Session, cdr: ReceivedCdr) -> None:
    """Note a CDR that is refused; the same again is noted already."""
    key = keys.second_cdr(session.id)
    known = find(ports.store, key, SecondCdr)
    seen: tuple[str, ...] = ()
    if known is not None and known.value.first == session.cdr_id:
        seen = known.value.seen or (known.value.cdr,)
        if cdr.id in seen:
            return
    second = SecondCdr(
        session_id=session.id,
        cpo_id=session.cpo_id,
        first=session.cdr_id,
        cdr=cdr.id,
        energy_kwh=str(cdr.total_energy_kwh),
        excl_vat=str(cdr.total_cost.excl_vat),
        currency=cdr.currency,
        seen_at=ports.clock.now(),
        seen=(*seen[1 - _SEEN_MAX :], cdr.id),
    )
    ports.store.write(Put(key, to_plain(second), expects=known.version if known else 0))


def replaced(session: Session) -> Delete:
    """A session that was credited is billed anew: what came beside its first CDR is past."""
    return Delete(keys.second_cdr(session.id))


def second_cdrs(ports: Ports) -> Iterator[SecondCdr]:
    """Those that nobody has explained, of sessions which the first CDR still bills."""
    for row in rows(ports, keys.second_cdrs()):
        second = from_plain(SecondCdr, row.body)
        if second.words:
            continue
        session = record(ports, second.session_id).value
        if session.state is SessionState.BILLED and session.cdr_id == second.first:
            yield second


def second_cdr_differences(ports: Ports) -> Iterator[Difference]:
    for second in second_cdrs(ports):
        claims = f"{second.energy_kwh} kWh for {second.excl_vat} {second.currency}"
        detail = f"CDR {second.cdr} of {second.cpo_id}: {claims}; it was billed by {second.first}"
        yield Difference(DifferenceKind.SECOND_CDR, detail, second.session_id)


def explain_second(ports: Ports, session_id: str, words: str, person: str) -> SecondCdr:
    """A person's word ends the difference and moves no money; another CDR opens it again."""
    name = named(person)
    if not words.strip():
        raise Invalid("words", "are missing", "say what the CPO answered")
    known = load(ports.store, keys.second_cdr(session_id), SecondCdr, "second CDR")
    said = replace(known.value, words=words, by=name)
    ports.store.write(known.put(said))
    return said
