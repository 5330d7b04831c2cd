"""How do a partner and the channel agree on terms? Once; other terms are a later agreement."""

from datetime import date
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import create, find

_TRIES = 5


class AgreementDiffers(Conflict):
    code = "agreement_differs"
    how_to_fix = "make an agreement that begins on a later day"

    def __init__(self, partner_id: PartyId, cpo_id: PartyId, since: date) -> None:
        super().__init__(f"{partner_id} agreed on other terms for {cpo_id} since {since}")
        self.partner_id, self.cpo_id, self.since = partner_id, cpo_id, since


def make_agreement(ports: Ports, agreement: Agreement) -> Agreement:
    """Record terms, and with a credit limit the purse that enforces it.

    The same terms again are success, whatever id they carry: the recorded agreement is returned.
    The partner's limit in a currency is that of the agreement made last.
    """
    _check(ports, agreement)
    key = keys.agreement(agreement.partner_id, agreement.cpo_id, agreement.since.isoformat())
    for attempt in range(_TRIES):
        recorded = find(ports.store, key, Agreement)
        if recorded is not None:
            if _terms(recorded.value) != _terms(agreement):
                raise AgreementDiffers(agreement.partner_id, agreement.cpo_id, agreement.since)
            return recorded.value
        try:
            ports.store.write(create(key, agreement), *_limit(ports, agreement))
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return agreement
    raise AssertionError("the last try returns or raises")


def _terms(agreement: Agreement) -> dict[str, object]:
    names = (name for name in Agreement.__slots__ if name != "id")
    return {name: getattr(agreement, name) for name in names}


def _limit(ports: Ports, agreement: Agreement) -> tuple[Write, ...]:
    limit = agreement.credit_limit
    if limit is None:
        return ()
    kept = read_purse(ports, agreement.partner_id, PaymentMethod.INVOICE, limit.currency)
    funded = Money(sum(part.funded for part in kept.purse.allotments), limit.currency)
    return writes_of(kept, kept.purse.fund(limit - funded))


def _check(ports: Ports, agreement: Agreement) -> None:
    _fraction("commission", agreement.commission)
    _fraction("partner_share", agreement.partner_share)
    if agreement.until is not None and agreement.until <= agreement.since:
        raise Invalid("until", "an agreement ends after it begins")
    if agreement.role is Role.DISCLOSED_AGENT and agreement.form is Form.MARGIN:
        fix = "use form commission: an agent sells nothing of its own, so it has no margin"
        raise Invalid("form", "a disclosed agent earns a commission", fix)
    invoiced = agreement.payment_method is PaymentMethod.INVOICE
    if invoiced != (agreement.credit_limit is not None):
        raise Invalid("credit_limit", "is needed on invoice, and on invoice only")
    if agreement.credit_limit is not None and agreement.credit_limit.minor <= 0:
        raise Invalid("credit_limit", "is an amount above zero")
    if party(ports, agreement.partner_id).kind is not PartyKind.PARTNER:
        raise Invalid("partner_id", f"{agreement.partner_id} is not a demand partner")
    if agreement.cpo_id != EVERY_CPO and party(ports, agreement.cpo_id).kind is not PartyKind.CPO:
        raise Invalid("cpo_id", f"{agreement.cpo_id} is not a CPO")


def _fraction(field: str, value: Decimal) -> None:
    if not 0 <= value <= 1:
        raise Invalid(field, f"{value} is not a fraction from 0 to 1", "8 % is 0.08")
