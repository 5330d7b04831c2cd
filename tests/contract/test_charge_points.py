"""What may the channel rely on at a CPO? The same on the fake and through OCPI over HTTP."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.ocpi.language import VERSIONS
from chalicelib.ports.cpo import ChargePoints, CommandAnswer, CpoRefused, CpoUnavailable
from tests.contract.cpo_rigs import (
    CHARGE,
    NOW,
    OURS,
    HttpRig,
    MemoryRig,
    Rig,
    Server,
    command,
    registered,
    serving,
)
from tests.contract.recording_emsp import TOKEN_A

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
Ask = Callable[[ChargePoints, Connection], object]
ASKED: dict[str, Ask] = {
    "locations": lambda cpos, known: cpos.locations(known, None),
    "tariffs": lambda cpos, known: cpos.tariffs(known, None),
    "sessions": lambda cpos, known: cpos.sessions(known, NOW, NOW + DAY),
    "cdrs": lambda cpos, known: cpos.cdrs(known, NOW, NOW + DAY),
    "start": lambda cpos, known: cpos.start_session(known, command("ses_1")),
    "stop": lambda cpos, known: cpos.stop_session(known, "S", "http://emsp.test/result"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture(params=["memory", *VERSIONS])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "memory":
        made: Rig = MemoryRig()
    else:
        made = HttpRig(request.getfixturevalue("server"), request.param)
    yield made
    if isinstance(made.cpos, OcpiClient):
        made.cpos.close()


@pytest.fixture
def known(rig: Rig) -> Connection:
    return registered(rig)


def charged(rig: Rig, known: Connection, *references: str) -> None:
    """A charge at a place of its own for each reference, and its CDR."""
    for number, reference in enumerate(references, 1):
        started = rig.cpos.start_session(known, command(reference, f"L{number}"))
        assert started is CommandAnswer.ACCEPTED
    rig.later(NOW + 2 * CHARGE)


def references(pulled: Any) -> list[str]:
    return sorted(found.value.authorization_reference for found in pulled.items)


class TestHandshake:
    def test_a_cpo_tells_its_version_and_every_endpoint_that_a_charge_needs(self, rig: Rig) -> None:
        peer = rig.cpos.discover(rig.versions_url, TOKEN_A)
        assert peer.version == rig.version
        pulled = {f"{module}.SENDER" for module in ("locations", "tariffs", "sessions", "cdrs")}
        assert {"credentials", "commands.RECEIVER"} | pulled <= set(peer.endpoints)

    def test_a_token_that_was_never_given_opens_nothing(self, rig: Rig) -> None:
        with pytest.raises(CpoRefused) as refused:
            rig.cpos.discover(rig.versions_url, "guessed")
        assert refused.value.status == 401

    def test_registering_brings_a_new_token_and_ends_the_first(self, rig: Rig) -> None:
        peer = rig.cpos.discover(rig.versions_url, TOKEN_A)
        theirs = rig.cpos.register(peer, TOKEN_A, OURS)
        assert (theirs.url, theirs.identities) == (rig.versions_url, ("DE*ALF",))
        assert rig.cpos.discover(rig.versions_url, theirs.token) == peer
        with pytest.raises(CpoRefused):
            rig.cpos.discover(rig.versions_url, TOKEN_A)

    def test_a_cpo_that_is_silent_registers_nobody(self, rig: Rig) -> None:
        peer = rig.cpos.discover(rig.versions_url, TOKEN_A)
        rig.fall_silent()
        with pytest.raises(CpoUnavailable):
            rig.cpos.discover(rig.versions_url, TOKEN_A)
        with pytest.raises(CpoUnavailable):
            rig.cpos.register(peer, TOKEN_A, OURS)
        rig.recover()
        assert rig.cpos.discover(rig.versions_url, TOKEN_A) == peer


class TestPulls:
    def test_a_network_of_several_pages_comes_whole(self, rig: Rig, known: Connection) -> None:
        locations = rig.cpos.locations(known, None)
        assert {found.value.id for found in locations.items} == {"L1", "L2", "L3", "L4", "L5"}
        assert [found.value.id for found in rig.cpos.tariffs(known, None).items] == ["AC"]
        assert locations.refused == ()

    def test_what_is_pulled_says_how_it_came(self, rig: Rig, known: Connection) -> None:
        charged(rig, known, "ses_1")
        pulled = [
            rig.cpos.locations(known, None),
            rig.cpos.tariffs(known, None),
            rig.cpos.sessions(known, NOW, NOW + DAY),
            rig.cpos.cdrs(known, NOW, NOW + DAY),
        ]
        for found in (found for one in pulled for found in one.items):
            assert json.loads(found.raw)["id"] == found.value.id
            assert not found.mended
        (cdr,) = pulled[3].items
        assert cdr.value.raw_hash == sha256(cdr.raw.encode()).hexdigest()

    def test_news_are_what_changed_since_that_instant_included(
        self, rig: Rig, known: Connection
    ) -> None:
        later = NOW + timedelta(hours=1)
        rig.later(later)
        rig.break_down("L2-1")
        for since in (NOW + SECOND, later):
            (found,) = rig.cpos.locations(known, since).items
            assert (found.value.id, found.value.last_updated) == ("L2", later)
            assert found.value.evses[0].status is EvseStatus.OUTOFORDER
        assert rig.cpos.locations(known, later + SECOND).items == ()
        assert len(rig.cpos.locations(known, NOW).items) == 5
        assert rig.cpos.tariffs(known, later).items == ()

    def test_sessions_of_a_span_come_whole_without_its_last_instant(
        self, rig: Rig, known: Connection
    ) -> None:
        wanted = ["ses_1", "ses_2", "ses_3"]
        charged(rig, known, *wanted)
        found = rig.cpos.sessions(known, NOW, NOW + DAY)
        assert references(found) == wanted
        first, last = _span(found)
        assert references(rig.cpos.sessions(known, first, last + SECOND)) == wanted
        assert "ses_3" not in references(rig.cpos.sessions(known, NOW, last))
        assert rig.cpos.sessions(known, last + SECOND, NOW + DAY).items == ()

    def test_cdrs_of_a_span_come_whole_without_its_last_instant(
        self, rig: Rig, known: Connection
    ) -> None:
        wanted = ["ses_1", "ses_2", "ses_3"]
        charged(rig, known, *wanted)
        found = rig.cpos.cdrs(known, NOW, NOW + DAY)
        assert references(found) == wanted
        first, last = _span(found)
        assert references(rig.cpos.cdrs(known, first, last + SECOND)) == wanted
        assert rig.cpos.cdrs(known, NOW, first).items == ()
        assert rig.cpos.cdrs(known, last + SECOND, NOW + DAY).items == ()

    def test_a_session_is_told_once_as_it_is_now(self, rig: Rig, known: Connection) -> None:
        rig.cpos.start_session(known, command("ses_1"))
        rig.later(NOW + timedelta(minutes=7))
        (found,) = rig.cpos.sessions(known, NOW, NOW + DAY).items
        assert found.value.status is ChargerStatus.ACTIVE
        assert rig.cpos.cdrs(known, NOW, NOW + DAY).items == ()
        rig.later(NOW + 2 * CHARGE)
        (ended,) = rig.cpos.sessions(known, NOW, NOW + DAY).items
        assert (ended.value.id, ended.value.status) == (found.value.id, ChargerStatus.COMPLETED)
        (cdr,) = rig.cpos.cdrs(known, NOW, NOW + DAY).items
        # 2.1.1 names the session nowhere in a CDR: the reference alone leads to it.
        assert cdr.value.session_id == ("" if rig.version == "2.1.1" else found.value.id)


def _span(pulled: Any) -> tuple[Any, Any]:
    times = [found.value.last_updated for found in pulled.items]
    return min(times), max(times)


class TestStart:
    def test_a_start_that_is_accepted_begins(self, rig: Rig, known: Connection) -> None:
        assert rig.cpos.start_session(known, command("ses_1")) is CommandAnswer.ACCEPTED
        rig.later(NOW + CHARGE)
        assert rig.begun() == ["ses_1"]

    def test_a_start_that_is_rejected_is_an_answer(self, rig: Rig, known: Connection) -> None:
        rig.plan("ses_1", "rejected")
        assert rig.cpos.start_session(known, command("ses_1")) is CommandAnswer.REJECTED
        rig.later(NOW + CHARGE)
        assert rig.begun() == []

    def test_a_start_without_an_answer_may_have_begun(self, rig: Rig, known: Connection) -> None:
        rig.plan("ses_1", "lost")
        with pytest.raises(CpoUnavailable):
            rig.cpos.start_session(known, command("ses_1"))
        rig.later(NOW + CHARGE)
        assert rig.begun() == ["ses_1"]
        assert references(rig.cpos.sessions(known, NOW, NOW + DAY)) == ["ses_1"]

    def test_a_start_without_an_answer_may_not_have_begun(
        self, rig: Rig, known: Connection
    ) -> None:
        rig.fall_silent()
        with pytest.raises(CpoUnavailable):
            rig.cpos.start_session(known, command("ses_1"))
        rig.recover()
        rig.later(NOW + CHARGE)
        assert rig.begun() == []
        assert rig.cpos.sessions(known, NOW, NOW + DAY).items == ()

    @pytest.mark.parametrize(
        ("location", "evse", "status"), [("nowhere", "E", 2003), ("L1", "L2-1", 2001)]
    )
    def test_a_start_at_an_unknown_place_is_refused_with_ocpis_status(
        self, rig: Rig, known: Connection, location: str, evse: str, status: int
    ) -> None:
        with pytest.raises(CpoRefused) as refused:
            rig.cpos.start_session(known, command("ses_1", location, evse))
        assert refused.value.status == status
        rig.later(NOW + CHARGE)
        assert rig.begun() == []


class TestStop:
    def test_only_a_session_that_charges_can_be_stopped(self, rig: Rig, known: Connection) -> None:
        url = "http://emsp.test/result"
        assert rig.cpos.stop_session(known, "none", url) is CommandAnswer.UNKNOWN_SESSION
        rig.cpos.start_session(known, command("ses_1"))
        rig.later(NOW + timedelta(minutes=7))
        (found,) = rig.cpos.sessions(known, NOW, NOW + DAY).items
        assert rig.cpos.stop_session(known, found.value.id, url) is CommandAnswer.ACCEPTED
        rig.later(NOW + 2 * CHARGE)
        assert rig.cpos.stop_session(known, found.value.id, url) is CommandAnswer.REJECTED


@pytest.mark.parametrize("asked", list(ASKED))
class TestWhoeverIsAsked:
    def test_a_silent_cpo_is_unavailable_and_answers_when_it_is_back(
        self, rig: Rig, known: Connection, asked: str
    ) -> None:
        rig.fall_silent()
        with pytest.raises(CpoUnavailable):
            ASKED[asked](rig.cpos, known)
        rig.recover()
        assert ASKED[asked](rig.cpos, known) is not None

    def test_a_token_that_is_dead_is_refused(self, rig: Rig, known: Connection, asked: str) -> None:
        rig.forget_us()
        with pytest.raises(CpoRefused) as refused:
            ASKED[asked](rig.cpos, known)
        assert refused.value.status == 401
