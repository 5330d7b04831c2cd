"""Does each driver have one token, and does nobody learn who the driver is?"""

from datetime import datetime

import pytest

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import TokenUnknown
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.token.token import PaymentSourceTaken, Token
from chalicelib.ports.store import Write
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.token.issue import issue, withdraw
from chalicelib.usecases.token.list import partner_tokens, tokens_page
from chalicelib.usecases.token.read import token_by_id, token_by_uid
from sandbox.memory.ports import MemoryPorts
from tests.unit.token.terms import agreed

APP, FLEET = PartyId("par_app"), PartyId("par_fleet")


CPO = PartyId("cpo_a")
CONNECTION = Connection(PeerId("peer_1"), ConnectionState.REGISTERED, CPO, {"DE*ALF": CPO})


def listed(
    ports: MemoryPorts, since: datetime | None = None, until: datetime | None = None
) -> list[Token]:
    """What the CPO reads, a token a page."""
    found, total = tokens_page(ports, CONNECTION, (since, until), (0, 1))
    for offset in range(1, total):
        found += tokens_page(ports, CONNECTION, (since, until), (offset, 1))[0]
    return found


@pytest.fixture
def ports() -> MemoryPorts:
    return MemoryPorts()


def test_a_driver_has_one_token_however_often_it_is_asked_for(ports: MemoryPorts) -> None:
    first = issue(ports, APP, "driver@example.com", "pm_1")
    before = ports.store.dump()
    assert issue(ports, APP, "driver@example.com", "pm_1") == first
    assert ports.store.dump() == before
    assert issue(ports, FLEET, "driver@example.com", "pm_1").id != first.id


def test_another_payment_source_changes_the_token_and_its_place_in_the_list(
    ports: MemoryPorts,
) -> None:
    first = issue(ports, APP, "d", "pm_1")
    ports.clock.forward(minutes=1)
    second = issue(ports, APP, "d", "pm_2")
    assert (second.uid, second.payment_source) == (first.uid, "pm_2")
    assert second.last_updated > first.last_updated
    agreed(ports, APP, CPO, ports.clock.now())
    assert listed(ports) == [second]
    assert listed(ports, until=second.last_updated) == []


def test_a_cpo_is_told_of_the_tokens_that_may_charge_there(ports: MemoryPorts) -> None:
    theirs, _ = issue(ports, APP, "d", "pm_1"), issue(ports, FLEET, "e", "pm_1")
    agreed(ports, APP, CPO, ports.clock.now())
    agreed(ports, FLEET, PartyId("cpo_other"), ports.clock.now())
    assert listed(ports) == [theirs]
    ports.clock.forward(minutes=10)
    since = ports.clock.now()
    assert listed(ports, since) == []
    ports.clock.forward(minutes=10)
    agreed(ports, FLEET, EVERY_CPO, ports.clock.now())  # what it was not told of before is news now
    ports.clock.forward(minutes=10)
    assert [token.partner_id for token in listed(ports, since)] == [FLEET]
    assert {token.partner_id for token in listed(ports)} == {APP, FLEET}
    ports.clock.forward(minutes=60 * 24 * 400)  # to when no agreement holds any more
    assert listed(ports) == []


def test_the_books_know_a_driver_only_by_a_salted_hash(ports: MemoryPorts) -> None:
    token = issue(ports, APP, "driver@example.com", "pm_1")
    assert "driver@example.com" not in str(ports.store.dump())
    assert "driver@example.com" in str(ports.personal.dump())
    ports.personal_salt = "pepper"
    assert issue(ports, APP, "driver@example.com", "pm_1").driver_hash != token.driver_hash


def test_a_token_is_withdrawn_once_and_comes_back_when_it_is_issued_again(
    ports: MemoryPorts,
) -> None:
    token = issue(ports, APP, "d", "pm_1")
    gone = withdraw(ports, APP, token.id)
    assert not gone.valid
    assert withdraw(ports, APP, token.id) == gone
    assert token_by_uid(ports, token.uid.lower()) == gone
    assert issue(ports, APP, "d", "pm_1").valid


def test_another_partners_token_looks_as_if_it_were_not_there(ports: MemoryPorts) -> None:
    token = issue(ports, APP, "d", "pm_1")
    for call in (token_by_id, withdraw):
        with pytest.raises(NotFound):
            call(ports, FLEET, token.id)
    assert partner_tokens(ports, FLEET, "", 10) == ([], "")
    with pytest.raises(TokenUnknown):
        token_by_uid(ports, "nobody")


def test_a_partner_lists_its_tokens_page_by_page(ports: MemoryPorts) -> None:
    issued = {issue(ports, APP, f"d{number}", "pm_1").id for number in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        found, cursor = partner_tokens(ports, APP, cursor, 2)
        seen.extend(token.id for token in found)
        if not cursor:
            break
    assert (set(seen), len(seen)) == (issued, 5)


@pytest.mark.parametrize("reference", ["", "x" * 201])
def test_a_driver_without_a_sensible_reference_is_refused(
    ports: MemoryPorts, reference: str
) -> None:
    with pytest.raises(Invalid) as refused:
        issue(ports, APP, reference, "pm_1")
    assert refused.value.field == "driver_reference"


CARD = "pm_1Qx7LtJkdIwHu7ixUEgbFdYF"


@pytest.mark.parametrize("partner", [APP, FLEET])
def test_a_card_that_was_given_for_one_driver_is_no_other_driver_s(
    ports: MemoryPorts, partner: PartyId
) -> None:
    issue(ports, APP, "first", CARD)
    before = ports.store.dump()
    with pytest.raises(PaymentSourceTaken):
        issue(ports, partner, "second", CARD)
    known = issue(ports, partner, "third")
    with pytest.raises(PaymentSourceTaken):
        issue(ports, partner, "third", CARD)
    assert token_by_id(ports, partner, known.id).payment_source == ""
    assert before.items() <= ports.store.dump().items()


def test_a_driver_s_card_stays_its_own_when_another_one_was_given_meanwhile(
    ports: MemoryPorts,
) -> None:
    issue(ports, APP, "driver", CARD)
    issue(ports, APP, "driver", "pm_1QyOther8JkdIwHu7ixUEgbF")
    with pytest.raises(PaymentSourceTaken):
        issue(ports, APP, "another", CARD)
    assert issue(ports, APP, "driver", CARD).payment_source == CARD


def test_of_two_drivers_who_are_given_a_card_at_once_one_has_it(ports: MemoryPorts) -> None:
    write, seen = ports.store.write, list[object]()

    def overtaken(*writes: Write) -> None:
        if not seen:
            seen.append(writes)
            issue(ports, FLEET, "faster", CARD)
        write(*writes)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ports.store, "write", overtaken)
        with pytest.raises(PaymentSourceTaken):
            issue(ports, APP, "slower", CARD)


def test_a_test_card_of_the_provider_is_a_new_one_each_time(ports: MemoryPorts) -> None:
    issue(ports, APP, "first", "pm_card_visa")
    assert issue(ports, APP, "second", "pm_card_visa").payment_source == "pm_card_visa"
