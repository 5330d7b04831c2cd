"""What does one whole session write? Every use case of its life, on a table that counts.

Quote, start, charger's reports, CDR, money, evidence, events to one webhook endpoint and the
sweeper's rounds until everything is quiet; settlement, which writes per window, is not part of it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from bench import messages
from bench.counting import CountingStore, Written
from chalicelib.domain.access.key import Scope, Stage
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.canonical import content_hash
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ocpi.envelope.authorization import candidates, shown
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.session import read_patch, read_session
from chalicelib.ports.cpo import Received
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.access.authenticate import authenticate as authenticate_partner
from chalicelib.usecases.access.issue_key import issue_key
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.charger_session.accept_report import (
    SessionName,
    accept_patch,
    accept_whole,
)
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.connection.authenticate import authenticate
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.quote.offer import offer_of
from chalicelib.usecases.remembered import remembering
from chalicelib.usecases.session.start import start
from chalicelib.usecases.session.start_result import command_result
from chalicelib.usecases.webhook_endpoint.make import make
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import PARTNERS, PEER, World

PATCHING = "PATCHes"  # the step whose writes have a budget of their own
_NAME = SessionName("DE", "RHE", messages.CHARGER_ID)
_SWEPT_EVERY = timedelta(minutes=5)
_SWEPT_FOR = timedelta(hours=24)
_TOKEN = "ebf3b399-779f-4497-9b9d-ac6ad3cc44d2"  # noqa: S105 - of a CPO that is made up
_KEY = "2f1c7f64-0a2b-4c36-8f4e-0f6d1f6a9b11"  # an Idempotency-Key is a UUID as a rule
_NOT_OF_A_SESSION = {"sweeper", "canary#effects"}


class Journey:
    """One session of a partner that pays by `method`, from the quote to the last sweep."""

    def __init__(self, method: PaymentMethod) -> None:
        self.store = CountingStore()
        self.requests: Counter[str] = Counter()  # by who sends them
        self.world = World(MemoryPorts(store=self.store))
        self.ports, self.method, self.partner_id = self.world.ports, method, PARTNERS[method]
        self._place = replace(self.ports.cpos.network[0], last_updated=self.ports.clock.now())
        accept_location(self.ports, self.world.connection, self._place, "{}")
        make(self.ports, self.partner_id, "https://partner.example/hooks", ("*",))
        self._token()
        self._api_key = issue_key(self.ports, self.partner_id, Stage.LIVE, tuple(Scope), "bench")
        self._swept = self.ports.clock.now()
        sweep(self.ports)
        self.store.stream.clear()
        self.store.written.clear()
        self.store.reads = self.store.units_read = self.store.streamed = 0
        self.store.read_by.clear()
        self.store.calls.clear()

    def run(self) -> list[Written]:
        """Every write of the session's life, in order."""
        session = self._start()
        began = self.ports.clock.now()
        self._charge(session, began)
        self._bill(session, began)
        self.store.step = "sweeps"
        self._until(began + _SWEPT_FOR)
        ended = self._now(session)
        assert ended.state is SessionState.BILLED, ended.state
        assert ended.evidence, "the pack is sealed"
        assert not ended.effects, ended.effects
        return [w for w in self.store.written if w.key.pk not in _NOT_OF_A_SESSION]

    def _token(self) -> None:
        """The CPO's credentials token, in a process that it has called before."""
        row = keys.ocpi_token(token_hash(_TOKEN))
        record = connection_record(self.ports, PEER)
        known = replace(record.value, token_hash=token_hash(_TOKEN))
        self.store.write(Put(row, {"peer_id": PEER}), record.put(known))
        self._called()

    @contextmanager
    def _request(self, sender: str) -> Iterator[None]:
        """What is asked of the table meanwhile, somebody's request waits for."""
        self.requests[sender] += 1
        self.store.is_serving = True
        yield
        self.store.is_serving = False

    def _called(self) -> Connection:
        """As each request of the CPO begins."""
        return authenticate(self.ports, candidates(shown(_TOKEN)))

    def _now(self, session: Session) -> Session:
        return self.store.quietly(lambda: self.world.session(session.id))

    def _start(self) -> Session:
        quote = self._quote()
        self.store.step = "start"
        asked = content_hash({"quote": quote.id})
        token = f"tok_{self.method.value}"
        with self._request("partners"):
            authenticate_partner(self.ports, self._api_key.text)
            session = start(self.ports, self.partner_id, quote.id, token, _KEY, asked)
        self.world.settle()
        with self._request("CPO"):
            command_result(self.ports, self._called().id, "START_SESSION", session.id, "ACCEPTED")
        self._provider_tells(session, "payment_intent.amount_capturable_updated")
        self._until(self.ports.clock.now() + timedelta(minutes=1))
        return self._now(session)

    def _quote(self) -> Quote:
        self.store.step = "quote"
        place = public_id(self._place)
        with self._request("partners"):
            authenticate_partner(self.ports, self._api_key.text)
            ports, _ = remembering(self.ports)
            quote = make_quote(ports, self.partner_id, place, "E1", "1", messages.KWH, 3600)
            offer_of(ports, quote)
        return quote

    def _charge(self, session: Session, began: datetime) -> None:
        """The charger tells by PUT that it started, then by PATCH how far it is."""
        self.store.step = "PUT"
        body = messages.put(session.authorization_reference, session.token_uid, began)
        raw = messages.text(body)
        whole, mended = read_session(parse_object(raw))
        with self._request("CPO"):
            accept_whole(self.ports, self._called(), whole, raw, *mended)
        self.world.settle()
        for number in range(1, messages.PATCHES + 1):
            self.store.step = "while charging"
            self._until(began + timedelta(minutes=messages.MINUTES * number))
            self.store.step = PATCHING
            raw = messages.text(messages.patch(began, number))
            change, mended = read_patch(parse_object(raw))
            with self._request("CPO"):
                accept_patch(self.ports, self._called(), _NAME, change, raw, *mended)
            self.store.step = "while charging" if number < messages.PATCHES else "end"
            self.world.settle()

    def _bill(self, session: Session, began: datetime) -> None:
        self._until(self.ports.clock.now() + timedelta(minutes=1))
        self.store.step = "CDR"
        raw = messages.text(messages.cdr(session.authorization_reference, session.token_uid, began))
        cdr, _ = read_cdr(parse_object(raw), sha256(raw.encode()).hexdigest())
        with self._request("CPO"):
            accept_pulled_cdr(self.ports, self._called(), Received(cdr, raw))
        self.world.settle()
        self._provider_tells(session, "payment_intent.succeeded")

    def _provider_tells(self, session: Session, type_: str) -> None:
        """Stripe tells of what we asked for, too."""
        if self.method is not PaymentMethod.CARD:
            return
        step, self.store.step = self.store.step, "provider's webhooks"
        subject = self._now(session).payment.reference
        id_ = f"evt_{sha256(type_.encode()).hexdigest()[:24]}"
        event = PaymentEvent(id_, type_, subject, owner=session.id)
        body = messages.provider_event(id_, type_, subject, session.id)
        with self._request("provider"):
            receive_event(self.ports, "stripe", event, body)
        self.world.settle()
        self.store.step = step

    def _until(self, at: datetime) -> None:
        """Let the clock go on, with a sweep every five minutes; the CPO can be asked."""
        while self._swept + _SWEPT_EVERY <= at:
            self._swept += _SWEPT_EVERY
            self.ports.clock.at = self._swept
            self.ports.cpos.reports = self._told()
            step, self.store.step = self.store.step, "sweeps"
            sweep(self.ports)
            self.world.settle()
            self.store.step = step
        self.ports.clock.at = at

    def _told(self) -> list[ReportedSession]:
        pk = f"charging#{PEER}#DE*RHE#{messages.CHARGER_ID}"

        def looked_up() -> list[ReportedSession]:
            known = self.store.query(pk, limit=1)
            return [fold(self.store, PEER, "DE", "RHE", messages.CHARGER_ID)] if known else []

        return self.store.quietly(looked_up)  # it is the CPO that looks what it would tell
