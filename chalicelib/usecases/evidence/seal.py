"""How is it shown later what a session cost, and why? A pack of sealed parts, made once a bill.

Everything is read from the session's pinned inputs, and the bill is computed anew from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.errors import NotYet
from chalicelib.domain.evidence.manifest import PACK, manifest, manifest_hash, packed
from chalicelib.domain.revenue.explain import explain
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.session.redress import bills_of, redress_of
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.files import FileDiffers
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import KeptCdr
from chalicelib.usecases.cdr.claim import claim_of, comparison_of
from chalicelib.usecases.cdr.provisional import charging_partition
from chalicelib.usecases.cdr.raw import raw_of
from chalicelib.usecases.quote.offer import offer_of
from chalicelib.usecases.records import load
from chalicelib.usecases.remembered import remembering
from chalicelib.usecases.session.bill import as_bill, bill
from chalicelib.usecases.tariff.read import version
from chalicelib.usecases.window.reconcile import bills_again, kept_cdr
from chalicelib.usecases.window.sealed import JSON, rows


class EvidenceNotReady(NotYet):
    code = "evidence_not_ready"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"{session_id} is not billed yet; its evidence is sealed then")
        self.session_id = session_id


def folder(session_id: str, number: int = 1) -> str:
    """Where the pack of a session's first bill lies, or of a later one, after a credit CDR."""
    first = f"evidence/{session_id}/"
    return first if number == 1 else f"{first}bill-{number}/"


def seal(ports: Ports, session_id: str) -> str:
    """Seal the pack of a session's first bill; its file name. Sealed: the same name.

    It is what settlements and disputes add their pages to.
    """
    name = folder(session_id) + PACK
    if ports.files.read(name) is None:
        shared, _ = remembering(ports)
        known = load(shared.store, keys.session(session_id), Session, "session").value
        _sealed(shared, _bills(known), 1)
    return name


def seal_bills(ports: Ports, session: Session) -> str:
    """Seal the pack of each bill that a session has or had, as it is recorded; the last one's name.

    What was pinned before the bill is asked for by each part of a pack, and read once.
    """
    ports, _ = remembering(ports)
    bills = _bills(session)
    return [_sealed(ports, bills, number) for number in range(1, len(bills) + 1)][-1]


def _bills(session: Session) -> tuple[Session, ...]:
    bills = bills_of(session)
    if not bills:
        raise EvidenceNotReady(session.id)
    return bills


def _sealed(ports: Ports, bills: Sequence[Session], number: int) -> str:
    """Seal one bill's pack, written once; of one that follows another, where it is not there yet.

    The first one need not be looked for: who seals it does so once, but for a crash.
    """
    session = bills[number - 1]
    name = folder(session.id, number) + PACK
    if len(bills) > 1 and ports.files.read(name) is not None:
        return name
    parts = _parts(ports, session)
    if number > 1:
        parts["replaces"] = canonical_bytes(_replaced(ports, session, number))
    listed = manifest(session.id, instant_text(ports.clock.now()), parts)
    try:
        ports.files.seal(name, packed(listed, parts), JSON)
    except FileDiffers:
        return name  # an earlier or faster try has sealed it
    return name


def _replaced(ports: Ports, session: Session, number: int) -> dict[str, Any]:
    """The bill before this one: its pack's hash, and the credit CDR that took it back."""
    before = ports.files.read(folder(session.id, number - 1) + PACK)
    assert before is not None, "bills are sealed in their order"
    credited = redress_of(session).credited[number - 2]
    return {"manifest_sha256": manifest_hash(before), "credited": to_plain(credited)}


def _parts(ports: Ports, session: Session) -> dict[str, bytes]:
    quote = ports.store.get(keys.quote(session.quote_id))
    offer = None if quote is None else offer_of(ports, from_plain(Quote, quote.body))
    plain: dict[str, Any] = {
        "session": _session(session),
        "quote": None if quote is None else quote.body,
        "offer": to_plain(offer),
        "tariff": {
            "hash": session.tariff_hash,
            "tariff": to_plain(version(ports, session.tariff_hash)),
        },
        "other_tariffs": [
            {"hash": hash_, "tariff": to_plain(version(ports, hash_))}
            for hash_ in session.other_tariffs or ()
        ]
        or None,
        "authorisation": _authorisation(ports, session),
        "messages": [
            {"key": item.key.sk, "message": item.body}
            for item in rows(ports, charging_partition(session))
        ],
        "payment": _payment(session),
        "journal": _entries(ports, session),
    }
    kept = kept_cdr(ports, session)
    raw = None if kept is None else raw_of(ports, kept.raw_name)
    if kept is not None:
        plain |= _explained(ports, session, kept)
    parts = {part: canonical_bytes(value) for part, value in plain.items() if value is not None}
    return parts if raw is None else {**parts, "cdr": raw}


def _explained(ports: Ports, session: Session, kept: KeptCdr) -> Mapping[str, Any]:
    """Price, comparison, tax and split, computed anew; `agrees` says whether the bill is the same.

    `comparison` has the price by the pinned version and by the CDR's own tariff, against what is
    claimed; `claim` is what the CPO needs to accept or dispute, where it asked for too much.

    What was captured before the CDR came limits the bill, and is part of what is sealed.
    """
    free = replace(session, payment=replace(session.payment, captured=None))
    whole = bill(ports, free, kept.cdr)
    limited = as_bill(whole, kept.cdr) != session.bill
    billing = bill(ports, session, kept.cdr) if limited else whole
    agrees = not limited or session.bill in bills_again(ports, session, kept.cdr)
    found = comparison_of(ports, session, kept.cdr)
    claim = claim_of(session, kept.cdr, billing, found)
    return {
        "comparison": to_plain(found),
        "claim": to_plain(claim),
        "price": {
            "agrees": agrees,
            "price": to_plain(billing.price),
            "comparison": to_plain(billing.comparison),
            "published": to_plain(billing.published),
            "claimed": to_plain(billing.claimed),
            "gross": to_plain(billing.gross),
        },
        "reading": to_plain(kept.cdr),
        "split": to_plain(billing.allocation),
        "split_lines": to_plain(explain(billing.sale, billing.worked)),
        "terms": to_plain(billing.terms),
    }


def _session(session: Session) -> dict[str, Any]:
    """The session without what changes after the bill: effects, payment, counters."""
    plain: dict[str, Any] = to_plain(session)
    for name in ("effects", "payment", "told", "detail", "evidence", "booked", "redress"):
        plain.pop(name, None)
    return plain


def _authorisation(ports: Ports, session: Session) -> dict[str, Any]:
    token = ports.store.get(keys.token(session.token_uid))
    return {
        "authorization_reference": session.authorization_reference,
        "requested_at": instant_text(session.requested_at),
        "request_hash": session.request_hash,
        "hold": to_plain(session.payment.hold),
        "method": session.payment.method.value,
        "token": {
            name: value
            for name, value in (token.body if token else {}).items()
            if name in {"id", "uid", "contract_id", "driver_hash", "type"}
        },
    }


def _payment(session: Session) -> dict[str, Any]:
    """What the provider did; where the card is kept and where the driver was sent is not shown."""
    plain: dict[str, Any] = to_plain(session.payment)
    return {k: value for k, value in plain.items() if k not in {"source", "action_url"}}


def _entries(ports: Ports, session: Session) -> list[Any]:
    wanted = [keys.entry(booked.window, booked.entry_id) for booked in session.booked]
    found = ports.store.get_many(wanted) if wanted else {}
    return [found[key].body for key in wanted if key in found]
