from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod, Role
from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms, Tier
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency, CurrencyEnded, Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.ports.store import Write
from chalicelib.usecases.agreement.find import (
    NoAgreement,
    agreement_by_id,
    agreement_in_force,
    agreements_of,
)
from chalicelib.usecases.agreement.make import AgreementDiffers, AgreementOverlaps, make_agreement
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
LOW, HIGH = Tier(Decimal(100), Decimal("0.07")), Tier(Decimal(900), Decimal("0.06"))


@pytest.fixture
def ports() -> MemoryPorts:
    ports = MemoryPorts()
    register(ports, Party(PARTNER, PartyKind.PARTNER, "App", "DE", EUR))
    for cpo in (NORD, SUED):
        register(ports, Party(cpo, PartyKind.CPO, cpo, "DE", EUR))
    return ports


def test_a_cpos_own_agreement_goes_before_the_one_for_every_cpo(ports: MemoryPorts) -> None:
    own = replace(GENERAL, id=AgreementId("agr_2"), cpo_id=NORD, commission=Decimal("0.05"))
    general = make_agreement(ports, GENERAL)
    own = make_agreement(ports, own)
    assert agreement_in_force(ports, PARTNER, NORD, DAY) == own
    assert agreement_in_force(ports, PARTNER, SUED, DAY) == general


def test_terms_that_replace_others_end_them_on_the_day_they_begin(ports: MemoryPorts) -> None:
    first = make_agreement(ports, GENERAL)
    next_ = replace(GENERAL, id=AgreementId("agr_2"), since=DAY, replaces=first.id)
    later = make_agreement(ports, replace(next_, until=date(2026, 12, 1)))
    assert agreement_in_force(ports, PARTNER, NORD, date(2026, 11, 19)).id == first.id
    assert agreement_in_force(ports, PARTNER, NORD, DAY) == later
    assert later.version == 2
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, date(2026, 12, 1))
    assert [found.ends for found in agreements_of(ports, PARTNER)] == [DAY, date(2026, 12, 1)]
    assert agreement_by_id(ports, PARTNER, first.id).in_order, "what it said is still signed"


def test_two_agreements_never_hold_on_one_day(ports: MemoryPorts) -> None:
    make_agreement(ports, replace(GENERAL, until=date(2026, 6, 1)))
    other = replace(GENERAL, id=AgreementId("agr_2"), since=date(2026, 5, 31))
    with pytest.raises(AgreementOverlaps):
        make_agreement(ports, other)
    make_agreement(ports, replace(other, since=date(2026, 6, 1)))
    with pytest.raises(AgreementOverlaps):
        make_agreement(ports, replace(other, id=AgreementId("agr_3"), since=date(2026, 9, 1)))


def test_of_two_that_overlap_and_come_at_once_one_is_refused(ports: MemoryPorts) -> None:
    other = replace(GENERAL, id=AgreementId("agr_2"), since=date(2026, 5, 31))
    write, tries = ports.store.write, list[int]()

    def overtaken(*writes: Write) -> None:
        if not tries:
            tries.append(1)
            ports.store.write = write  # type: ignore[method-assign] # another was faster
            make_agreement(ports, other)
        write(*writes)

    ports.store.write = overtaken  # type: ignore[method-assign]
    with pytest.raises(AgreementOverlaps):
        make_agreement(ports, GENERAL)
    assert [found.id for found in agreements_of(ports, PARTNER)] == [other.id]


def test_without_terms_nothing_is_sold(ports: MemoryPorts) -> None:
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)
    make_agreement(ports, replace(GENERAL, cpo_id=SUED))
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)
    with pytest.raises(NotFound):
        agreement_by_id(ports, PARTNER, AgreementId("agr_9"))


def test_the_same_terms_again_are_the_agreement_that_is_recorded(ports: MemoryPorts) -> None:
    first = make_agreement(ports, GENERAL)
    again = make_agreement(ports, replace(GENERAL, id=AgreementId("agr_2")))
    assert again == first


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
        (
            "payment_method",
            {
                "role": Role.DISCLOSED_AGENT,
                "form": Form.COMMISSION,
                "payment_method": PaymentMethod.PREPAID,
            },
        ),
        ("credit_limit", {"payment_method": PaymentMethod.INVOICE}),
        ("credit_limit", {"credit_limit": Money(1, EUR)}),
        (
            "credit_limit",
            {"payment_method": PaymentMethod.INVOICE, "credit_limit": Money(0, EUR)},
        ),
        ("commission", {"commission_terms": FeeTerms(per_kwh=Decimal("0.01"))}),
        ("commission", {"commission_terms": FeeTerms(EUR, per_session=Decimal(-1))}),
        ("commission", {"commission_terms": FeeTerms(EUR, least=Decimal(2), most=Decimal(1))}),
        ("commission", {"commission_terms": FeeTerms(tiers=(HIGH, LOW))}),
        ("partner_share", {"share_terms": FeeTerms(EUR, per_kwh=Decimal("0.0000001"))}),
        ("fx_margin", {"fx_margin": Decimal(2)}),
        ("driver_rebate", {"driver_rebate": DriverRebate(Bearer.CPO, Decimal("0.1"))}),
        (
            "driver_rebate",
            {"driver_rebate": DriverRebate(Bearer.PLATFORM, terms=FeeTerms(tiers=(LOW,)))},
        ),
        ("replaces", {"replaces": AgreementId("agr_9")}),
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


def test_nothing_is_agreed_in_a_currency_that_has_ended(ports: MemoryPorts) -> None:
    levs = FeeTerms(Currency("BGN"), per_kwh=Decimal("0.01"))
    with pytest.raises(CurrencyEnded):
        make_agreement(ports, replace(GENERAL, commission_terms=levs))
    make_agreement(ports, replace(GENERAL, commission_terms=levs, since=date(2025, 12, 31)))
