"""When may an eMSP's card not charge, and in which of OCPI's words is the CPO told?"""

from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.token.limits import Budget, BudgetOf, Every, Limits
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.token.issue import Terms, issue, token_id_of
from sandbox.memory.world import PARTNERS, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import YES, hold, sessions, tell
from tests.integration.ocpi.hub.charge_scene import (
    COMMAND,
    START,
    Wire,
    second_emsp,
)
from tests.integration.ocpi.hub.emsp_scene import LOCATION, PARTNER, TOKEN


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("word", ["BLOCKED", "EXPIRED", "NO_CREDIT", "NOT_ALLOWED"])
def test_the_emsps_no_is_passed_on_in_its_own_word(
    world: World, cpo: Peer, wire: Wire, word: str
) -> None:
    wire.says = {**YES, "allowed": word}
    answer = hold(cpo)
    assert (answer.status, answer.data["allowed"], answer.data["info"]) == (
        1000,
        word,
        YES["info"],
    )
    assert "authorization_reference" not in answer.data
    assert not sessions(world)


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("says", "status"),
    [
        ({"allowed": "PERHAPS"}, 1000),
        ({"allowed": "ALLOWED", "location": {"location_id": "L1", "evse_uids": ["E9"]}}, 1000),
        (None, 2004),
        (None, 1000),
        ({"allowed": ["ALLOWED"]}, 1000),
    ],
)
def test_what_is_no_yes_for_this_charger_is_a_no(
    world: World, cpo: Peer, wire: Wire, says: Any, status: int
) -> None:
    wire.says, wire.status = says, status
    assert hold(cpo).data["allowed"] == "NOT_ALLOWED"
    assert not sessions(world)


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    "says",
    [
        {"allowed": "BLOCKED", "authorization_reference": ""},
        {"allowed": "BLOCKED", "info": "see our app"},
        {"allowed": "BLOCKED", "location": ""},
        {"allowed": "ALLOWED", "location": {"location_id": "L1", "evse_uids": [""]}},
        {"allowed": "PERHAPS"},
        {},
        None,
        [],
    ],
)
def test_what_cannot_be_read_is_no_silence(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, says: Any
) -> None:
    """The token is good without an answer, and an answer came."""
    tell(emsp, whitelist="ALLOWED", last_updated="2026-11-16T07:10:00Z")
    wire.says = says
    assert hold(cpo).data["allowed"] in {"NOT_ALLOWED", "BLOCKED"}
    assert not sessions(world)


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("whitelist", "word"),
    [
        ("ALWAYS", "ALLOWED"),
        ("ALLOWED", "ALLOWED"),
        ("ALLOWED_OFFLINE", "ALLOWED"),
        ("NEVER", "NOT_ALLOWED"),
        ("SOMETIMES", "NOT_ALLOWED"),
    ],
)
def test_without_an_answer_the_tokens_whitelist_decides(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, whitelist: str, word: str
) -> None:
    tell(emsp, whitelist=whitelist, last_updated="2026-11-16T07:10:00Z")
    wire.down = True
    answer = hold(cpo)
    assert answer.data["allowed"] == word
    assert len(sessions(world)) == (word == "ALLOWED")
    assert ("emsp_silent" in answer.message) is (word == "NOT_ALLOWED")


@pytest.mark.usefixtures("card")
def test_a_balance_that_does_not_suffice_is_no_credit(world: World, cpo: Peer, emsp: Peer) -> None:
    for number in range(40):
        emsp.send("POST", START, {**COMMAND, "authorization_reference": f"r{number}"})
        world.settle()
        world.ports.clock.forward(minutes=1)
    other = {**TOKEN, "uid": "OTHER", "contract_id": "NL-APP-COTHER"}
    tell(emsp, **other)
    answer = hold(cpo, uid="OTHER")
    assert answer.data["allowed"] == "NO_CREDIT"
    assert "balance" not in answer.text  # that is between the partner and us


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("limits", "word"),
    [
        (Limits(countries=("FR",)), "NOT_ALLOWED"),
        (
            Limits(budgets=(Budget(BudgetOf.DRIVER, Every.DAY, Money(100, Currency("EUR"))),)),
            "NO_CREDIT",
        ),
    ],
)
def test_limits_that_the_partner_set_by_the_api_hold_for_the_card(
    world: World, cpo: Peer, limits: Limits, word: str
) -> None:
    reference = "ocpi:NL*APP:RFID:0482ab"
    issue(world.ports, PARTNER, reference, terms=Terms(limits=limits))
    assert hold(cpo).data["allowed"] == word
    assert not sessions(world)


@pytest.mark.usefixtures("card")
def test_a_card_that_is_not_valid_is_blocked(cpo: Peer, emsp: Peer, wire: Wire) -> None:
    tell(emsp, valid=False, last_updated="2026-11-16T07:10:00Z")
    assert hold(cpo).data["allowed"] == "BLOCKED"
    assert not wire.to("/authorize")


@pytest.mark.usefixtures("card")
def test_the_price_must_be_known_before(world: World, cpo: Peer, wire: Wire) -> None:
    """OCPI tells at which EVSE a card is, not at which connector."""
    evse = LOCATION["evses"][0]
    other = {**evse["connectors"][0], "id": "2", "tariff_ids": ["T2"]}
    body = {
        **LOCATION,
        "evses": [{**evse, "connectors": [*evse["connectors"], other]}, {**evse, "uid": "E2"}],
        "last_updated": "2026-11-16T07:30:00Z",
    }
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", body).status == 1000
    answer = hold(cpo)
    assert answer.data["allowed"] == "NOT_ALLOWED"
    assert "connectors_differ" in answer.message
    assert hold(cpo, {"location_id": "L9"}).data["allowed"] == "NOT_ALLOWED"
    assert hold(cpo, {"location_id": "L1"}).status == 2002  # which of the two?
    assert hold(cpo, None).status == 2002
    assert not wire.sent
    assert not sessions(world)
    assert hold(cpo, {"location_id": "L1", "evse_uids": ["E2"]}).data["allowed"] == "ALLOWED"


def test_an_agreement_paid_by_cards_is_refused_at_the_charger_too(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.CARD])
    tell(other, country_code="FR", party_id="TWO", uid="FRCARD")
    answer = hold(cpo, uid="FRCARD")
    assert answer.data["allowed"] == "NOT_ALLOWED"
    assert "card_over_ocpi" in answer.message
    assert not wire.sent


@pytest.mark.usefixtures("card")
def test_of_an_erased_driver_the_card_is_unknown(world: World, cpo: Peer) -> None:
    id_ = token_id_of(world.ports, PARTNER, "ocpi:NL*APP:RFID:0482ab")
    world.ports.personal.write(Delete(keys.emsp_token(id_)))
    answer = hold(cpo)
    assert (answer.http, answer.status) == (404, 2004)
