"""Does every correction name the sale that it is about, and do they undo no more than it?"""

from dataclasses import replace

import pytest

from chalicelib.domain.dispute.dispute import Cause, Reason
from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.ledger.reversal import reversal_entry
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.reconciliation.journal import journal_faults
from chalicelib.domain.session.session import Session
from chalicelib.ports.payments import DisputeState as AtProvider
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.dispute.read import open_disputes
from chalicelib.usecases.payment.chargeback import follow_dispute
from sandbox.memory.world import World
from tests.unit.dispute.credits import pass_time

ADA = "Ada Lovelace"


@pytest.fixture
def world() -> World:
    return World()


def _billed(world: World) -> Session:
    session = world.bill(world.charge())
    pass_time(world)
    return world.session(session.id)


def _granted(world: World, session: Session, minor: int, key: str) -> None:
    partner = session.partner_id
    reason = Reason.NOT_DELIVERED
    dispute = open_for_driver(world.ports, partner, session.id, reason, minor, "", key, "h")
    grant(world.ports, dispute.id, None, "broken", ADA)
    pass_time(world)


def _charged_back(world: World, session: Session) -> None:
    payments, reference = world.ports.payments, session.payment.reference
    dispute = payments.open_dispute(reference, "product_not_received", AtProvider.NEEDS_RESPONSE)
    payments.close_dispute(dispute, AtProvider.LOST)
    follow_dispute(world.ports, payments.read_dispute(dispute))
    pass_time(world)


def _of(world: World, event: Event) -> list[Entry]:
    return [entry for entry in world.everything() if entry.event is event]


def _only(found: tuple[Difference, ...]) -> Difference:
    (difference,) = found
    assert difference.kind is DifferenceKind.CORRECTED_WRONGLY
    return difference


def test_decisions_and_a_bank_that_undo_a_sale_part_by_part_undo_it_once(world: World) -> None:
    session = _billed(world)
    for number, minor in enumerate((500, 249)):
        _granted(world, session, minor, f"k{number}")
    _charged_back(world, world.session(session.id))
    entries = world.everything()
    assert len(_of(world, Event.CORRECTION)) == 2
    assert journal_faults(entries) == ()
    (lost,) = _of(world, Event.CHARGEBACK_LOST)
    more = replace(lost, id=EntryId("ent_again"))
    found = _only(journal_faults([*entries, more]))
    (sale,) = _of(world, Event.SALE)
    assert (found.subject, found.detail) == (sale.id, "2749 is undone of 1749")


def test_what_the_cpo_was_conceded_names_the_sale_and_takes_nothing_from_it(world: World) -> None:
    session = world.bill(world.charge(), excl="20.00")
    (dispute,) = open_disputes(world.ports)
    assert dispute.cause is Cause.CLAIM
    grant(world.ports, dispute.id, None, "its tariff was told late", ADA)
    (conceded,) = _of(world, Event.CORRECTION)
    (sale,) = _of(world, Event.SALE)
    assert conceded.refs["sale"] == sale.id
    _granted(world, session, 1749, "all of it")
    assert journal_faults(world.everything()) == ()


def test_a_correction_of_no_sale_is_a_difference(world: World) -> None:
    _granted(world, _billed(world), 500, "k")
    (correction,) = _of(world, Event.CORRECTION)
    others = [entry for entry in world.everything() if entry.id != correction.id]
    for named in ("ent_none", correction.id):
        wrong = replace(correction, refs={**correction.refs, "sale": named})
        found = _only(journal_faults([*others, wrong]))
        assert (found.subject, found.detail) == (
            correction.id,
            f"{named}: there is no such entry",
        )
    assert journal_faults([correction], earlier={}) == (), "its sale may be older than what is read"


def test_what_was_reversed_cannot_be_corrected_and_a_reversed_correction_counts_no_more(
    world: World,
) -> None:
    session = _billed(world)
    _granted(world, session, 500, "k")
    (correction,) = _of(world, Event.CORRECTION)
    (sale,) = _of(world, Event.SALE)
    entries, at = world.everything(), world.ports.clock.now()
    found = _only(journal_faults([*entries, reversal_entry(sale, at)]))
    assert (found.subject, found.detail) == (sale.id, "500 is undone of 0")
    undone = [reversal_entry(each, at) for each in (correction, sale)]
    assert journal_faults([*entries, *undone]) == ()
