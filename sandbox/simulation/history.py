"""What happens in one history? A market's day, with everything that can go wrong, then quiet.

One seed is one history: nothing here asks a real clock, a real die or a hash of the process.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from chalicelib.domain.ids import SessionId, external_id
from chalicelib.domain.money import Money
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find
from chalicelib.usecases.session.start import start
from chalicelib.usecases.session.stop import stop
from chalicelib.usecases.tariff import read as tariffs
from sandbox.memory.plain import MemoryClock, MemoryFiles, MemoryIds
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import EUR, PARTNERS
from sandbox.simulation.acts import Acts
from sandbox.simulation.bank import SimulatedBank, SimulatedMailbox
from sandbox.simulation.charger import SimulatedCpo, SimulatedCpos
from sandbox.simulation.endings import rests, unheard
from sandbox.simulation.faults import Faults, NoFaults
from sandbox.simulation.market import CHF, Market, Place, market_of, quote_row, token_of
from sandbox.simulation.outside import Outside
from sandbox.simulation.papers import PlainPapers
from sandbox.simulation.post import Post
from sandbox.simulation.provider import SimulatedPayments, SimulatedPayouts
from sandbox.simulation.receiving import receiving
from sandbox.simulation.running import End, Processes, Ran
from sandbox.simulation.schedules import Schedules
from sandbox.simulation.trip import CARDS, Scenario, Trip

_EVENTS_MAX = 3_000
BANK_FLOAT = 500_000  # our own money at the bank
_WINDOWS = keys.windows()
_TRIES = 6  # of a partner, a CPO or a provider whose call was not answered
_RETRIES_S = (3, 30, 300, 3600, 6 * 3600, 20 * 3600)


@dataclass
class Asked:
    """A driver's start as its partner knows it. `answer`: our last one."""

    trip: Trip
    place: Place
    session_id: SessionId
    key: Key
    answer: Ran | None = None


@dataclass
class History:
    """`run()` plays it to its end. What is left can be looked into by the invariants."""

    scenario: Scenario
    faults: Faults
    random: Random
    asked: list[Asked] = field(default_factory=list)
    begun = staticmethod(market_of)

    def __post_init__(self) -> None:
        tariffs.forget()  # every process begins without, and so do we
        cpos = 1 + max(trip.cpo for trip in self.scenario.trips)
        self.market: Market = self.begun(self.scenario.day, cpos)
        self.clock = MemoryClock(self.scenario.day)
        self.post = Post(self.clock, self.faults)
        self.table = self.market.table.fork()
        self.ports = self._ports()
        self.schedules = Schedules(self)
        self.outside = Outside(self.ports, self.schedules, self.faults)
        self.outside.others = self._others
        self.processes = Processes(self.outside, self.deliver_stream)
        self.schedules.begin()
        self._nested = self._events = self.heard = 0  # `heard`: of the provider's events
        self.last_trip_at = self._ends_at()
        # Storms last into the night, in which windows close, or for days, in which keys lapse.
        self._stormy = timedelta(hours=self.random.choice((4, 26, 26, 50, 8 * 24)))
        self._fund()
        for trip in self.scenario.trips:
            self._plan(trip)
        self.acts = Acts(self)
        port, minute, minutes = self.scenario.outage
        away = self.scenario.day + timedelta(minutes=minute)
        self.outside.away = (port, away, away + timedelta(minutes=minutes))

    def run(self) -> None:
        """Until every message has come; then the sky clears, and what was left is picked up."""
        self._play(self.last_trip_at + self._stormy)
        self.clear_sky()
        self._play(None)

    def clear_sky(self) -> None:
        """From here on nothing goes wrong any more, but for what waits for its one site."""
        if self.faults.pass_by:
            self.post.faults = calm = NoFaults()
            self.outside.let(calm)

    def explained(self) -> bool:
        """Whether nothing more is to be expected: every session and payout has come to its end."""
        return not unheard(self) and rests(self)

    def nights(self) -> bool:
        """Whether its windows are settled: as the scenario says, or since one was opened."""
        return self.scenario.nights or self.table.holds(_WINDOWS)

    def sessions(self) -> list[Session]:
        found = [find(self.table, asked.key, Session) for asked in self.asked]
        return [record.value for record in found if record is not None]

    def deliver_stream(self) -> None:
        """What was written with pending effects goes to the stream's reader, in order per key."""
        stream = self.table.stream
        while stream:
            key = stream.popleft()
            self.post.send("stream", partial(self._read_stream, key, 0), lane=key.pk)

    # How others call us. What is not answered is repeated, for as long as each of them would.

    def start(self, asked: Asked, tries: int = 0) -> None:
        trip, place = asked.trip, asked.place
        self.asked_at[trip.number] = self.clock.at
        quote = self.market.quote(trip.number, place, trip.method, Money(trip.hold_minor, EUR))
        row = quote_row(quote, self.clock.at)
        if self.table.get(row.key) is None:
            self.table.write(row)
        ran = self.processes.run(
            "start",
            lambda ports: start(
                ports,
                PARTNERS[trip.method],
                quote.id,
                token_of(trip.method, trip.card),
                f"key-{trip.number}",
                "hash",
                "https://app.example/back",
            ),
        )
        asked.answer = ran
        if not ran.answered and tries < _TRIES:
            after_s = (2, 5, 20, 60, 120, 240)[tries]
            self.post.send("partner", partial(self.start, asked, tries + 1), after_s=after_s)

    def stop(self, asked: Asked, tries: int = 0) -> None:
        partner, id_ = PARTNERS[asked.trip.method], asked.session_id
        ran = self.processes.run("stop", lambda ports: stop(ports, partner, id_))
        if not ran.answered and tries < _TRIES:
            self.post.send("partner", partial(self.stop, asked, tries + 1), after_s=10)

    def push(self, place: Place, told: Any, tries: int = 0) -> None:  # noqa: ANN401 - see charger
        """A CPO sends an object. Unanswered it is sent once or twice more, or never again."""
        self.post.send("push", partial(self._pushed, place, told, tries))

    def tell(self, event: PaymentEvent, at: datetime) -> None:
        """The provider sends a webhook, and repeats it for days until it is answered."""
        self.post.send("webhook", partial(self._told, event, 0), at=at)

    def _pushed(self, place: Place, told: Any, tries: int) -> None:  # noqa: ANN401
        use_case, act = receiving(place, told)
        ran = self.processes.run(use_case, act)
        if isinstance(told, tuple) and ran.end is End.REFUSED and len(told) == 2:
            if isinstance(told[0], ReportedSession):
                self.push(place, told[0])  # it knows no such session: then the whole of it
        elif not ran.answered and tries < self.random.randrange(3):
            again = partial(self._pushed, place, told, tries + 1)
            self.post.send("push", again, after_s=60)

    def _told(self, event: PaymentEvent, tries: int) -> None:
        ran = self.processes.run(
            "receive_event",
            lambda ports: receive_event(ports, "stripe", event, event.id.encode()),
        )
        if not ran.answered and tries < _TRIES:
            after_s = _RETRIES_S[tries]
            self.post.send("webhook", partial(self._told, event, tries + 1), after_s=after_s)

    def _read_stream(self, key: Key, tries: int) -> None:
        pk = key.pk
        ran = self.processes.run(
            f"run_effects:{pk.partition('#')[0]}", lambda ports: self.schedules.isolated(ports, pk)
        )
        if not ran.answered and tries < _TRIES:
            again = partial(self._read_stream, key, tries + 1)
            self.post.send("stream", again, after_s=5, lane=pk)

    # The making of it.

    def _ports(self) -> MemoryPorts:
        ports = MemoryPorts(clock=self.clock, store=self.table)
        ports.files, ports.ids = MemoryFiles(), MemoryIds()
        ports.papers = PlainPapers()
        self.clock.wall = self.clock.now  # type: ignore[method-assign] # no wall in a history
        self.payouts = SimulatedPayouts(self.clock, self.tell)
        self.payments = SimulatedPayments(self.clock, self.payouts, self.tell)
        self.payments.asks_bank = self._asks_bank
        self.payments.shows_form = self._shows_form
        self.payments.later = lambda at, act: self.post.send("bank", act, at=at)
        ports.mailbox = mailbox = SimulatedMailbox()
        self.bank = SimulatedBank(mailbox, self.clock, self.payments.later)
        ports.payouts, ports.payments = self.payouts, self.payments
        self.trips: dict[str, Trip] = {}
        self.asked_at: dict[int, datetime] = {}
        self.cpos = {
            place.peer: SimulatedCpo(
                network=[place.location],
                place=place,
                post=self.post,
                trips=self.trips,
                push=self.push,
                asked_at=self.asked_at,
            )
            for place in self.market.places
        }
        ports.cpos = SimulatedCpos(self.cpos)  # type: ignore[assignment] # one for all
        return ports

    def _fund(self) -> None:
        for account in ("acct_rhein", "acct_douro", *(f"acct_{m.value}" for m in PARTNERS)):
            self.payouts.open_account(account, "EUR", "CHF")
        small = Money(self.scenario.float_minor, EUR)
        self.payouts.fund(small)
        self.payouts.fund(Money(1_000_000, CHF))
        self.funded = {"EUR": small.minor, "CHF": 1_000_000}
        if self.scenario.funded_after:
            self.post.send("bank", self._top_up, after_s=self.scenario.funded_after * 3600)
        if any(act.what == "bank" for act in self.scenario.acts):
            self.bank.credit(BANK_FLOAT, "float")
        fate = self.scenario.payout_fate
        if fate == "failed":
            self.payouts.fail_next_payout("account_closed")
        elif fate == "returned":
            self.payouts.return_next_payout("no_account")

    def _top_up(self) -> None:
        self.payouts.fund(Money(1_000_000, EUR))
        self.funded["EUR"] += 1_000_000

    def _plan(self, trip: Trip) -> None:
        id_ = SessionId(external_id("ses", PARTNERS[trip.method], f"key-{trip.number}"))
        self.trips[id_] = trip
        asked = Asked(trip, self.market.places[trip.cpo], id_, keys.session(id_))
        self.asked.append(asked)
        at = self.scenario.day + timedelta(minutes=trip.at)
        self.post.send("partner", partial(self.start, asked), at=at)
        if trip.stops_after is not None:
            stops_at = at + timedelta(minutes=trip.stops_after, seconds=1)
            self.post.send("partner", partial(self.stop, asked), at=stops_at)

    def _asks_bank(self, session_id: str, reference: str) -> None:
        trip = self.trips[session_id]
        if trip.bank_after is not None:
            step = partial(self._bank_step, reference, approve=trip.bank_approves)
            self.post.send("driver", step, after_s=trip.bank_after * 60)

    def _bank_step(self, reference: str, *, approve: bool) -> None:
        holds = {hold.reference: hold for _, hold in self.payments.holds()}
        if holds[reference].state.value == "action_required":  # else it was given back meanwhile
            self.payments.complete_action(reference, approve=approve)

    def _shows_form(self, reference: str, _kind: str) -> None:
        method = self.acts.forms.get(self.payments.methods[reference], CARDS[0])
        fill_in = partial(self.payments.confirm_setup, reference, method)
        self.post.send("driver", fill_in, after_s=120)

    def _ends_at(self) -> datetime:
        trips = self.scenario.trips
        minutes = max(trip.at + trip.minutes + (trip.starts_after or 0) for trip in trips)
        return self.scenario.day + timedelta(minutes=minutes)

    def _play(self, until: datetime | None) -> None:
        while True:
            self.schedules.plan()
            at = self.post.next_at()
            if at is None or (until is not None and at > until):
                return
            self._events += 1
            assert self._events < _EVENTS_MAX, "a history comes to an end"
            self.post.deliver()

    def _others(self) -> None:
        """Another process runs in the middle of a call: a twin, what is due, or a sweep."""
        if self._nested >= 2:
            return
        self._nested += 1
        at = self.post.next_at()
        if self.random.random() < 0.5:
            self.processes.twin()
        elif at is not None and at <= self.clock.at + timedelta(minutes=1):
            self.post.deliver()
        else:
            self.schedules.now()
        self._nested -= 1
