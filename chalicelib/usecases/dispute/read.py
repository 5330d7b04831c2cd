"""How does a dispute stand, from its session to the payouts that settled it? One linked chain.

session → what was asked → decision → entries → payouts, each by its id. Partners see their own part
of the entries and their own payouts; staff see everything.
"""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.codec import from_plain
from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.correction import RECEIVABLES
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.session.redress import redress_of
from chalicelib.domain.session.session import Booked
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.save import loaded
from chalicelib.usecases.evidence.read import ADDENDUM
from chalicelib.usecases.evidence.seal import folder
from chalicelib.usecases.records import find
from chalicelib.usecases.session import read as sessions
from chalicelib.usecases.window.sealed import rows


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of a dispute and what became of it; sums are credits, a debit is negative."""

    booked: Booked
    entry: Entry
    driver: Money
    partner: Money
    payouts: tuple[dict[str, Any], ...]


def read(ports: Ports, partner_id: PartyId, dispute_id: str) -> Dispute:
    """The partner's own; another's, or one between us and a CPO, is as if it were not there."""
    found = find(ports.store, keys.dispute(dispute_id), Dispute)
    if found is None or found.value.partner_id != partner_id or not found.value.tells:
        raise NotFound("dispute", dispute_id, "dispute_id")
    return found.value


def of_session(ports: Ports, partner_id: PartyId, session_id: str) -> list[Dispute]:
    """A session's disputes that its partner has a part in, oldest first."""
    session = sessions.read(ports, partner_id, session_id)
    found = [loaded(ports, id_).value for id_ in redress_of(session).disputes]
    return [dispute for dispute in found if dispute.tells]


def open_disputes(ports: Ports) -> list[Dispute]:
    """What is not over, for staff."""
    ids = [row.key.sk for row in rows(ports, keys.disputes_open())]
    found = (find(ports.store, keys.dispute(id_), Dispute) for id_ in ids)
    return [record.value for record in found if record is not None and not record.value.over]


def early_credits(ports: Ports) -> list[str]:
    """The credit CDRs that wait for their originals, or were given up; by their partition."""
    return [row.key.sk for row in rows(ports, keys.early_credits())]


def chain(ports: Ports, dispute: Dispute) -> list[Link]:
    """The dispute's entries in order, with the payouts that settled each."""
    wanted = [keys.entry(booked.window, booked.entry_id) for booked in dispute.booked]
    items = ports.store.get_many(wanted) if wanted else {}
    pages = _pages(ports, dispute.session_id) if wanted else []
    found = []
    for booked, key in zip(dispute.booked, wanted, strict=True):
        entry = from_plain(Entry, items[key].body)
        found.append(_link(booked, entry, pages))
    return found


def _pages(ports: Ports, session_id: str) -> list[dict[str, Any]]:
    """What each settlement added to the session's evidence."""
    names = ports.files.names(f"{folder(session_id)}{ADDENDUM}")
    return [json.loads(ports.files.read(name) or b"{}") for name in names]


def _link(booked: Booked, entry: Entry, pages: list[dict[str, Any]]) -> Link:
    code = entry.postings[0].money.currency
    driver = sum(p.money.minor for p in entry.postings if p.account.purpose in RECEIVABLES)
    partner = sum(
        p.money.minor for p in entry.postings if p.account.purpose is Purpose.PARTNER_PAYABLE
    )
    payouts = tuple(
        {**payout, "window": page["window"]}
        for page in pages
        for payout in page.get("payouts", [])
        if any(line["entry_id"] == entry.id for line in payout["lines"])
    )
    return Link(booked, entry, Money(-driver, code), Money(-partner, code), payouts)
