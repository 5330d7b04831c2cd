"""Which margins were agreed on the parts of a sum that is to be converted? None unless agreed."""

from collections.abc import Iterable
from decimal import Decimal

from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.debt import Part
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_by_id


def margins_of(
    ports: Ports, parts: Iterable[Part], code: Currency
) -> tuple[tuple[Money, Decimal], ...]:
    """The parts in a currency whose agreement has a margin, and the margin."""
    found = ((part.money, _margin(ports, part.agreement)) for part in parts if _in(part, code))
    return tuple((money, margin) for money, margin in found if margin)


def _in(part: Part, code: Currency) -> bool:
    return part.money.currency == code and bool(part.agreement)


def _margin(ports: Ports, agreement_id: str) -> Decimal:
    item = ports.store.get(keys.agreement_id(agreement_id))
    if item is None:
        return Decimal(0)  # what was converted before it was held is no agreement's any more
    partner_id = PartyId(item.body["partner"])
    return agreement_by_id(ports, partner_id, AgreementId(agreement_id)).fx_margin
