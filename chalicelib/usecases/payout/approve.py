"""Who lets a payout above the limit go? One person proposes it, another approves that very sum.

Until then it waits, asked, with the reason `approval`; the window goes on without it. The sweep
makes it as soon as it is approved: the 48 hours go on meanwhile. Staff say it with
`python -m sandbox admin approval`.
"""

from dataclasses import replace

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, PayoutStage, advance
from chalicelib.domain.settlement.staff import (
    Approval,
    NoApprovalAsked,
    OnePerson,
    PayoutLimit,
    said,
)
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.hold import held
from chalicelib.usecases.counterparty.record import saved
from chalicelib.usecases.records import Record, create, find, load
from chalicelib.usecases.window.sealed import rows

APPROVAL = "approval"
REFUSED = "approval_refused"
_STAFF = 0  # no attempt of a state machine: the fence is not raised


def needs_approval(ports: Ports, payout: Payout) -> bool:
    """Whether what is not approved yet of a payout is above the limit of its currency."""
    assert payout.money is not None, "asked once the sum is known"
    if payout.stage is PayoutStage.APPROVED:
        return False
    approved = payout.approved
    if approved is None or approved.currency != payout.money.currency:
        return above_limit(ports, payout.money)
    return above_limit(ports, payout.money - approved)


def asked(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    """The payout that waits for two people."""
    payout = record.value
    assert payout.money is not None, "asked once the sum is known"
    waits = replace(advance(payout, PayoutEvent.ASK), reason=APPROVAL)
    row = Put(Key(keys.to_approve(), payout.id), {}, expects=None)
    form = create(keys.approval(payout.id), Approval(payout.id, payout.money))
    return saved(ports, record, waits, APPROVAL, attempt, row, form)


def waiting(ports: Ports) -> list[Approval]:
    """What waits for a proposal or for the second person."""
    return [_approval(ports, row.key.sk).value for row in rows(ports, keys.to_approve())]


def propose(ports: Ports, payout_id: str, reason: str, person: str) -> Approval:
    """The first person's word. Proposed again by another, it is that person's proposal."""
    _asked(ports, payout_id)
    record = _approval(ports, payout_id)
    word = said("propose", person, reason, ports.clock.now())
    made = replace(record.value, proposed_by=word.person, said=(*record.value.said, word))
    ports.store.write(record.put(made))
    return made


def approve(ports: Ports, payout_id: str, reason: str, person: str) -> Approval:
    """The second person's word: the next sweep makes the payout. Raises OnePerson."""
    payout, record = _asked(ports, payout_id), _approval(ports, payout_id)
    word = said("approve", person, reason, ports.clock.now())
    if not record.value.proposed_by:
        raise Invalid("payout", "nobody has proposed it", "propose it first")
    if word.person == record.value.proposed_by:
        raise OnePerson(word.person)
    done = replace(record.value, approved_by=word.person, said=(*record.value.said, word))
    free = advance(payout.value, PayoutEvent.APPROVE)
    free = replace(free, approved=record.value.money, reason="", polls=0)
    row = Put(Key(keys.approved(), payout_id), {}, expects=None)
    _decided(ports, payout, free, "approved", record.put(done), row)
    return done


def refuse(ports: Ports, payout_id: str, reason: str, person: str) -> Approval:
    """One person is enough to say no: the next window takes the sum over, and asks again."""
    payout, record = _asked(ports, payout_id), _approval(ports, payout_id)
    word = said("refuse", person, reason, ports.clock.now())
    done = replace(record.value, said=(*record.value.said, word))
    kept, row = held(payout.value, REFUSED, ports.clock.now())
    _decided(ports, payout, kept, REFUSED, record.put(done), row)
    return done


def above_limit(ports: Ports, money: Money) -> bool:
    """Whether a sum takes two people. Where nobody has set a limit every sum does."""
    limit = limit_of(ports, money.currency)
    return money.minor > (limit.money.minor if limit else 0)


def limit_of(ports: Ports, code: Currency) -> PayoutLimit | None:
    record = find(ports.store, keys.approval_limit(code), PayoutLimit)
    return None if record is None else record.value


def set_limit(ports: Ports, money: Money, reason: str, person: str) -> PayoutLimit:
    """One person may lower the limit; to raise it, from nothing too, takes two."""
    if money.minor < 0:
        raise Invalid("money", f"{money} is below zero")
    key = keys.approval_limit(money.currency)
    record = find(ports.store, key, PayoutLimit)
    word = said("set", person, f"{money}: {reason}" if reason.strip() else "", ports.clock.now())
    if record is None:
        record = Record(key, PayoutLimit(Money.zero(money.currency), ()), ABSENT)
    known = record.value
    words = (*known.said, word)
    if money.minor <= known.money.minor or (
        known.wanted == money and known.wanted_by != word.person
    ):
        made = PayoutLimit(money, words)
    else:
        made = replace(known, said=words, wanted=money, wanted_by=word.person)
    ports.store.write(record.put(made))
    return made


def _decided(
    ports: Ports, record: Record[Payout], payout: Payout, step: str, *writes: Write
) -> None:
    gone = Delete(Key(keys.to_approve(), payout.id))
    saved(ports, record, payout, step, _STAFF, *writes, gone)


def _asked(ports: Ports, payout_id: str) -> Record[Payout]:
    record = load(ports.store, keys.payout(payout_id), Payout, "payout")
    if record.value.stage is not PayoutStage.ASKED:
        raise NoApprovalAsked(payout_id, record.value.stage.value)
    return record


def _approval(ports: Ports, payout_id: str) -> Record[Approval]:
    return load(ports.store, keys.approval(payout_id), Approval, "approval")
