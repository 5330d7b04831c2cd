"""Does a bank that others wrote (mock-bank) take our files, and do we read its answers?

Our simulated bank could be wrong where our reader is. This one shares no author with either.
"""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from mockbank.server import Config, make_server

from chalicelib.domain.money import Money, currency
from chalicelib.ports.payouts import PayoutState
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.bank.rail import details_secret
from sandbox.memory.bank import BANK_ACCOUNT
from sandbox.memory.banked import RHEIN_IBAN
from sandbox.memory.plain import MemoryClock
from sandbox.memory.ports import MemoryPorts

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
START = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday
EUR = currency("EUR")
CPO = "bank_cpo"


class Other:
    """The other bank behind HTTP; `post` carries our files there and its messages here."""

    def __init__(self, url: str) -> None:
        self._web = httpx.Client(base_url=url, timeout=20, trust_env=False)
        (self.account, *_) = self._web.get("/_mock/accounts").json()
        self.ports = MemoryPorts(clock=MemoryClock(START))
        own = {"name": "Plugrail", "iban": self.account["iban"]}
        self.ports.secrets.write(BANK_ACCOUNT, json.dumps(own))
        said = {"name": "Rheinstrom", "iban": RHEIN_IBAN, "bic": ""}
        self.ports.secrets.write(details_secret(CPO), json.dumps(said))
        self._sent: set[str] = set()
        self._brought = 0

    def speak(self, version: str) -> None:
        said = json.loads(self.ports.secrets.read(BANK_ACCOUNT))
        self.ports.secrets.write(BANK_ACCOUNT, json.dumps({**said, "version": version}))

    def behave(self, **facts: Any) -> None:
        answer = self._web.patch(f"/_mock/accounts/{self.account['id']}", json=facts)
        assert answer.status_code == 200, answer.text

    def post(self) -> None:
        for name, content in self.ports.mailbox.sent.items():
            if name not in self._sent:
                self._sent.add(name)
                self._web.post("/payments", content=content)
        self._collect()

    def days(self, days: int) -> None:
        self.ports.clock.forward(days=days)
        assert self._web.post(f"/_mock/advance?days={days}").status_code == 200
        self._collect()

    def _collect(self) -> None:
        for message in self._web.get("/_mock/mailbox").json():
            self._brought += 1
            name = f"{self._brought:06d}-{message['type']}.xml"
            self.ports.mailbox.bring(name, message["body"].encode())
        accept_files(self.ports)

    def state(self, payout_id: str) -> PayoutState:
        found = self.ports.bank_payouts.find_payout(payout_id, CPO)
        assert found is not None
        return found.state

    def pay(self, payout_id: str, minor: int) -> None:
        money = Money(minor, EUR)
        self.ports.bank_payouts.transfer(payout_id, CPO, money, "k")
        self.ports.bank_payouts.pay(payout_id, CPO, money, "k")
        self.post()


@pytest.fixture
def other() -> Iterator[Other]:
    server = make_server(Config(port=0, quiet=True, clock="2026-11-18T09:00"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        made = Other(f"http://127.0.0.1:{server.server_address[1]}")
        made.days(1)  # its first statement tells what we have
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@pytest.mark.parametrize("version", ["pain.001.001.03", "pain.001.001.09"])
def test_it_accepts_our_file_books_it_and_states_it(other: Other, version: str) -> None:
    other.speak(version)
    before = other.ports.bank_payouts.balance(EUR)
    other.pay("pay_1", 1609)
    assert other.state("pay_1") in {PayoutState.ACCEPTED, PayoutState.CREDITED}
    other.days(2)
    assert other.state("pay_1") is PayoutState.CREDITED
    assert (before - other.ports.bank_payouts.balance(EUR)).minor == 1609
    (line,) = other.ports.bank_payouts.balance_lines()
    assert (line.owner, line.net.minor) == ("pay_1", -1609)


def test_its_rejection_is_a_refusal_with_its_reason(other: Other) -> None:
    other.behave(behaviour="reject-file")
    other.pay("pay_1", 1609)
    found = other.ports.bank_payouts.find_payout("pay_1", CPO)
    assert found is not None
    assert (found.state, found.reason) == (PayoutState.REFUSED, "FF01")


def test_its_late_return_is_a_return(other: Other) -> None:
    other.behave(behaviour="return-later")
    before = other.ports.bank_payouts.balance(EUR)
    other.pay("pay_1", 1609)
    other.days(10)
    found = other.ports.bank_payouts.find_payout("pay_1", CPO)
    assert found is not None
    assert found.state is PayoutState.FAILED
    assert found.reason in {"AC04", "MD07"}
    other.ports.bank_payouts.reverse_transfer("pay_1", "btr_pay_1", Money(1609, EUR), "k")
    assert other.ports.bank_payouts.balance(EUR) == before


def test_a_silent_bank_leaves_it_neither_accepted_nor_refused(other: Other) -> None:
    other.behave(behaviour="silent")
    other.pay("pay_1", 1609)
    assert other.state("pay_1") in {PayoutState.SENT, PayoutState.CREDITED}
