"""What does a driver's bank mean by its reason, and what may follow what?"""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.dispute.chargeback import (
    FIRST,
    OVER,
    Chargeback,
    ChargebackEvent,
    ChargebackKind,
    ChargebackState,
    IllegalChargebackTransition,
    advance,
    kind_of,
)
from chalicelib.domain.ids import PartyId, SessionId
from chalicelib.domain.money import Money, currency


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("fraudulent", ChargebackKind.FRAUD),
        ("product_not_received", ChargebackKind.NOT_DELIVERED),
        ("credit_not_processed", ChargebackKind.MISPRICED),
        ("debit_not_authorized", ChargebackKind.RETURNED),
        ("a_reason_of_next_year", ChargebackKind.OTHER),
    ],
)
def test_the_bank_s_reason_names_the_kind(reason: str, kind: ChargebackKind) -> None:
    assert kind_of(reason) is kind


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_does_not_open_again(state: ChargebackState) -> None:
    over = Chargeback(
        id="dp_1",
        provider="stripe",
        session_id=SessionId("ses_1"),
        partner_id=PartyId("par_1"),
        payment="pi_1",
        kind=ChargebackKind.FRAUD,
        state=state,
        money=Money(1749, currency("EUR")),
        reason="fraudulent",
        opened_at=datetime(2026, 11, 16, tzinfo=UTC),
    )
    with pytest.raises(IllegalChargebackTransition):
        advance(over, ChargebackEvent.OPENED)
    same = next(event for event, first in FIRST.items() if first is state)
    assert advance(over, same) == over  # told twice
