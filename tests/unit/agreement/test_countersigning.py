"""Are terms in force exactly when the other side, by another person, signed that very content?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.agreement.signing import OtherTerms, SameSide, Side
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import NoAgreement, agreement_in_force, agreements_of
from chalicelib.usecases.agreement.make import AgreementOverlaps
from chalicelib.usecases.agreement.propose import countersign, proposals_of, propose
from chalicelib.usecases.party.register import register
from sandbox.memory.ports import MemoryPorts

PARTNER, NORD = PartyId("par_1"), PartyId("cpo_nord")
DAY = date(2026, 11, 20)
TERMS = Agreement(
    id=AgreementId("agr_1"),
    partner_id=PARTNER,
    cpo_id=NORD,
    commission=Decimal("0.08"),
    partner_share=Decimal("0.5"),
    payment_method=PaymentMethod.CARD,
    since=date(2026, 11, 1),
)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = MemoryPorts()
    euro = Currency("EUR")
    register(ports, Party(PARTNER, PartyKind.PARTNER, "App", "DE", euro))
    register(ports, Party(NORD, PartyKind.CPO, "Nord", "DE", euro))
    return ports


def proposed(ports: MemoryPorts, terms: Agreement = TERMS) -> Agreement:
    return propose(ports, terms, Side.SELLER, "Nina Nord")


def sign(ports: MemoryPorts, made: Agreement, side: Side = Side.PARTNER, who: str = "Ada") -> None:
    countersign(ports, PARTNER, made.id, made.hash, side, who)


def test_a_proposal_alone_sells_nothing(ports: MemoryPorts) -> None:
    made = proposed(ports)
    assert proposals_of(ports, PARTNER) == [made]
    assert agreements_of(ports, PARTNER) == []
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)


def test_the_other_sides_signature_puts_it_in_force_once(ports: MemoryPorts) -> None:
    made = proposed(ports)
    sign(ports, made)
    sign(ports, made)
    found = agreement_in_force(ports, PARTNER, NORD, DAY)
    assert [(s.side, s.person, s.hash) for s in found.signatures] == [
        (Side.SELLER, "nina nord", made.hash),
        (Side.PARTNER, "ada", made.hash),
    ]
    assert proposals_of(ports, PARTNER) == []
    assert agreements_of(ports, PARTNER) == [found]


@pytest.mark.parametrize(
    ("side", "who"), [(Side.SELLER, "Bert"), (Side.PARTNER, "nina  NORD"), (Side.SELLER, "")]
)
def test_neither_the_same_side_nor_the_same_person_signs_twice(
    ports: MemoryPorts, side: Side, who: str
) -> None:
    made = proposed(ports)
    with pytest.raises((SameSide, Invalid)):
        sign(ports, made, side, who)
    assert agreements_of(ports, PARTNER) == []


def test_what_was_read_is_what_is_signed(ports: MemoryPorts) -> None:
    made = proposed(ports)
    with pytest.raises(OtherTerms):
        countersign(ports, PARTNER, made.id, TERMS.hash[:-1] + "x", Side.PARTNER, "Ada")


def test_terms_that_were_changed_after_they_were_signed_are_not_used(ports: MemoryPorts) -> None:
    sign(ports, proposed(ports))
    key = keys.agreement(PARTNER, NORD, TERMS.since.isoformat())
    item = ports.store.get(key)
    assert item is not None
    changed = replace(from_plain(Agreement, item.body), commission=Decimal("0.01"))
    ports.store.write(Put(key, to_plain(changed), expects=None))
    with pytest.raises(NoAgreement):
        agreement_in_force(ports, PARTNER, NORD, DAY)


def test_of_two_proposals_for_one_time_the_second_cannot_be_signed(ports: MemoryPorts) -> None:
    first = proposed(ports)
    second = proposed(ports, replace(TERMS, id=AgreementId("agr_2"), since=date(2026, 11, 5)))
    sign(ports, first)
    with pytest.raises(AgreementOverlaps):
        sign(ports, second)


def test_a_new_version_begins_where_the_old_one_ends(ports: MemoryPorts) -> None:
    first = proposed(ports)
    sign(ports, first)
    next_ = replace(TERMS, id=AgreementId("agr_2"), since=DAY, replaces=first.id)
    second = propose(ports, replace(next_, commission=Decimal("0.07")), Side.PARTNER, "Ada")
    assert second.version == 2
    assert agreement_in_force(ports, PARTNER, NORD, DAY).id == first.id, "not signed yet"
    sign(ports, second, Side.SELLER, "Nina")
    assert agreement_in_force(ports, PARTNER, NORD, DAY).commission == Decimal("0.07")
    assert agreement_in_force(ports, PARTNER, NORD, date(2026, 11, 19)).id == first.id
