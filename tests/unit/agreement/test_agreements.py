from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.usecases.agreement.find import (
    NoAgreement,
    agreement_by_id,
    agreement_in_force,
    agreements_of,
)
from chalicelib.usecases.agreement.make import AgreementDiffers, make_agreement
from chalicelib.usecases.party.register import register
from sandbox.memory.ports import MemoryPorts

EUR = Currency("EUR")
PARTNER, NORD, SUED = PartyId("par_1"), PartyId("cpo_nord"), PartyId("cpo_sued")
GENERAL = Agreement(
    id=AgreementId("agr_1"),
    partner_id=PARTNER,
    cpo_id=PartyId("*"),
    commission=Decimal("0.08"),
    partner_share=Decimal("0.5"),
    payment_method=PaymentMethod.CARD,
    since=date(2026, 1, 1),
)
DAY = date(2026, 11, 20)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = MemoryPorts()
    register(ports, Party(PARTNER, PartyKind.PARTNER, "App", "DE", EUR))
    for cpo in (NORD, SUED):
        register(ports, Party(cpo, PartyKind.CPO, cpo, "DE", EUR))
    return ports


def test_a_cpos_own_agreement_goes_before_the_one_for_every_cpo(ports: MemoryPorts) -> None:
    own = replace(GENERAL, id=AgreementId("agr_2"), cpo_id=NORD, commission=Decimal("0.05"))
    make_agreement(ports, GENERAL)
    make_agreement(ports, own)
    assert agreement_in_force(ports, PARTNER, NORD, DAY) == own
    assert agreement_in_force(ports, PARTNER, SUED, DAY) == GENERAL


def test_the_latest_agreement_that_has_begun_and_not_ended_holds(ports: MemoryPorts) -> None:
    later = replace(GENERAL, id=AgreementId("agr_2"), since=DAY, until=date(2026, 12, 1))
    make_agreement(ports, GENERAL)
    make_agreement(ports, later)
    assert agreement_in_force(ports, PARTNER, NORD, date(2026, 11, 19)) == GENERAL
    assert agreement_in_force(ports, PARTNER, NORD, DAY) == later
    assert agreement_in_force(ports, PARTNER, NORD, date(2026, 12, 1)) == GENERAL
    assert agreements_of(ports, PARTNER) == [GENERAL, later]
    assert agreement_by_id(ports, PARTNER, later.id) == later


def test_without_terms_nothing_is_sold(ports: MemoryPorts) -> None:
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)
    make_agreement(ports, replace(GENERAL, cpo_id=SUED))
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)
    with pytest.raises(NotFound):
        agreement_by_id(ports, PARTNER, AgreementId("agr_9"))


def test_the_same_terms_again_are_the_agreement_that_is_recorded(ports: MemoryPorts) -> None:
    make_agreement(ports, GENERAL)
    again = make_agreement(ports, replace(GENERAL, id=AgreementId("agr_2")))
    assert again == GENERAL


def test_terms_are_not_rewritten(ports: MemoryPorts) -> None:
    make_agreement(ports, GENERAL)
    with pytest.raises(AgreementDiffers):
        make_agreement(ports, replace(GENERAL, commission=Decimal("0.09")))


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("commission", {"commission": Decimal("1.01")}),
        ("commission", {"commission": Decimal(-1)}),
        ("partner_share", {"partner_share": Decimal(8)}),
        ("until", {"until": date(2026, 1, 1)}),
        ("form", {"role": Role.DISCLOSED_AGENT, "form": Form.MARGIN}),
        ("credit_limit", {"payment_method": PaymentMethod.INVOICE}),
        ("credit_limit", {"credit_limit": Money(1, EUR)}),
        (
            "credit_limit",
            {"payment_method": PaymentMethod.INVOICE, "credit_limit": Money(0, EUR)},
        ),
        ("partner_id", {"partner_id": NORD}),
        ("cpo_id", {"cpo_id": PARTNER}),
    ],
)
def test_terms_that_make_no_sense_are_refused_by_the_field_to_blame(
    ports: MemoryPorts, field: str, facts: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        make_agreement(ports, replace(GENERAL, **facts))  # type: ignore[arg-type] # a table's facts
    assert refused.value.field == field
    assert agreements_of(ports, PARTNER) == []
