"""Is every cent where it belongs, by the provider's own record and the raw journal?"""

from collections import Counter, defaultdict

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.bank.details import is_bank_account
from chalicelib.domain.dispute.chargeback import ChargebackKind, kind_of
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import journal_sum
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.ports.payments import DisputeState
from chalicelib.ports.payouts import PayoutState
from sandbox.memory.world import CPO
from sandbox.simulation.judging.found import TOPPED_UP, Found, Lines, kept

_NOT_CASH = frozenset(Purpose) - {Purpose.CASH, Purpose.CONNECTED}
_PAYABLE = (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE)


def every_currency_sums_to_zero(found: Found) -> Lines:
    for code, minor in journal_sum(found.book).items():
        if minor:
            yield f"{minor} {code}"
    ids = Counter(entry.id for entry in found.entries)
    yield from (f"{id_} is booked {n} times" for id_, n in ids.items() if n > 1)


def our_cash_is_the_providers(found: Found) -> Lines:
    """Each cash account closes at what the provider says of it."""
    ours, theirs = found.total(Purpose.CASH), found.rail()
    ours["EUR"] -= TOPPED_UP
    for code, minor in found.history.funded.items():
        theirs[code] -= minor
    theirs["EUR"] += found.history.bank.minor
    yield from _unequal("our cash", ours, theirs)
    for account, party in found.payees():
        booked = Counter[str](found.book.get(Account(Purpose.CONNECTED, party), {}))
        yield from _unequal(f"what the rail holds for {party}", booked, found.rail(account))


def money_is_conserved(found: Found) -> Lines:
    """Captured = paid out + refunded + fees + what is open, by the two records together."""
    captured, refunded, fees, paid = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for line in found.lines():
        code, minor = str(line.net.currency), line.net.minor
        if line.kind == "charge":
            captured[code] += minor + line.fee.minor
            fees[line.fee.currency] += line.fee.minor
        elif line.kind in {"refund", "refund_failure", "adjustment"}:  # the last: a chargeback's
            refunded[code] -= minor
    for account, _ in found.payees():
        for line in found.lines(account):
            if line.kind in {"payout", "payout_failure"}:
                paid[line.net.currency] -= line.net.minor
    bank = found.history.bank
    captured["EUR"] += bank.minor + sum(bank.moved.values())
    captured.update(found.history.acts.came_in)
    paid["EUR"] += sum(bank.moved.values())
    open_ = found.total(*_NOT_CASH)
    open_["EUR"] += TOPPED_UP
    for unit in sorted({*captured, *refunded, *fees, *paid, *open_}):
        gone = paid[unit] + refunded[unit] + fees[unit]
        if captured[unit] != gone - open_[unit]:
            yield f"captured {captured[unit]} {unit}, {gone} is gone, {-open_[unit]} is open"


def nobody_is_paid_twice(found: Found) -> Lines:
    """By the rail's own record: one transfer and one payout each, and in sum what is owed."""
    moves: Counter[tuple[str, str]] = Counter()
    paid: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lines = [*found.lines()]
    for account, party in found.payees():
        own = found.lines(account)
        lines += own
        for line in own:
            if line.kind in {"payout", "payout_failure"}:
                paid[party][line.net.currency] -= line.net.minor
    for line in lines:
        sign = -1 if line.kind in {"transfer_refund", "payout_failure"} else 1
        kind = {"transfer_refund": "transfer", "payout_failure": "payout"}.get(line.kind, line.kind)
        moves[kind, line.owner] += sign
    for (kind, owner), n in moves.items():
        if kind in {"transfer", "payout"} and (n > 1 or owner not in found.payouts):
            yield f"{n} {kind}s of {owner}"
    for owner, n in found.history.bank.debits.items():
        if n > 1 or owner not in found.payouts:
            yield f"{n} transfers by the bank of {owner}"
    for payout in found.payouts.values():
        paid[payout.party_id]["EUR"] += found.history.bank.moved[str(payout.id)]
    paid[CPO]["EUR"] -= found.history.acts.claims_paid
    yield from _owed(found, paid)


def _owed(found: Found, paid: defaultdict[str, Counter[str]]) -> Lines:
    """What a party was paid and is still owed is what its sessions' bills say, to the cent."""
    for account, party in found.payees():
        due, cent = Counter[str](), 0
        for session in found.sessions.values():
            if session.bill is not None and session.bill.gross.minor:
                share = session.bill.cpo_due.minor * (session.cpo_id == party)
                share += session.bill.partner_due.minor * (session.partner_id == party)
                gross = session.bill.gross.minor
                undone = found.undone(session)
                due["EUR"] += share - _part(share, undone, gross)
                cent += 0 < undone < gross  # who gets the cent that is left is the split's
        open_ = Counter[str]()
        for purpose in (*_PAYABLE, Purpose.CLAIM_RECEIVABLE):
            for code, minor in found.book.get(Account(purpose, party), {}).items():
                open_[code] -= minor
        fees = _borne(found, party)
        converted = _converted(found, party)
        for unit in sorted({*due, *open_, *paid[party]}):
            owed = due[unit] - fees[unit] + converted[unit]
            if abs(owed - paid[party][unit] - open_[unit]) > cent:
                yield (
                    f"{party} ({account}) is due {owed} {unit}, was paid"
                    f" {paid[party][unit]}, {open_[unit]} is open"
                )


def _part(share: int, undone: int, gross: int) -> int:
    """A share follows the sale, half a cent up."""
    return (2 * share * undone + gross) // (2 * gross)


def _borne(found: Found, party: str) -> Counter[str]:
    """Fees that a payee's payable bears, by the provider's own lines."""
    fees: Counter[str] = Counter()
    for entry in found.entries:
        if entry.event in {Event.CASH, Event.CHARGEBACK}:
            for posting in entry.postings:
                if posting.account.party == party and posting.account.purpose in _PAYABLE:
                    fees[posting.money.currency] += posting.money.minor
    return fees


def _converted(found: Found, party: str) -> Counter[str]:
    """What its payouts turned from one currency into another, at the recorded rate."""
    sums: Counter[str] = Counter()
    for payout in found.payouts.values():
        if payout.party_id == party:
            for conversion in payout.conversions:
                sums[conversion.given.currency] -= conversion.given.minor
                sums[conversion.got.currency] += conversion.got.minor
    return sums


def nothing_is_left_at_payees(found: Found) -> Lines:
    """What a payee could take from its account at the rail is under way to it, and nothing more."""
    for account, party in found.payees():
        under_way = Counter[str]()
        for payout in found.payouts.values():
            if payout.account == account and payout.stage in _UNDER_WAY and payout.money:
                under_way[payout.money.currency] += payout.money.minor
        left = found.rail(account)
        for unit in sorted({*left, *under_way}):
            if left[unit] != under_way[unit]:
                yield f"{left[unit]} {unit} lie with {party}, {under_way[unit]} are under way"


_UNDER_WAY = frozenset(
    {
        PayoutStage.TRANSFERRED,
        PayoutStage.PAYING,
        PayoutStage.RETURNED,
        PayoutStage.REVERSING,
    }
)


def what_is_open_is_named(found: Found) -> Lines:
    """Receivables are what drivers still owe; what is held waits for a CDR; payables are held."""
    owed, held = 0, 0
    for session in found.sessions.values():
        if session.payment.method is not PaymentMethod.CARD:
            continue
        taken = sum(kept(hold) for hold in found.holds[session.id])
        waiting = "provisional" in session.detail
        running = session.running_cost.minor if session.running_cost else 0
        provisional = min(running, session.payment.hold.minor) if waiting else 0
        billed = found.billed(session) if session.bill else provisional
        owed += billed - taken + _owed_again(found, session)
        held += provisional
    receivable = found.total(Purpose.DRIVER_RECEIVABLE)["EUR"]
    if receivable != owed:
        yield f"drivers owe {owed} EUR, {receivable} is receivable"
    if -found.total(Purpose.HELD)["EUR"] != held:
        yield f"{-found.total(Purpose.HELD)['EUR']} EUR is held, {held} waits for CDRs"


def _owed_again(found: Found, session: Session) -> int:
    """What banks took for good, by the provider's word, and nobody else bears (payment/loss.py): a
    direct debit that came back, and whatever was taken where there never was a sale.
    """
    sold = any(entry.event is Event.SALE and session.id in entry.owner for entry in found.entries)
    return -sum(
        move.money.minor
        for dispute in found.history.payments.disputes().values()
        if dispute.owner == session.id and dispute.state is DisputeState.LOST
        if not sold or kind_of(dispute.reason) is ChargebackKind.RETURNED
        for move in dispute.moves
    )


def the_rails_word_is_ours(found: Found) -> Lines:
    """What the rail says of each payout is where it stands with us."""
    for payout in found.payouts.values():
        if payout.stage in _SAYS:
            said = _said(found, payout)
            if said is not _SAYS[payout.stage]:
                yield f"{payout.id} is {payout.stage.value}, the rail says {said.value}"


def _said(found: Found, payout: Payout) -> PayoutState:
    """The bank's word is what it has booked; of what it was only asked for there is none."""
    if not is_bank_account(payout.account):
        return found.history.payouts.read_payout(payout.reference, payout.account).state
    id_, bank = str(payout.id), found.history.bank
    if id_ not in bank.moved:
        waits = payout.stage is PayoutStage.ACCEPTED
        return PayoutState.ACCEPTED if waits else PayoutState.FAILED
    return PayoutState.CREDITED if bank.moved[id_] else PayoutState.FAILED


_SAYS = {
    PayoutStage.ACCEPTED: PayoutState.ACCEPTED,
    PayoutStage.CREDITED: PayoutState.CREDITED,
    PayoutStage.RETURNED: PayoutState.FAILED,
}


def _unequal(what: str, ours: Counter[str], theirs: Counter[str]) -> Lines:
    for code in sorted({*ours, *theirs}):
        if ours[code] != theirs[code]:
            yield f"{what}: {ours[code]} {code} in the books, {theirs[code]} at the provider"
