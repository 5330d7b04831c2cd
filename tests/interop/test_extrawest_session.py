"""Does a session live its whole life with a CPO whose software we did not write?

The peer takes our commands, tells later what the charger said, asks whether a driver may charge,
pushes by its own client, bills, and is paid; in both of its versions.
"""

from datetime import datetime

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import SessionState
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.window import window_id
from chalicelib.usecases.session.stop import stop
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR, ZONE
from tests.interop import driver, told
from tests.interop.driver import PARTNER
from tests.interop.extrawest_rig import Met

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
GROSS = Money(1166, EUR)  # 20 kWh at 0.49 and 19 % VAT


def test_a_session_is_started_followed_stopped_billed_and_settled(met: Met) -> None:
    settled = SettledWorld(met.world)
    met.pull()
    met.peer.sim("answer")  # its charger takes its time
    assert met.begin().state is SessionState.STARTING
    assert met.command("START_SESSION")["location_id"].upper() == "LOC1"
    assert met.charger_answers("START_SESSION", "ACCEPTED").state is SessionState.STARTING

    assert met.tell("ACTIVE", 0, "2026-11-20T08:02:00Z").state is SessionState.CHARGING
    met.world.ports.clock.at = datetime.fromisoformat("2026-11-20T08:20:00Z")
    change = {"kwh": 11, "last_updated": "2026-11-20T08:20:00Z"}
    change["charging_periods"] = [told.period(met.version, 11)]
    patched = met.ask("PATCH", "sessions", "DE/EXW/SES1", sends="SessionPartialUpdate", body=change)
    assert patched["status"] == 1000
    assert met.ask("GET", "sessions", "DE/EXW/SES1", reads="Session")["value"]["kwh"] == 11

    met.peer.sim("answer")
    stop(met.world.ports, PARTNER, met.ours().id)
    met.world.settle()
    assert met.command("STOP_SESSION")["session_id"].upper() == "SES1"
    assert met.charger_answers("STOP_SESSION", "ACCEPTED").state is SessionState.STOPPING
    assert met.tell("COMPLETED", told.KWH, told.END).state is SessionState.ENDED

    assert met.push("cdrs", "CDR1", told.cdr(met.version, *met.started())) == 201
    billed = met.ours()
    assert billed.state is SessionState.BILLED
    assert billed.bill is not None
    assert (billed.bill.gross, billed.payment.captured) == (GROSS, GROSS)
    assert met.push("cdrs", "CDR1", told.cdr(met.version, *met.started())) == 200  # once

    settled.settle_day(window_id(datetime.fromisoformat(told.END), ZONE))
    paid = {one.party_id: (one.stage, one.money) for one in settled.payouts()}
    assert paid[CPO] == (PayoutStage.ACCEPTED, Money(1073, EUR))  # 9.80 less 8 %, and its VAT
    assert paid[PARTNER] == (PayoutStage.ACCEPTED, Money(46, EUR))  # half of the 8 %, and its VAT


def test_it_reads_back_what_we_keep_of_its_session(met: Met) -> None:
    met.pull()
    met.begin()
    met.tell("COMPLETED", told.KWH, told.END)
    assert met.push("cdrs", "CDR1", told.cdr(met.version, *met.started())) == 201
    kept = met.ask("GET", "sessions", "DE/EXW/SES1", reads="Session")["value"]
    assert (kept["kwh"], kept["status"]) == (told.KWH, "COMPLETED")
    record = met.ask("GET", "cdrs", "DE/EXW/CDR1", reads="Cdr")["value"]
    assert (record["total_energy"], record["currency"]) == (told.KWH, "EUR")


def test_it_asks_whether_the_driver_may_charge(met: Met) -> None:
    met.pull()
    driver.token(met.world)
    (token,) = met.ask("GET", "tokens", reads="Token")["value"]
    kind, here = token["type"], {"sends": "LocationReference", "reads": "AuthorizationInfo"}
    path = f"{token['uid']}/authorize?type={kind}"

    def allowed(path: str, place: str) -> dict[str, object]:
        body = {"location_id": place, "evse_uids": ["EVSE1"]}
        answer = met.ask("POST", "tokens", path, **here, body=body)
        assert (answer["http"], answer["status"]) == (200, 1000), answer
        found: dict[str, object] = answer["value"]
        return found

    assert allowed(path, "LOC1")["allowed"] == "NOT_ALLOWED"  # nobody would pay
    session = met.begin()
    yes = allowed(path, "LOC1")
    assert yes["allowed"] == "ALLOWED"
    if met.version != "2.1.1":  # which has no such member: its auth_id is the reference
        reference = str(yes["authorization_reference"])
        assert reference.lower() == session.authorization_reference.lower()
    assert allowed(path, "ELSEWHERE")["allowed"] == "NOT_ALLOWED"
    answer = met.ask("POST", "tokens", f"{token['uid']}/authorize?type={kind}")
    assert (answer["http"], answer["status"]) == (200, 2002)  # where is the driver?
    answer = met.ask("POST", "tokens", "NOBODY/authorize")
    assert (answer["http"], answer["status"]) == (404, 2004)


def test_a_charger_that_says_no_frees_the_drivers_money(met: Met) -> None:
    met.pull()
    met.peer.sim("answer")
    assert met.begin().payment.state is PaymentState.AUTHORISED
    no = "REJECTED" if met.version == "2.1.1" else "EVSE_OCCUPIED"
    refused = met.charger_answers("START_SESSION", no)
    assert (refused.state, refused.reason) == (SessionState.REFUSED, f"start_{no.lower()}")
    assert refused.payment.state is PaymentState.RELEASED


def test_a_charger_that_timed_out_and_started_all_the_same_is_followed(met: Met) -> None:
    met.pull()
    met.peer.sim("answer")
    met.begin()
    assert met.charger_answers("START_SESSION", "TIMEOUT").state is SessionState.STARTING
    assert met.tell("ACTIVE", 0, "2026-11-20T08:02:00Z").state is SessionState.CHARGING


def test_a_cdr_that_was_never_pushed_is_pulled(met: Met) -> None:
    met.pull()
    met.begin()
    met.world.ports.clock.at = datetime.fromisoformat("2026-11-20T08:32:00Z")
    done = told.session(met.version, *met.started(), "COMPLETED", told.KWH, told.END)
    met.peer.put("sessions", "SES1", done)
    met.peer.put("cdrs", "CDR1", told.cdr(met.version, *met.started()))
    met.pull()
    met.world.settle()
    assert met.ours().state is SessionState.BILLED
