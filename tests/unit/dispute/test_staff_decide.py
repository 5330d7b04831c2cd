"""A driver wants money back: who decides, who bears it, and where does it stand in the end?"""

from dataclasses import replace

import pytest

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.dispute.dispute import Cause, Dispute, DisputeState, Reason
from chalicelib.domain.dispute.lifecycle import STEPS, DisputeEvent, IllegalDisputeTransition
from chalicelib.domain.dispute.lifecycle import advance as advanced
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.evidence.manifest import problems
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.staff import OnePerson
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import MoneyAtBank, NotForStaff, deny, grant
from chalicelib.usecases.dispute.open import DisputeOpen, NothingToDispute, open_for_driver
from chalicelib.usecases.dispute.read import chain, of_session, open_disputes, read
from chalicelib.usecases.dispute.save import loaded
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.evidence.read import read_pack
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.payout.approve import set_limit
from chalicelib.usecases.records import find
from chalicelib.usecases.session.save import replacing
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.dispute.credits import credit_of, pass_time, sent, sums

ADA, BEA = "Ada Lovelace", "Bea Benz"


@pytest.fixture
def world() -> World:
    return World()


def _billed(world: World, method: PaymentMethod = PaymentMethod.CARD) -> Session:
    session = world.charge(method)
    world.bill(session)
    pass_time(world)
    return world.session(session.id)


def _opened(
    world: World,
    session: Session,
    minor: int | None = 500,
    reason: Reason = Reason.NOT_DELIVERED,
    key: str = "k",
) -> Dispute:
    partner = session.partner_id
    return open_for_driver(world.ports, partner, session.id, reason, minor, "no power", key, "h")


def test_what_the_cpo_bears_undoes_everybodys_part_in_proportion(world: World) -> None:
    session = _billed(world)
    before = sums(world)
    dispute = _opened(world, session)
    done = grant(world.ports, dispute.id, None, "the charger stopped", ADA)
    assert (done.state, done.decision and done.decision.bearer) == (
        DisputeState.GRANTED,
        Bearer.CPO,
    )
    pass_time(world)
    after = sums(world)
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}}
    assert {name: minor for name, minor in changed.items() if minor} == {
        "cash:stripe": -500,
        "cpo_payable:cpo_rhein": 460,
        "partner_payable:par_app": 20,
        "platform": 17,
        "vat:DE": 3,
    }
    assert world.session(session.id).payment.refunded == Money(500, EUR)


def test_what_is_nobodys_fault_is_the_platforms_loss_and_the_sale_stands(world: World) -> None:
    session = _billed(world)
    before = sums(world)
    grant(world.ports, _opened(world, session, 500, Reason.FRAUD).id, None, "card stolen", ADA)
    pass_time(world)
    after = sums(world)
    assert after["cpo_payable:cpo_rhein"] == before["cpo_payable:cpo_rhein"]
    assert after["loss:dispute_fraud"] == 500


def test_a_decision_is_one_chain_from_the_session_to_its_evidence(world: World) -> None:
    session = _billed(world)
    dispute = _opened(world, session)
    grant(world.ports, dispute.id, Money(300, EUR), "a part of it", ADA)
    pass_time(world)
    closed = read(world.ports, session.partner_id, dispute.id)
    assert closed.state is DisputeState.SETTLED
    links = chain(world.ports, closed)
    assert [link.entry.event.value for link in links] == ["correction", "refund"]
    assert {link.entry.refs["dispute"] for link in links} == {dispute.id}
    assert [link.driver.minor for link in links] == [300, -300]
    files = read_pack(world.ports, session.partner_id, session.id)
    names = [file.name for file in files if file.name.startswith("dispute-")]
    assert [closed.evidence.rpartition("/")[2]] == names
    assert problems({file.name: file.content.encode() for file in files}) == []


def test_the_partner_hears_of_each_step_in_order(world: World) -> None:
    session = _billed(world)
    grant(world.ports, _opened(world, session).id, None, "broken", ADA)
    pass_time(world)
    told = [
        (body["sequence"], body["type"])
        for name, body in world.ports.store.dump().items()
        if name.startswith("events#") and str(body["type"]).startswith("dispute.")
    ]
    assert [type_ for _, type_ in sorted(told)] == [
        "dispute.opened",
        "dispute.decided",
        "dispute.closed",
    ]


def test_denied_is_denied_and_moves_no_money(world: World) -> None:
    session = _billed(world)
    before = sums(world)
    dispute = _opened(world, session)
    assert deny(world.ports, dispute.id, "the meter agrees", ADA).state is DisputeState.DENIED
    pass_time(world)
    assert sums(world) == before
    assert open_disputes(world.ports) == []
    with pytest.raises(NotForStaff):
        grant(world.ports, dispute.id, None, "after all", ADA)


def test_above_the_limit_two_people_say_the_same_sum(world: World) -> None:
    session = _billed(world)
    set_limit(world.ports, Money(400, EUR), "policy", ADA)
    dispute = _opened(world, session)
    before = sums(world)
    proposed = grant(world.ports, dispute.id, None, "broken", ADA)
    assert proposed.state is DisputeState.PROPOSED
    with pytest.raises(OnePerson):
        grant(world.ports, dispute.id, None, "broken", " ada  LOVELACE ")
    other = grant(world.ports, dispute.id, Money(450, EUR), "less", BEA)
    assert other.state is DisputeState.PROPOSED  # another sum is another proposal
    assert sums(world) == before
    done = grant(world.ports, dispute.id, Money(450, EUR), "yes", ADA)
    assert done.state is DisputeState.GRANTED
    assert done.decision is not None
    assert done.decision.by == ("bea benz", "ada lovelace")
    pass_time(world)
    assert world.session(session.id).payment.refunded == Money(450, EUR)


def test_no_cent_is_given_back_twice(world: World) -> None:
    session = _billed(world)
    first = _opened(world, session, 1000)
    assert _opened(world, session, 1000).id == first.id  # the same key
    with pytest.raises(DisputeOpen):
        _opened(world, session, key="other")
    grant(world.ports, first.id, None, "broken", ADA)
    pass_time(world)
    with pytest.raises(Invalid):
        _opened(world, session, 750, key="other")
    second = _opened(world, session, None, key="other")
    assert second.money == Money(749, EUR)
    with pytest.raises(Invalid):
        grant(world.ports, second.id, Money(750, EUR), "more", ADA)
    grant(world.ports, second.id, None, "all of it", ADA)
    pass_time(world)
    after = sums(world)
    assert set(after) == {"cash:stripe", "prepaid:par_insurer", "psp_fee"}  # no leg is left over
    with pytest.raises(NothingToDispute):
        _opened(world, session, key="third")


def test_only_the_sessions_own_partner_disputes_and_reads(world: World) -> None:
    session = _billed(world)
    dispute = _opened(world, session)
    other = PARTNERS[PaymentMethod.INVOICE]
    with pytest.raises(NotFound):
        open_for_driver(world.ports, other, session.id, Reason.OTHER, 1, "", "k", "h")
    with pytest.raises(NotFound):
        read(world.ports, other, dispute.id)
    with pytest.raises(NotFound):
        of_session(world.ports, PartyId(other), session.id)


@pytest.mark.parametrize("method", [PaymentMethod.PREPAID, PaymentMethod.INVOICE])
def test_a_purse_has_it_back_with_the_decision(world: World, method: PaymentMethod) -> None:
    session = _billed(world, method)
    before = balances_of(world.ports, PARTNERS[method])
    grant(world.ports, _opened(world, session).id, None, "broken", ADA)
    after = balances_of(world.ports, PARTNERS[method])
    assert [b.used.minor - a.used.minor for b, a in zip(before, after, strict=True)] == [500]
    pass_time(world)
    assert open_disputes(world.ports) == []


def test_what_a_bank_took_back_is_not_given_back_by_us_too(world: World) -> None:
    session = _billed(world)
    dispute = _opened(world, session)
    record = find(world.ports.store, keys.session(session.id), Session)
    assert record is not None
    gone = replace(record.value.payment, state=PaymentState.CHARGED_BACK)
    charged_back = replace(record.value, payment=gone)
    world.ports.store.write(replacing(record, charged_back, world.ports.clock.now()))
    with pytest.raises(MoneyAtBank):
        grant(world.ports, dispute.id, None, "broken", ADA)


def test_a_claim_against_a_cpo_is_people_business_and_the_driver_hears_nothing(
    world: World,
) -> None:
    session = world.charge()
    world.bill(session, excl="20.00")
    pass_time(world)
    (dispute,) = open_disputes(world.ports)
    assert (dispute.cause, dispute.money) == (Cause.CLAIM, Money(631, EUR))
    assert of_session(world.ports, session.partner_id, session.id) == []
    before = sums(world)
    grant(world.ports, dispute.id, Money(100, EUR), "a pricing page was wrong", ADA)
    pass_time(world)
    after = sums(world)
    assert after["loss:price_difference"] == 100
    assert after["cpo_payable:cpo_rhein"] == before["cpo_payable:cpo_rhein"] - 100
    assert after["cash:stripe"] == before["cash:stripe"]


def test_a_credit_after_a_decision_is_for_people_who_give_the_rest(world: World) -> None:
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    pass_time(world)
    grant(world.ports, _opened(world, session).id, None, "broken", ADA)
    pass_time(world)
    sent(world, credit_of(original))
    (dispute,) = open_disputes(world.ports)
    assert (dispute.cause, dispute.money) == (Cause.CREDIT, Money(1249, EUR))
    grant(world.ports, dispute.id, None, "the CPO takes it back", ADA)
    pass_time(world)
    assert set(sums(world)) == {"cash:stripe", "prepaid:par_insurer", "psp_fee"}


def test_every_step_that_is_not_in_the_table_is_refused(world: World) -> None:
    dispute = _opened(world, _billed(world))
    at = world.ports.clock.now()
    for state in DisputeState:
        for event in DisputeEvent:
            known = replace(dispute, state=state)
            if (state, event) in STEPS:
                assert advanced(known, event, at).state is STEPS[state, event][0]
                continue
            with pytest.raises(IllegalDisputeTransition):
                advanced(known, event, at)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", list(PaymentMethod))
def test_a_decision_that_is_killed_anywhere_is_booked_once(
    method: PaymentMethod, *, after: bool
) -> None:
    def story(world: World, at: int) -> tuple[dict[str, int], int]:
        session = _billed(world, method)
        fragile = Fragile(world.ports, at, after=after)
        try:
            id_ = open_for_driver(
                fragile, session.partner_id, session.id, Reason.OTHER, 500, "", "k", "h"
            ).id
        except Killed:
            id_ = _opened(world, session, reason=Reason.OTHER).id
        try:
            grant(fragile, id_, None, "broken", ADA)
        except Killed:
            if loaded(world.ports, id_).value.state is DisputeState.OPEN:
                grant(world.ports, id_, None, "broken", ADA)
        for owner in (keys.session(session.id).pk, keys.dispute(id_).pk):
            try:
                run_owner(fragile, owner)
            except Killed:
                continue  # the sweeper comes again
        pass_time(world)
        assert loaded(world.ports, id_).value.state is DisputeState.SETTLED
        return sums(world), len(fragile.acts)

    expected, acts = story(World(), 0)
    assert acts > 8
    for at in range(1, acts + 1):
        assert story(World(), at)[0] == expected, at


def test_the_bearer_is_the_agreements_or_the_one_that_staff_name(world: World) -> None:
    session = _billed(world)
    before = sums(world)
    grant(world.ports, _opened(world, session).id, None, "goodwill", ADA, Bearer.PARTNER)
    pass_time(world)
    assert sums(world)["partner_payable:par_app"] == before["partner_payable:par_app"] + 500
