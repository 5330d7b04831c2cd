"""A payee paid a claim, or part of it: what changes? Booked once a reference of the rail's."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.claim import claim_paid_entry
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.debt import Debt, DebtStage, Part
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.partner.receipt import Incoming, Receipt, receive
from chalicelib.usecases.records import load


def pay_claim(
    ports: Ports, debt_id: str, money: Money, reference: str, rail: str = RAIL, **refs: str
) -> Receipt:
    """Book what came in on a claim; the same reference again is success. Raises Invalid."""
    party_id = load(ports.store, keys.debt(debt_id), Debt, "debt").value.party_id
    paid = Incoming("claim_paid", reference, party_id, money, Money.zero(money.currency))

    def entry_at(at: datetime) -> Entry:
        named = {"claim": debt_id, "reference": reference, **refs}
        return claim_paid_entry(paid.owner, party_id, money, at, rail=rail, **named)

    def change() -> tuple[Write, ...]:
        record = load(ports.store, keys.debt(debt_id), Debt, "debt")
        return (record.put(_less(record.value, money, reference)),)

    return receive(ports, paid, entry_at, change)


def _less(debt: Debt, money: Money, reference: str) -> Debt:
    if debt.stage is not DebtStage.INVOICED:
        raise Invalid("debt", f"{debt.id} is {debt.stage.value}, not invoiced")
    rest, parts = money.minor, list[Part]()
    for part in debt.parts:
        taken = min(rest, part.money.minor) if part.money.currency == money.currency else 0
        rest -= taken
        if taken < part.money.minor:
            left = Money(part.money.minor - taken, part.money.currency)
            parts.append(Part(part.agreement, left))
    if rest:
        raise Invalid("money", f"{money} is {Money(rest, money.currency)} more than is open")
    stage = debt.stage if parts else DebtStage.PAID
    return replace(debt, parts=tuple(parts), stage=stage, paid=(*debt.paid, reference))
