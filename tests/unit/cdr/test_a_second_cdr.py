"""What if a CPO bills a session twice, with no credit CDR between? One holds, people see both."""

import pytest

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.reconciliation.difference import DifferenceKind, Responsible
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import SessionAlreadyBilled, accept_cdr
from chalicelib.usecases.cdr.second import explain_second, second_cdrs
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.world import CPO, World
from tests.unit.dispute.credits import credit_of, sums


@pytest.fixture
def world() -> World:
    return World()


def sent(world: World, cdr: ReceivedCdr) -> None:
    accept_cdr(world.ports, world.connection, cdr, f"cdr/{cdr.id}.json")
    world.settle()


def refused(world: World, session: Session, id_: str = "second") -> None:
    with pytest.raises(SessionAlreadyBilled):
        sent(world, world.cdr(session, kwh="20", excl="9.80", id=id_))


def found(report: Report) -> list[tuple[str, Responsible, str]]:
    return [
        (aged.difference.subject, aged.responsible, aged.difference.detail)
        for aged in report.differences
        if aged.difference.kind is DifferenceKind.SECOND_CDR
    ]


def test_it_is_refused_moves_nothing_and_stands_in_the_books_until_it_is_over(
    world: World,
) -> None:
    session = world.bill(world.charge())
    before = sums(world), session
    refused(world, session)
    assert (sums(world), world.session(session.id)) == before
    ((subject, owner, detail),) = found(reconcile_books(world.ports))
    assert (subject, owner) == (session.id, Responsible.NETWORK)
    assert detail == f"CDR second of {CPO}: 20 kWh for 9.80 EUR; it was billed by {session.cdr_id}"


def test_sent_again_and_again_it_is_one_difference(world: World) -> None:
    session = world.bill(world.charge())
    refused(world, session)
    once = world.ports.store.dump()
    refused(world, session)
    assert world.ports.store.dump() == once
    refused(world, session, "third")
    assert [second.cdr for second in second_cdrs(world.ports)] == ["third"]


def test_once_the_first_is_credited_the_second_is_billed_and_the_difference_goes(
    world: World,
) -> None:
    session = world.charge()
    original = world.cdr(session)
    session = world.bill(session)
    refused(world, session)
    sent(world, credit_of(original))
    assert found(reconcile_books(world.ports)) == []
    sent(world, world.cdr(session, kwh="20", excl="9.80", id="second"))
    assert world.session(session.id).state is SessionState.BILLED
    assert world.session(session.id).cdr_id == "second"
    assert world.ports.store.get(keys.second_cdr(session.id)) is None


def test_a_person_s_word_ends_it_until_yet_another_one_comes(world: World) -> None:
    session = world.bill(world.charge())
    refused(world, session)
    said = explain_second(world.ports, session.id, "sent by mistake", "Ada Lovelace")
    assert (said.words, said.by) == ("sent by mistake", "ada lovelace")
    assert found(reconcile_books(world.ports)) == []
    refused(world, session)
    assert found(reconcile_books(world.ports)) == []
    refused(world, session, "third")
    assert len(found(reconcile_books(world.ports))) == 1
    explain_second(world.ports, session.id, "so was this one", "Ada Lovelace")
    for again in ("second", "third"):  # a queue that tries both again opens nothing
        refused(world, session, again)
    assert found(reconcile_books(world.ports)) == []


def test_only_a_second_cdr_is_explained_and_in_words(world: World) -> None:
    session = world.bill(world.charge())
    with pytest.raises(NotFound):
        explain_second(world.ports, session.id, "sent by mistake", "Ada Lovelace")
    refused(world, session)
    with pytest.raises(Invalid):
        explain_second(world.ports, session.id, " ", "Ada Lovelace")
