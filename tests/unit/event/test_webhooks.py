"""Does every event reach every endpoint that wants it: signed, repeated, and once as a fact?"""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import NotFound
from chalicelib.domain.event.delivery import Delivery, DeliveryState
from chalicelib.domain.event.event import Event
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.event.list import beginning, deliveries, page, read
from chalicelib.usecases.event.replay import NobodyListens, replay
from chalicelib.usecases.event.tell import tell
from chalicelib.usecases.webhook_endpoint.make import MadeEndpoint, make, rotate_secret
from chalicelib.usecases.webhook_endpoint.read import delete
from chalicelib.usecases.webhook_endpoint.read import read as read_endpoint
from sandbox.memory.world import PARTNERS, World

APP = PARTNERS[PaymentMethod.CARD]
URL = "https://partner.example/hook"


@pytest.fixture
def world() -> World:
    return World()


def listen(world: World, *events: str) -> MadeEndpoint:
    return make(world.ports, APP, URL, events or ("*",))


def tell_one(world: World, cause: str = "ses_1#1", type_: str = "session.started") -> Event:
    at = world.ports.clock.now()
    return tell(world.ports, APP, cause, type_, 1, at, "ses_1", {"state": "charging"})


def delivery(world: World, event: Event) -> Delivery:
    (found,) = deliveries(world.ports, APP, event.id)
    return found


def test_an_event_is_posted_with_a_signature_that_the_public_library_accepts(
    world: World,
) -> None:
    made = listen(world)
    event = tell_one(world)
    world.settle()
    ((url, body, headers),) = world.ports.web.posted
    told = Webhook(made.secret).verify(body, dict(headers))
    assert url == URL
    assert headers["webhook-id"] == event.id == told["id"]
    assert told == {
        "id": event.id,
        "type": "session.started",
        "timestamp": "2026-11-16T08:00:00Z",
        "object_id": "ses_1",
        "sequence": 1,
        "data": {"state": "charging"},
    }
    assert delivery(world, event).state is DeliveryState.DELIVERED


def test_a_changed_body_or_another_secret_fails_the_check(world: World) -> None:
    made = listen(world)
    tell_one(world)
    world.settle()
    ((_, body, headers),) = world.ports.web.posted
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body.replace(b"charging", b"billing_"), dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(body, dict(headers))


def test_an_event_told_twice_is_one_event_and_one_message(world: World) -> None:
    listen(world)
    first = tell_one(world)
    world.ports.clock.forward(minutes=3)
    second = tell(
        world.ports, APP, "ses_1#1", "session.started", 1, first.at, "ses_1", {"state": "other"}
    )
    world.settle()
    assert second == first
    assert len(world.ports.web.posted) == 1
    assert len(page(world.ports, APP, beginning(first.at), 10).events) == 1


def test_only_subscribed_types_are_sent_and_all_stand_in_the_feed(world: World) -> None:
    listen(world, "session.ended", "payout.*")
    tell_one(world, "a", "session.started")
    tell_one(world, "b", "session.ended")
    tell_one(world, "c", "payout.paid")
    world.settle()
    types = {json.loads(body)["type"] for _, body, _ in world.ports.web.posted}
    assert types == {"session.ended", "payout.paid"}
    assert len(page(world.ports, APP, beginning(world.ports.clock.now()), 10).events) == 3


def test_a_failing_endpoint_is_tried_for_three_days_with_growing_pauses(world: World) -> None:
    listen(world)
    world.ports.web.status = 500
    event = tell_one(world)
    world.settle()
    attempts = [world.ports.clock.now()]
    for _ in range(12 * 24 * 4):  # every five minutes for four days
        world.ports.clock.forward(minutes=5)
        before = len(world.ports.web.posted)
        sweep(world.ports)
        if len(world.ports.web.posted) > before:
            attempts.append(world.ports.clock.now())
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert len(attempts) == 10
    assert pauses == sorted(pauses)
    assert timedelta(hours=72) <= attempts[-1] - attempts[0] < timedelta(hours=82)
    assert delivery(world, event).state is DeliveryState.FAILED
    assert delivery(world, event).reason == "http_500"
    ids = {headers["webhook-id"] for _, _, headers in world.ports.web.posted}
    assert ids == {event.id}


def test_an_endpoint_that_comes_back_gets_its_message(world: World) -> None:
    listen(world)
    world.ports.web.status = 0
    event = tell_one(world)
    world.settle()
    assert delivery(world, event).reason == "no_answer"
    world.ports.web.status = 200
    world.ports.clock.forward(minutes=30)
    sweep(world.ports)
    assert delivery(world, event).state is DeliveryState.DELIVERED
    assert delivery(world, event).attempts == 2


def test_a_delivery_whose_stream_record_was_lost_is_found_by_the_sweeper(world: World) -> None:
    event = tell_one(world)
    listen(world)
    replay(world.ports, APP, event.id)
    world.ports.store.stream.clear()
    for _ in range(3):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
    assert delivery(world, event).state is DeliveryState.DELIVERED
    assert len(world.ports.web.posted) == 1


def test_an_endpoint_that_is_gone_is_disabled_and_gets_nothing_more(world: World) -> None:
    made = listen(world)
    world.ports.web.status = 410
    tell_one(world, "a")
    tell_one(world, "b")
    world.settle()
    assert read_endpoint(world.ports, APP, made.endpoint.id).state.value == "disabled"
    assert len(world.ports.web.posted) == 1
    tell_one(world, "c")
    world.settle()
    assert len(world.ports.web.posted) == 1


def test_a_deleted_endpoint_cancels_what_is_on_its_way_and_forgets_its_secret(
    world: World,
) -> None:
    made = listen(world)
    world.ports.web.status = 500
    event = tell_one(world)
    delete(world.ports, APP, made.endpoint.id)
    world.ports.clock.forward(minutes=30)
    sweep(world.ports)
    assert len(world.ports.web.posted) == 1
    assert made.endpoint.secret_name not in world.ports.secrets.values
    key = keys.delivery(event.id, made.endpoint.id)
    item = world.ports.store.get(key)
    assert item is not None
    assert item.body["state"] == "cancelled"


def test_an_event_is_replayed_also_to_an_endpoint_made_since(world: World) -> None:
    event = tell_one(world)
    with pytest.raises(NobodyListens):
        replay(world.ports, APP, event.id)
    listen(world)
    replay(world.ports, APP, event.id)
    world.settle()
    replay(world.ports, APP, event.id)
    world.settle()
    assert [headers["webhook-id"] for _, _, headers in world.ports.web.posted] == [event.id] * 2
    assert delivery(world, event).round == 2


def test_a_replay_of_what_has_failed_begins_three_new_days(world: World) -> None:
    listen(world)
    world.ports.web.status = 500
    event = tell_one(world)
    world.settle()
    replay(world.ports, APP, event.id)
    world.settle()
    again = delivery(world, event)
    assert (again.state, again.attempts, again.round) == (DeliveryState.PENDING, 1, 2)


def test_while_a_secret_is_rotated_both_receivers_accept_for_a_day(world: World) -> None:
    old = listen(world)
    new = rotate_secret(world.ports, APP, old.endpoint.id)
    tell_one(world, "a")
    world.settle()
    _, body, headers = world.ports.web.posted[-1]
    for secret in (old.secret, new.secret):
        Webhook(secret).verify(body, dict(headers))
    world.ports.clock.forward(hours=25)
    tell_one(world, "b")
    world.settle()
    _, body, headers = world.ports.web.posted[-1]
    Webhook(new.secret).verify(body, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(old.secret).verify(body, dict(headers))


def test_running_a_delivery_twice_or_too_early_sends_nothing_more(world: World) -> None:
    made = listen(world)
    event = tell_one(world)
    pk = keys.delivery(event.id, made.endpoint.id).pk
    world.ports.web.status = 500
    for _ in range(3):
        run_owner(world.ports, pk)
    assert len(world.ports.web.posted) == 1
    run_owner(world.ports, Key("delivery#evt_0#whe_0").pk)


def test_an_event_costs_few_write_units(world: World) -> None:
    listen(world)
    before = world.ports.store.writes
    tell_one(world)
    world.settle()
    assert world.ports.store.writes - before == 2  # in the feed, and what came of its delivery


class TestFeed:
    def test_pages_follow_each_other_over_days_without_gap_or_repeat(self, world: World) -> None:
        start = world.ports.clock.now()
        told = []
        for number in range(25):
            told.append(tell_one(world, str(number)).id)
            world.ports.clock.forward(hours=7)
        seen, after, more = [], beginning(start), True
        while more:
            found = page(world.ports, APP, after, 4)
            seen += [event.id for event in found.events]
            after, more = found.after, found.more
        assert seen == told == sorted(told)

    def test_a_reader_that_waits_at_the_end_sees_what_comes_next(self, world: World) -> None:
        after = page(world.ports, APP, beginning(world.ports.clock.now()), 10).after
        world.ports.clock.forward(days=2)
        event = tell_one(world)
        found = page(world.ports, APP, after, 10)
        assert [e.id for e in found.events] == [event.id]
        assert page(world.ports, APP, found.after, 10).events == ()

    def test_a_long_silence_is_looked_through_in_steps(self, world: World) -> None:
        after = beginning(world.ports.clock.now())
        world.ports.clock.forward(days=100)
        event = tell_one(world)
        steps = 0
        while True:
            found = page(world.ports, APP, after, 10)
            after, steps = found.after, steps + 1
            if found.events:
                break
            assert found.more
        assert found.events[0].id == event.id
        assert steps == 4

    @pytest.mark.parametrize("id_", ["", "evt_", "evt_" + "z" * 32, "evt_" + "f" * 32, "x"])
    def test_what_is_no_events_id_is_not_found(self, world: World, id_: str) -> None:
        with pytest.raises(NotFound):
            read(world.ports, APP, id_)

    def test_an_event_is_read_by_its_id_alone(self, world: World) -> None:
        event = tell_one(world)
        assert read(world.ports, APP, event.id) == event
        with pytest.raises(NotFound):
            read(world.ports, PARTNERS[PaymentMethod.INVOICE], event.id)


def test_the_signature_is_dated_by_the_wall_not_by_the_market(world: World) -> None:
    world.ports.clock.at = datetime(2030, 1, 1, tzinfo=UTC)
    listen(world)
    tell_one(world)
    world.settle()
    ((_, _, headers),) = world.ports.web.posted
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
