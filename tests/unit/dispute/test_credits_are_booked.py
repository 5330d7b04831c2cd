"""A CPO takes a CDR back: is the sale undone once, the driver paid back, another CDR billed?"""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute.dispute import Cause, DisputeState
from chalicelib.domain.evidence.manifest import MANIFEST, problems
from chalicelib.domain.ledger.reversal import reverses
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.usage import Cost
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import CdrDiffers, SessionAlreadyBilled, accept_cdr
from chalicelib.usecases.dispute.credit import AlreadyCredited, CreditCdrDiffers
from chalicelib.usecases.dispute.read import early_credits, of_session, open_disputes
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.evidence.read import read_pack
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed
from sandbox.memory.world import PARTNERS, PEER, World
from tests.unit.dispute.credits import booked_names, credit_of, pass_time, sent, sums

each_method = pytest.mark.parametrize("method", list(PaymentMethod))


@pytest.fixture
def world() -> World:
    return World()


def _billed(world: World, method: PaymentMethod) -> tuple[Session, ReceivedCdr]:
    session = world.charge(method)
    original = world.cdr(session)
    sent(world, original)
    return world.session(session.id), original


@each_method
def test_a_credit_undoes_the_sale_and_the_driver_has_the_money_back(
    world: World, method: PaymentMethod
) -> None:
    before = sums(world)
    session, original = _billed(world, method)
    assert session.bill is not None
    sent(world, credit_of(original))
    pass_time(world)
    session = world.session(session.id)
    assert (session.state, session.bill, session.effects) == (SessionState.CREDITED, None, ())
    reversal = next(e for e in world.entries(session).values() if reverses(e))
    assert reverses(reversal) == world.entries(session)["sale"].id
    (dispute,) = of_session(world.ports, session.partner_id, session.id)
    assert (dispute.cause, dispute.state) == (Cause.CREDIT, DisputeState.SETTLED)
    assert reversal.refs["dispute"] == dispute.id
    assert open_disputes(world.ports) == []
    after = sums(world)
    if method is PaymentMethod.CARD:
        assert session.payment.refunded == session.payment.captured
        assert world.entries(session)["refund"].refs["dispute"] == dispute.id
        fee = after.pop("psp_fee")  # what the provider keeps of a refunded card
        assert after.pop("cash:stripe") == before.pop("cash:stripe") - fee
    assert after == before


@each_method
def test_a_purse_has_back_what_it_had(world: World, method: PaymentMethod) -> None:
    if method is PaymentMethod.CARD:
        return
    before = balances_of(world.ports, PARTNERS[method])
    _, original = _billed(world, method)
    assert balances_of(world.ports, PARTNERS[method]) != before
    sent(world, credit_of(original))
    assert balances_of(world.ports, PARTNERS[method]) == before


@each_method
def test_the_cdr_that_replaces_it_is_billed_and_only_the_difference_goes_back(
    world: World, method: PaymentMethod
) -> None:
    session, original = _billed(world, method)
    assert session.bill is not None
    first = session.bill.gross
    sent(world, credit_of(original))
    sent(world, world.cdr(session, kwh="20", excl="9.80", id="second"))
    pass_time(world)
    session = world.session(session.id)
    assert session.state is SessionState.BILLED
    assert session.bill is not None
    assert session.bill.gross.minor == 1166
    if method is PaymentMethod.CARD:
        assert session.payment.refunded == first - session.bill.gross
        names = ["sale", "cash", "reversal", "sale_2", "refund"]
    else:
        assert session.payment.captured == session.bill.gross
        names = ["sale", "reversal", "sale_2"]
    assert booked_names(session) == names
    _has_a_pack_a_bill(world, session, first)
    assert sums(world)["cpo_payable:cpo_rhein"] == -session.bill.cpo_due.minor
    found = reconcile_books(world.ports, deep=True).differences
    ours = [each for each in found if "cash" not in each.difference.kind.value]
    assert [each.difference for each in ours if each.difference.subject == session.id] == []


def test_a_card_that_was_refunded_before_the_second_cdr_is_the_drivers_debt(world: World) -> None:
    session, original = _billed(world, PaymentMethod.CARD)
    sent(world, credit_of(original))
    pass_time(world)
    sent(world, world.cdr(session, kwh="20", excl="9.80", id="second"))
    pass_time(world)
    assert world.session(session.id).state is SessionState.BILLED
    assert sums(world)["driver_receivable:par_app"] == 1166


@each_method
def test_whatever_is_sent_again_changes_nothing(world: World, method: PaymentMethod) -> None:
    session, original = _billed(world, method)
    credit, second = credit_of(original), world.cdr(session, kwh="20", excl="9.80", id="second")
    for cdr in (credit, original, credit, second, credit, original, second):
        sent(world, cdr)
    pass_time(world)
    once = sums(world)
    for cdr in (original, credit, second):
        assert sent(world, cdr).repeated
    assert sums(world) == once
    assert booked_names(world.session(session.id)).count("reversal") == 1
    with pytest.raises(AlreadyCredited):
        sent(world, credit_of(original, id="again"))
    with pytest.raises(SessionAlreadyBilled):
        sent(world, world.cdr(session, id="third"))
    with pytest.raises(CdrDiffers):
        sent(world, replace(credit, total_cost=Cost(Decimal(-1), Decimal("-1.19")), raw_hash="x"))


def test_a_credit_before_its_original_is_kept_and_booked_when_that_comes(world: World) -> None:
    session = world.charge()
    original = world.cdr(session)
    assert sent(world, credit_of(original)).session_id == ""
    assert sent(world, credit_of(original)).repeated
    assert len(early_credits(world.ports)) == 1
    pass_time(world)
    sent(world, original)
    assert world.session(session.id).state is SessionState.BILLED
    pass_time(world, hours=6)
    assert world.session(session.id).state is SessionState.CREDITED
    assert early_credits(world.ports) == []
    assert sent(world, credit_of(original)).repeated
    assert "driver_receivable:par_app" not in sums(world)


def test_a_credit_whose_original_never_comes_stays_for_people_to_see(world: World) -> None:
    original = world.cdr(world.charge())
    sent(world, credit_of(original))
    for _ in range(70):
        world.ports.clock.at += timedelta(days=1)
        pass_time(world, hours=1)
    (waits,) = early_credits(world.ports)
    item = world.ports.store.get(keys.early_credit(PEER, "DE", "RHE", f"{original.id}-C"))
    assert item is not None
    assert (item.key.pk, item.body["refusal"]) == (waits, "original_unknown")


def test_another_sum_is_for_people_and_another_session_is_refused(world: World) -> None:
    session, original = _billed(world, PaymentMethod.CARD)
    part = replace(credit_of(original), total_cost=Cost(Decimal(-10), Decimal("-11.90")))
    sent(world, part)
    (dispute,) = open_disputes(world.ports)
    assert (dispute.cause, dispute.state) == (Cause.CREDIT, DisputeState.OPEN)
    assert dispute.text == "it leaves 5.593 of the original's total"
    assert world.session(session.id).state is SessionState.BILLED
    before = world.ports.store.dump()
    for wrong in (
        replace(credit_of(original, id="x"), total_energy_kwh=Decimal(1)),
        replace(credit_of(original, id="x"), total_cost=original.total_cost),
    ):
        with pytest.raises(CreditCdrDiffers):
            sent(world, wrong)
    assert world.ports.store.dump() == before


def test_a_credit_while_the_capture_is_on_its_way_waits_for_its_outcome(world: World) -> None:
    session = world.charge()
    original = world.cdr(session)
    accept_cdr(world.ports, world.connection, original, "cdr/a.json")
    accept_cdr(world.ports, world.connection, credit_of(original), "cdr/b.json")
    pass_time(world, hours=4)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.REFUNDED
    assert session.payment.refunded == session.payment.captured
    assert session.evidence


def _has_a_pack_a_bill(world: World, session: Session, first: Money) -> None:
    pack = {
        file.name: file.content.encode()
        for file in read_pack(world.ports, session.partner_id, session.id)
    }
    assert problems(pack) == []
    assert session.bill is not None
    for home, gross in (("", first), ("bill-2/", session.bill.gross)):
        (name,) = (name for name in pack if name.startswith(f"{home}price-"))
        price = json.loads(pack[name])
        assert (price["agrees"], price["gross"]) == (True, to_plain(gross))
    (name,) = (name for name in pack if name.startswith("bill-2/replaces-"))
    replaced = json.loads(pack[name])
    assert replaced["manifest_sha256"] == sha256(pack[MANIFEST]).hexdigest()
    assert replaced["credited"]["bill"]["gross"] == to_plain(first)
    assert session.evidence.endswith("/bill-2/pack.json")


@pytest.mark.parametrize("after", [False, True])
@each_method
def test_killed_anywhere_the_same_is_booked_in_the_end(
    method: PaymentMethod, *, after: bool
) -> None:
    def story(world: World, at: int) -> tuple[dict[str, int], int]:
        session, original = _billed(world, method)
        second = world.cdr(session, kwh="20", excl="9.80", id="second")
        fragile = Fragile(world.ports, at, after=after)
        for cdr in (credit_of(original), second):
            try:
                accept_cdr(fragile, world.connection, cdr, f"cdr/{cdr.id}.json", b"{}")
            except Killed:
                sent(world, cdr)
        for owner in (keys.session(session.id).pk, *_disputes(world, session)):
            with suppress(Killed):  # the sweeper comes again
                run_owner(fragile, owner)
        pass_time(world)
        return sums(world), len(fragile.acts)

    expected, acts = story(World(), 0)
    assert acts > 8
    for at in range(1, acts + 1):
        assert story(World(), at)[0] == expected, at


def _disputes(world: World, session: Session) -> list[str]:
    found = of_session(world.ports, session.partner_id, session.id)
    return [keys.dispute(dispute.id).pk for dispute in found]
