"""Does the provider list what happened, where no webhook came? A part of the second's template."""

from datetime import datetime, timedelta

import pytest

from chalicelib.adapters.stripe import events
from chalicelib.domain.money import Money, currency
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import HoldRequest, SetupRequest
from sandbox.memory import told
from tests.contract.payment_rigs import PaymentRig
from tests.contract.provider_server import START

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR = currency("EUR")


def charged(rig: PaymentRig, session: str = "ses_1") -> str:
    asked = HoldRequest(session, Money(5000, EUR), "pm_card_visa")
    hold = rig.payments.hold(asked, f"{session}:h")
    return rig.payments.capture(hold.reference, Money(1749, EUR), f"{session}:c").reference


_DISPUTES = ("charge.dispute.created", "charge.dispute.closed")


def _listed(rig: PaymentRig, *types: str, since: datetime = START) -> list[tuple[str, str, str]]:
    """Type, subject and owner of each event until now, page by page, the newest first."""
    found, after = list[PaymentEvent](), ""
    while True:
        until = rig.clock.at + timedelta(seconds=1)
        page = rig.payments.events(types, since, until, after)
        found += [one.event for one in page.events]
        assert all(one.body for one in page.events)
        if not page.more:
            return [(event.type, event.subject, event.owner) for event in found]
        assert page.events, "a page before the last has events"
        after = page.events[-1].event.id


def test_the_provider_lists_what_happened_whether_or_not_it_told(rig: PaymentRig) -> None:
    dispute = rig.open_dispute(charged(rig), "general", inquiry=True)
    setup = rig.payments.set_up(SetupRequest("mth_1", "card"), "setup").reference
    rig.later(minutes=1)
    rig.confirm_setup(setup, "pm_card_visa")
    assert _listed(rig, "charge.dispute.created", "setup_intent.succeeded") == [
        ("setup_intent.succeeded", setup, "mth_1"),
        ("charge.dispute.created", dispute, ""),
    ]
    assert _listed(rig, "refund.failed") == []


def test_an_inquiry_that_becomes_a_chargeback_is_listed_with_what_it_took(rig: PaymentRig) -> None:
    inquiry = rig.open_dispute(charged(rig), "general", inquiry=True)
    took = ("charge.dispute.updated", "charge.dispute.funds_withdrawn")
    assert _listed(rig, *took) == []
    rig.later(minutes=1)
    rig.escalate_dispute(inquiry)
    told = [(type_, inquiry, "") for type_ in took]
    assert sorted(_listed(rig, *took)) == sorted(told)


def test_events_are_listed_of_a_span(rig: PaymentRig) -> None:
    first = rig.open_dispute(charged(rig), "general")
    rig.later(hours=1)
    second = rig.open_dispute(charged(rig, "ses_2"), "general")
    hour = timedelta(hours=1)
    assert _listed(rig, "charge.dispute.created", since=START + hour) == [
        ("charge.dispute.created", second, "")
    ]
    page = rig.payments.events(_DISPUTES, START, START + hour)
    assert [one.event.subject for one in page.events] == [first]


def test_a_long_list_comes_in_pages(rig: PaymentRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "PAGE", 2)
    monkeypatch.setattr(events, "_PAGE", 2)
    opened = []
    for number in range(5):
        opened.append(rig.open_dispute(charged(rig, f"ses_{number}"), "general"))
        rig.later(seconds=1)
    assert [subject for _, subject, _ in _listed(rig, *_DISPUTES)] == opened[::-1]
