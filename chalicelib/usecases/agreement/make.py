"""How do signed terms come into force? One transaction; terms that overlap others are refused."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.agreement.signing import Side, check_countersigned, signed
from chalicelib.domain.agreement.terms import Bearer, check_fee, check_fraction
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money, in_use
from chalicelib.domain.party.party import PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO, agreements_between
from chalicelib.usecases.partner.invoice import begin
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.party.read import check_partner, party
from chalicelib.usecases.records import Record, create, find

ON_PAPER = ("the channel's staff", "the partner, on paper")
_TRIES = 5
_NOT_TERMS = frozenset({"id", "version", "ended", "signatures"})


class AgreementDiffers(Conflict):
    code = "agreement_differs"
    how_to_fix = "make an agreement that begins on a later day"

    def __init__(self, partner_id: PartyId, cpo_id: PartyId, since: date) -> None:
        super().__init__(f"{partner_id} agreed on other terms for {cpo_id} since {since}")
        self.partner_id, self.cpo_id, self.since = partner_id, cpo_id, since


class AgreementOverlaps(Conflict):
    """Two agreements between the same sides on one day: nobody could say which one holds."""

    code = "agreement_overlaps"
    how_to_fix = "name the agreement that these terms replace, or other dates"

    def __init__(self, agreement: Agreement, other: Agreement) -> None:
        super().__init__(f"{other.id} holds from {other.since} until {other.ends or 'further'}")
        self.agreement_id, self.other_id = agreement.id, other.id


@dataclass(frozen=True, slots=True)
class _Agreed:
    """How many agreements there are between two sides: its version guards against another."""

    count: int


def make_agreement(
    ports: Ports, agreement: Agreement, signed_by: tuple[str, str] = ON_PAPER
) -> Agreement:
    """Record terms that both sides signed elsewhere, and name who did: (seller's, partner's).

    The same terms again are success, whatever id they carry: the recorded agreement is returned.
    Raises Invalid, AgreementDiffers, AgreementOverlaps.
    """
    check_terms(ports, agreement)
    at = ports.clock.now()
    agreement = in_succession(ports, replace(agreement, signatures=(), ended=None))
    first = signed(Side.SELLER, signed_by[0], at, agreement.hash)
    second = signed(Side.PARTNER, signed_by[1], at, agreement.hash)
    check_countersigned(first, second)
    return put_in_force(ports, replace(agreement, signatures=(first, second)))


def in_succession(ports: Ports, agreement: Agreement) -> Agreement:
    """The terms with their version: one more than those that they replace."""
    known = agreements_between(ports, agreement.partner_id, agreement.cpo_id)
    same = _same(agreement, known)
    if same is not None:
        return replace(agreement, version=same.version)
    before = _replaced(agreement, known)
    return agreement if before is None else replace(agreement, version=before.version + 1)


def put_in_force(ports: Ports, agreement: Agreement, *with_it: Write) -> Agreement:
    """Write countersigned terms, and with a credit limit the purse that enforces it.

    `with_it` is written in the same transaction. What they replace ends where they begin. The
    partner's limit in a currency is that of the agreement made last.
    """
    assert agreement.in_order, "only terms that both sides signed come into force"
    guard = keys.agreed(agreement.partner_id, agreement.cpo_id)
    for attempt in range(_TRIES):
        counted = find(ports.store, guard, _Agreed)  # read before what it guards
        known = agreements_between(ports, agreement.partner_id, agreement.cpo_id)
        same = _same(agreement, known)
        if same is not None:
            return same
        version = ABSENT if counted is None else counted.version
        guarded = Record(guard, _Agreed(0), version).put(_Agreed(len(known) + 1))
        try:
            ports.store.write(guarded, *_writes(ports, agreement, known), *with_it)
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return agreement
    raise AssertionError("the last try returns or raises")


def _writes(ports: Ports, agreement: Agreement, known: Sequence[Agreement]) -> list[Write]:
    key = keys.agreement(agreement.partner_id, agreement.cpo_id, agreement.since.isoformat())
    listed = Put(keys.agreement_id(agreement.id), {"partner": agreement.partner_id}, expects=None)
    writes: list[Write] = [create(key, agreement), listed, *_limit(ports, agreement)]
    writes.extend(begin(ports, agreement))
    before = _replaced(agreement, known)
    if before is not None:
        place = keys.agreement(before.partner_id, before.cpo_id, before.since.isoformat())
        record = find(ports.store, place, Agreement)
        assert record is not None, "an agreement that was just read is there"
        writes.append(record.put(replace(before, ended=agreement.since)))
    return writes


def _same(agreement: Agreement, known: Sequence[Agreement]) -> Agreement | None:
    """The recorded one with these very terms; raises where another begins that day."""
    for other in known:
        if other.since == agreement.since:
            if _terms(other) != _terms(agreement):
                raise AgreementDiffers(agreement.partner_id, agreement.cpo_id, agreement.since)
            return other
    return None


def _replaced(agreement: Agreement, known: Sequence[Agreement]) -> Agreement | None:
    """The agreement that these terms end; raises AgreementOverlaps over any other."""
    before = next((other for other in known if other.id == agreement.replaces), None)
    if agreement.replaces is not None and (before is None or before.since >= agreement.since):
        raise Invalid("replaces", "is no earlier agreement between these two")
    for other in known:
        if other is not before and _overlap(agreement, other):
            raise AgreementOverlaps(agreement, other)
    return before if before is not None and before.holds_on(agreement.since) else None


def _overlap(one: Agreement, other: Agreement) -> bool:
    return one.since < (other.ends or date.max) and other.since < (one.ends or date.max)


def _terms(agreement: Agreement) -> dict[str, Any]:
    names = (field.name for field in fields(agreement) if field.name not in _NOT_TERMS)
    return {name: getattr(agreement, name) for name in names}


def _limit(ports: Ports, agreement: Agreement) -> tuple[Write, ...]:
    limit = agreement.credit_limit
    if limit is None:
        return ()
    kept = read_purse(ports, agreement.partner_id, PaymentMethod.INVOICE, limit.currency)
    funded = Money(sum(part.funded for part in kept.purse.allotments), limit.currency)
    return writes_of(kept, kept.purse.fund(limit - funded))


def check_terms(ports: Ports, agreement: Agreement) -> None:
    """Refuse terms that make no sense, by the field to blame. Raises Invalid, CurrencyEnded."""
    check_fee("commission", agreement.commission, agreement.commission_terms)
    check_fee("partner_share", agreement.partner_share, agreement.share_terms)
    check_fraction("fx_margin", agreement.fx_margin)
    _check_rebate(agreement)
    if agreement.until is not None and agreement.until <= agreement.since:
        raise Invalid("until", "an agreement ends after it begins")
    if agreement.role is Role.DISCLOSED_AGENT and agreement.form is Form.MARGIN:
        fix = "use form commission: an agent sells nothing of its own, so it has no margin"
        raise Invalid("form", "a disclosed agent earns a commission", fix)
    if agreement.role is Role.DISCLOSED_AGENT and agreement.payment_method is PaymentMethod.PREPAID:
        fix = "use card or invoice: a CPO's money is not the channel's to give back"
        raise Invalid("payment_method", "a disclosed agent keeps no balance", fix)
    _check_limit(agreement)
    check_partner(ports, agreement.partner_id)
    if agreement.cpo_id != EVERY_CPO and party(ports, agreement.cpo_id).kind is not PartyKind.CPO:
        raise Invalid("cpo_id", f"{agreement.cpo_id} is not a CPO")


def _check_limit(agreement: Agreement) -> None:
    limit = agreement.credit_limit
    if (agreement.payment_method is PaymentMethod.INVOICE) != (limit is not None):
        raise Invalid("credit_limit", "is needed on invoice, and on invoice only")
    if limit is not None and limit.minor <= 0:
        raise Invalid("credit_limit", "is an amount above zero")
    rebate = agreement.driver_rebate
    granted = None if rebate is None else rebate.terms
    for amounts in (limit, agreement.commission_terms, agreement.share_terms, granted):
        if amounts is not None and amounts.currency is not None:
            in_use(amounts.currency, agreement.since)


def _check_rebate(agreement: Agreement) -> None:
    rebate = agreement.driver_rebate
    if rebate is None:
        return
    check_fee("driver_rebate", rebate.fraction, rebate.terms)
    if rebate.terms is not None and rebate.terms.tiers:
        raise Invalid("driver_rebate", "has no tiers: the driver is shown one price")
    if rebate.paid_by is Bearer.CPO and agreement.cpo_id == EVERY_CPO:
        fix = "agree on it with each CPO that grants it"
        raise Invalid("driver_rebate", "no CPO signed these terms for every CPO", fix)
