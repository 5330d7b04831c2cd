"""Which webhooks are believed? Those signed with a live secret, lately, over these very bytes."""

import json
import time
from typing import Any

import pytest
import stripe

from chalicelib.adapters.stripe.webhook import StripeEvents
from chalicelib.domain.errors import Invalid
from chalicelib.ports.payment_events import PaymentEvent, SignatureRefused
from sandbox.memory.plain import MemorySecrets
from sandbox.peers.provider.events import signed

OLD, NEW = "whsec_old", "whsec_new"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "data": {"object": {"id": "pi_1", "metadata": {"session_id": "ses_1"}}},
}


@pytest.fixture
def events() -> StripeEvents:
    secrets = MemorySecrets()
    secrets.write("stripe/webhook", json.dumps([OLD, NEW]))
    return StripeEvents(secrets, "stripe/webhook")


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_both_secrets_of_a_rotation_are_live(events: StripeEvents, secret: str) -> None:
    body, signature = signed(EVENT, secret, now())
    read = events.read(body, signature)
    assert read == PaymentEvent("evt_1", "payment_intent.succeeded", "pi_1", "", "ses_1")


def test_the_sdk_signs_as_the_provider_does(events: StripeEvents) -> None:
    body = json.dumps(EVENT)
    header = stripe.WebhookSignature.generate_signature_header(body, NEW)
    assert events.read(body.encode(), header).id == "evt_1"


def test_a_payouts_event_names_its_account(events: StripeEvents) -> None:
    subject = {"id": "po_1", "metadata": {"payout_id": "pay_1"}}
    said = {**EVENT, "type": "payout.paid", "account": "acct_1", "data": {"object": subject}}
    read = events.read(*signed(said, OLD, now()))
    assert (read.subject, read.account, read.owner) == ("po_1", "acct_1", "pay_1")


@pytest.mark.parametrize(
    "signature",
    ["", "v1=", "t=1", "nonsense", "t=x,v1=y", "t=1,v1=ä", "t=1,v0=abc", "t=99999999999999,v1=0"],
)
def test_an_unreadable_signature_is_refused(events: StripeEvents, signature: str) -> None:
    body, _ = signed(EVENT, OLD, now())
    with pytest.raises(SignatureRefused):
        events.read(body, signature)


def test_another_secret_or_another_body_is_refused(events: StripeEvents) -> None:
    body, signature = signed(EVENT, OLD, now())
    with pytest.raises(SignatureRefused):
        events.read(*signed(EVENT, "whsec_other", now()))
    with pytest.raises(SignatureRefused):
        events.read(body.replace(b"pi_1", b"pi_2"), signature)
    with pytest.raises(SignatureRefused):
        events.read(b"\xff" + body, signature)


def test_a_signature_is_good_for_five_minutes(events: StripeEvents) -> None:
    assert events.read(*signed(EVENT, OLD, now() - 290)).id == "evt_1"
    with pytest.raises(SignatureRefused):
        events.read(*signed(EVENT, OLD, now() - 310))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {**EVENT, "data": {}},
        {**EVENT, "object": "v2.core.event"},
        {**EVENT, "data": {"object": "pi_1"}},
        {**EVENT, "id": 7},
    ],
)
def test_a_signed_body_that_is_no_event_is_invalid(
    events: StripeEvents, said: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        events.read(*signed(said, OLD, now()))
