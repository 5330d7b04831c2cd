"""Do the logs say what happened, by session and window, and never to whom?"""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.token.token import Token
from chalicelib.handlers.bank import functions as bank
from chalicelib.handlers.effects import schedules, stream
from chalicelib.handlers.measures import METRICS
from chalicelib.handlers.network import functions as network
from chalicelib.handlers.settlement import functions as settlement
from chalicelib.handlers.settlement import opening
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from sandbox.memory.bank import OWN_BIC, OWN_IBAN
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, PARTNERS, PEER, World

CONTEXT = object()
TOKEN_UID, CONTRACT, DRIVER = "04A1B2C3D4E5F6", "DE-PLG-C0FFEE01", "d1" * 32
CARD, EMAIL, KEY = "pm_1PersonalCard", "jane@driver.example", "plk_test_0123456789abcdef"
PERSONAL = {
    *(TOKEN_UID, TOKEN_UID.lower(), CONTRACT, DRIVER, CARD, EMAIL, KEY, OWN_IBAN, OWN_BIC),
    *("Rheinstrom", "Plugrail GmbH", "Domplatz", "client_secret"),
}


class Loud(World):
    """The stream is read by the function that AWS invokes."""

    def settle(self) -> None:
        wiring.use(self.ports)
        waiting = self.ports.store.stream
        while waiting:
            keys_ = [waiting.popleft() for _ in range(min(5, len(waiting)))]
            stream.run_effects({"Records": [_record(key) for key in keys_]}, CONTEXT)


def _record(key: Key) -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}}}}


def _machine_step(payload: Mapping[str, Any], _call: object) -> Mapping[str, Any]:
    of_payee = {"payout", "page"} & payload.keys()
    step = settlement.settle_counterparty if of_payee else settlement.settle_window
    told: Mapping[str, Any] = step(dict(payload), CONTEXT)
    return told


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What the functions' loggers write, formatted as in Lambda."""
    text = io.StringIO()
    logs = (stream.log, schedules.log, settlement.log, opening.log, network.log, bank.log)
    handlers = {log.service: logging.StreamHandler(text) for log in logs}
    for log in logs:
        handlers[log.service].setFormatter(log.registered_formatter)
        logging.getLogger(log.service).addHandler(handlers[log.service])
    yield text
    for service, handler in handlers.items():
        logging.getLogger(service).removeHandler(handler)
    wiring.use(None)


def _personal(world: World) -> None:
    """Give the drivers' tokens ids that can be found in a text."""
    for number, method in enumerate(PaymentMethod):
        item = world.ports.store.get(keys.token(method.value))
        assert item is not None
        uid = TOKEN_UID if not number else f"{TOKEN_UID}{number}"
        card = CARD if method is PaymentMethod.CARD else ""
        token = replace(
            from_plain(Token, item.body),
            uid=uid,
            contract_id=CONTRACT,
            driver_hash=DRIVER,
            payment_source=card,
        )
        put = Put(keys.token_id(token.id), {"uid": uid}, expects=None)
        world.ports.store.write(Put(keys.token(uid), to_plain(token)), put)


def _market() -> SettledWorld:
    """Sessions of each way to pay, with and without a CDR, through to the shares of their day."""
    settled = SettledWorld(Loud(card=CARD))
    ports = settled.world.ports
    _personal(settled.world)
    ports.store.write(Put(Key(keys.peers(), PEER), {}))
    settled.machine = MemoryMachine(ports, around=_machine_step)
    wiring.use(ports, wiring.Settings({"SETTLE_WAIT_S": "0"}), settled.machine)
    for method in PaymentMethod:
        settled.charge(method)
    settled.charge(told=False)
    for hours in (24, 24, 24):
        settled.close_of()
        wiring.use(ports, wiring.Settings({"SETTLE_WAIT_S": "0"}), settled.machine)
        opening.open_due_windows({}, CONTEXT)
        schedules.sweep_effects({}, CONTEXT)
        network.pull_networks({}, CONTEXT)
        bank.read_bank_files({}, CONTEXT)
        ports.clock.at += timedelta(hours=hours)
    return settled


def test_no_log_of_a_whole_market_names_a_person_a_card_an_account_or_a_key(
    said: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    _market()
    metrics = capfd.readouterr().out
    text = said.getvalue() + metrics
    assert len(said.getvalue().splitlines()) > 50
    found = {
        secret
        for secret in PERSONAL
        if f'"{secret}"' in text or (len(secret) > 4 and secret in text)
    }
    assert not found


def test_what_happened_to_a_session_or_a_window_is_found_by_its_id(said: io.StringIO) -> None:
    _market()
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {line["service"] for line in lines} >= {"run_effects", "settlement"}
    steps = [line for line in lines if line["message"] == "step"]
    assert {line["window"] for line in steps}
    of_payees = [line for line in steps if "payout" in line]
    assert {line["party"] for line in of_payees} >= {CPO, PARTNERS[PaymentMethod.CARD]}


def test_an_error_is_logged_with_its_place_and_without_its_words(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    wiring.use(world.ports)

    def run_owner(_ports: Ports, _pk: str) -> None:
        raise ValueError(f"no reading of {EMAIL}, {TOKEN_UID}")

    monkeypatch.setattr(stream, "run_owner", run_owner)
    stream.run_effects({"Records": [_record(Key("session#ses_9", "state"))]}, CONTEXT)
    (line,) = [
        found
        for found in map(json.loads, said.getvalue().splitlines())
        if found["message"] == "quarantined"
    ]
    assert (line["session"], line["error"]) == ("ses_9", "ValueError")
    assert any("test_logs_name_nobody" in place for place in line["trace"])
    assert EMAIL not in said.getvalue()


def test_a_closed_window_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    _market()
    lines = [line for line in capfd.readouterr().out.splitlines() if '"_aws"' in line]
    told: dict[str, Any] = {}
    for line in lines:
        found = json.loads(line)
        (directive,) = found["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Plugrail"
        told |= {metric["Name"]: found[metric["Name"]] for metric in directive["Metrics"]}
        assert "window" in found or "OldestEffect" in found or "PullsFailed" in found
    assert {name for name, _ in METRICS.values()} == told.keys()
    assert told["SessionsBilled"] == [4.0]
    assert told["PayoutsAccepted"][0] > 0
    wiring.use(None)


def test_every_metric_has_its_line_in_the_runbook() -> None:
    runbook = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text()
    assert not [name for name, _ in METRICS.values() if f"`{name}`" not in runbook]
