"""To which account is a party paid, and who says so? Two people, whenever it is changed.

One proposes, another approves exactly what was proposed. So is a move to another rail. Bank details
lie as a secret under their reference; records, logs and approvals hold the reference and a mask.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.bank.details import BankDetails, is_bank_account
from chalicelib.domain.bank.iban import masked
from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound, Rejected
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.party.party import Party
from chalicelib.domain.person import named
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Key
from chalicelib.usecases import keys
from chalicelib.usecases.bank.rail import details_secret
from chalicelib.usecases.payout.rail import not_payable
from chalicelib.usecases.records import Record, find, load
from chalicelib.usecases.window.sealed import rows


class SamePerson(Forbidden):
    code = "same_person"
    how_to_fix = "another member of staff approves"

    def __init__(self, person: str) -> None:
        super().__init__(f"{person} proposed it, and cannot approve it")
        self.person = person


class DestinationMoved(Conflict):
    code = "destination_moved"
    how_to_fix = "propose it again"

    def __init__(self, party_id: PartyId) -> None:
        super().__init__(f"{party_id} has another payout account than when this was proposed")
        self.party_id = party_id


class AccountNotPayable(Rejected):
    """`reason` is what each of its payouts would be held for."""

    code = "account_not_payable"
    how_to_fix = "the account's owner adds a bank account in that currency at the provider"

    def __init__(self, account: str, currency: Currency, reason: str) -> None:
        super().__init__(f"{account} cannot be paid in {currency}: {reason}")
        self.account, self.currency, self.reason = account, currency, reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """`shown` is what people compare: a masked IBAN with its holder, or `acct_…`."""

    party_id: PartyId
    account: str
    shown: str
    replaces: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None


def propose_bank(ports: Ports, party_id: PartyId, details: BankDetails, person: str) -> Proposal:
    """Propose a bank account; its details are kept from here on, and used once approved."""
    account = details.reference(party_id, ports.personal_salt)
    said = {"name": details.name, "iban": details.iban, "bic": details.bic}
    known = load(ports.store, keys.party(party_id), Party, "party")
    ports.secrets.write(details_secret(account), json.dumps(said))
    return _propose(ports, known, account, f"{masked(details.iban)} {details.name}", person)


def propose_account(ports: Ports, party_id: PartyId, account: str, person: str) -> Proposal:
    """Propose an account at the payment provider (`acct_…`). Raises AccountNotPayable."""
    if not account or is_bank_account(account):
        raise Invalid("account", "is no account at the payment provider", "e.g. acct_1Nv0FG…")
    known = load(ports.store, keys.party(party_id), Party, "party")
    _check(ports, known.value, account)
    return _propose(ports, known, account, account, person)


def approve(ports: Ports, party_id: PartyId, account: str, person: str) -> Proposal:
    """The second person's word: the party is paid there from its next screening on.

    Raises NotFound, SamePerson, DestinationMoved, AccountNotPayable.
    """
    record = _proposal(ports, party_id, account)
    if record is None or record.value.approved_by:
        raise NotFound("open proposal", account, "account")
    name = named(person)
    if name == record.value.proposed_by:
        raise SamePerson(name)
    party = load(ports.store, keys.party(party_id), Party, "party")
    if party.value.payout_account != record.value.replaces:
        raise DestinationMoved(party_id)
    _check(ports, party.value, account)
    done = replace(record.value, approved_by=name, approved_at=ports.clock.now())
    ports.store.write(record.put(done), party.put(replace(party.value, payout_account=account)))
    return done


def proposals(ports: Ports, party_id: PartyId) -> list[Proposal]:
    """Every proposal of a party, approved ones too."""
    return [from_plain(Proposal, row.body) for row in rows(ports, keys.destinations(party_id))]


def _check(ports: Ports, party: Party, account: str) -> None:
    """Refused now, not on the night of its first payout; a `bank_…` is screened then."""
    if is_bank_account(account):
        return
    reason = not_payable(ports, account, party.settlement_currency)
    if reason:
        raise AccountNotPayable(account, party.settlement_currency, reason)


def _propose(ports: Ports, party: Record[Party], account: str, shown: str, person: str) -> Proposal:
    """Proposed again by another, it is that person's proposal: then the first may approve."""
    at, now = ports.clock.now(), party.value.payout_account
    made = Proposal(party.value.id, account, shown, now, named(person), at)
    known = _proposal(ports, party.value.id, account)
    row = Key(keys.destinations(party.value.id), account)
    version = ABSENT if known is None else known.version
    ports.store.write(Record(row, made, version).put(made))
    return made


def _proposal(ports: Ports, party_id: PartyId, account: str) -> Record[Proposal] | None:
    return find(ports.store, Key(keys.destinations(party_id), account), Proposal)
