"""Who decides where a party is paid? Two people, every time; one of them never alone."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.party.destination import (
    AccountNotPayable,
    DestinationMoved,
    SamePerson,
    approve,
    proposals,
    propose_account,
    propose_bank,
)
from chalicelib.usecases.party.read import party
from chalicelib.usecases.party.register import DestinationNeedsTwo, change, register
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import CPO, World

DETAILS = bank_details("Rheinstrom", "DE89370400440532013000")


@pytest.fixture
def ports() -> MemoryPorts:
    return World().ports


def test_one_person_proposes_another_approves(ports: MemoryPorts) -> None:
    made = propose_bank(ports, CPO, DETAILS, "Ada Lovelace")
    assert party(ports, CPO).payout_account == "acct_rhein"
    approve(ports, CPO, made.account, "Bob")
    assert party(ports, CPO).payout_account == made.account


def test_nobody_approves_what_they_proposed_however_they_write_their_name(
    ports: MemoryPorts,
) -> None:
    made = propose_bank(ports, CPO, DETAILS, "Ada Lovelace")
    with pytest.raises(SamePerson):
        approve(ports, CPO, made.account, "  ada  LOVELACE ")


def test_what_is_approved_is_what_was_proposed(ports: MemoryPorts) -> None:
    propose_bank(ports, CPO, DETAILS, "ada")
    with pytest.raises(NotFound):
        approve(ports, CPO, "bank_other", "bob")
    with pytest.raises(Invalid):
        approve(ports, CPO, propose_bank(ports, CPO, DETAILS, "ada").account, " ")


def test_a_proposal_made_before_another_change_is_stale(ports: MemoryPorts) -> None:
    ports.payouts.open_account("acct_new", "EUR")
    first = propose_bank(ports, CPO, DETAILS, "ada")
    second = propose_account(ports, CPO, "acct_new", "ada")
    approve(ports, CPO, second.account, "bob")
    with pytest.raises(DestinationMoved):
        approve(ports, CPO, first.account, "bob")


@pytest.mark.parametrize(
    ("account", "reason"),
    [("acct_kronor", "account_lacks_currency"), ("acct_nobody", "refused_resource_missing")],
)
def test_an_account_that_could_not_be_paid_is_refused_when_it_is_proposed(
    ports: MemoryPorts, account: str, reason: str
) -> None:
    ports.payouts.open_account("acct_kronor", "SEK")
    with pytest.raises(AccountNotPayable) as refused:
        propose_account(ports, CPO, account, "ada")
    assert (refused.value.code, refused.value.reason) == ("account_not_payable", reason)
    assert proposals(ports, CPO) == []


def test_an_account_that_lost_its_currency_since_is_not_approved(ports: MemoryPorts) -> None:
    ports.payouts.open_account("acct_new", "SEK", "EUR")
    made = propose_account(ports, CPO, "acct_new", "ada")
    ports.payouts.open_account("acct_new", "SEK")
    with pytest.raises(AccountNotPayable):
        approve(ports, CPO, made.account, "bob")
    assert party(ports, CPO).payout_account == "acct_rhein"


def test_a_proposal_is_approved_once(ports: MemoryPorts) -> None:
    made = propose_bank(ports, CPO, DETAILS, "ada")
    approve(ports, CPO, made.account, "bob")
    with pytest.raises(NotFound):
        approve(ports, CPO, made.account, "carol")


@pytest.mark.parametrize("account", ["acct_mine", ""])
def test_one_person_changes_no_account_by_another_way(ports: MemoryPorts, account: str) -> None:
    with pytest.raises(DestinationNeedsTwo):
        change(ports, CPO, lambda known: replace(known, payout_account=account))


def test_the_first_account_takes_two_people_as_well(ports: MemoryPorts) -> None:
    new = replace(party(ports, CPO), id=PartyId("cpo_new"), payout_account="")
    with pytest.raises(DestinationNeedsTwo):
        register(ports, replace(new, payout_account="acct_new"))
    register(ports, new)
    account = propose_bank(ports, new.id, DETAILS, "eve").account
    for mine in (account, "acct_mine"):
        with pytest.raises(DestinationNeedsTwo):
            change(ports, new.id, partial(replace, payout_account=mine))
    approve(ports, new.id, account, "bob")
    assert party(ports, new.id).payout_account == account
    assert register(ports, new) == new  # registered again, it keeps it
    assert party(ports, new.id).payout_account == account


def test_proposals_show_a_mask_and_the_details_lie_as_a_secret(ports: MemoryPorts) -> None:
    made = propose_bank(ports, CPO, DETAILS, "ada")
    (shown,) = proposals(ports, CPO)
    assert shown.shown == "DE…3000 Rheinstrom"
    assert DETAILS.iban not in str(ports.store.dump())
    assert DETAILS.iban in ports.secrets.read(f"bank-details/{made.account}")
