"""On what do the payment contracts run? The fake in memory, and Stripe's SDK over real HTTP.

A rig is a clock, both ports, and what a test may do to the provider behind them.
"""

import json
from typing import Any, Protocol

from chalicelib.domain.money import Currency, Money
from chalicelib.ports.payments import DisputeState, Payments
from chalicelib.ports.payouts import Payouts
from chalicelib.usecases.bank.rail import details_secret
from sandbox.memory.banked import RHEIN_IBAN, BankedPorts
from sandbox.memory.payments import MemoryPayments
from sandbox.memory.payouts import MemoryPayouts
from sandbox.memory.plain import MemoryClock
from sandbox.memory.ports import MemoryPorts
from sandbox.peers.bank.bank import Fate
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Provider
from tests.contract.provider_server import START, Server


class Rig(Protocol):
    @property
    def payments(self) -> Payments: ...
    @property
    def payouts(self) -> Payouts: ...
    def open_account(self, account: str, *currencies: str) -> None: ...
    def fund(self, money: Money) -> None: ...
    def fail_next_payout(self, reason: str) -> None: ...
    def return_next_payout(self, reason: str) -> None:
        """It arrives, and comes back a banking day later."""

    def lose_next(self, call: str, *, after: bool) -> None: ...
    def answer(self) -> None:
        """Rails that answer by file do; for others it is nothing."""

    def complete_action(self, reference: str, *, approve: bool) -> None: ...
    def later(self, **duration: float) -> None: ...


class PaymentRig(Rig, Protocol):
    """What a provider of payments must let a test do besides; see docs/payments.md."""

    @property
    def clock(self) -> MemoryClock: ...
    def fees_late(self, *, late: bool) -> None:
        """Whether captures are answered before their balance transactions are there."""

    def no_balance(self, code: Currency, into: Currency, rate: str, account: str = "") -> None:
        """From now on our account, or a payee's, has none in it, and converts what comes."""

    def has_balance(self, code: Currency) -> None:
        """From now on it has one again."""

    def open_dispute(self, reference: str, reason: str, *, inquiry: bool = False) -> str:
        """The driver's bank takes a payment back; the dispute's reference."""

    def escalate_dispute(self, dispute: str) -> None:
        """An inquiry becomes a chargeback."""

    def close_dispute(self, dispute: str, *, won: bool) -> None: ...
    def close_inquiry(self, dispute: str) -> None:
        """It ends, and nothing was taken."""

    def fail_refund(self, reference: str) -> str:
        """The card's bank sends a payment's last refund back; the refund's reference."""

    def confirm_setup(self, setup: str, method: str) -> None:
        """The driver fills in the provider's form."""


class MemoryRig:
    def __init__(self) -> None:
        self.clock = MemoryClock(START)
        self.payouts = MemoryPayouts(self.clock)
        self.payments = MemoryPayments(self.clock, self.payouts)

    def open_account(self, account: str, *currencies: str) -> None:
        self.payouts.open_account(account, *currencies)

    def fund(self, money: Money) -> None:
        self.payouts.fund(money)

    def fail_next_payout(self, reason: str) -> None:
        self.payouts.fail_next_payout(reason)

    def return_next_payout(self, reason: str) -> None:
        self.payouts.return_next_payout(reason)

    def lose_next(self, call: str, *, after: bool) -> None:
        fake = self.payments if hasattr(MemoryPayments, call) else self.payouts
        fake.lose_next(call, after=after)

    def answer(self) -> None:
        """It answers at once."""

    def complete_action(self, reference: str, *, approve: bool) -> None:
        self.payments.complete_action(reference, approve=approve)

    def fees_late(self, *, late: bool) -> None:
        self.payments.fees_late = late

    def no_balance(self, code: Currency, into: Currency, rate: str, account: str = "") -> None:
        self.payouts.no_balance(code, into, rate, account)

    def has_balance(self, code: Currency) -> None:
        self.payouts.has_balance(code)

    def open_dispute(self, reference: str, reason: str, *, inquiry: bool = False) -> str:
        state = DisputeState.INQUIRY if inquiry else DisputeState.NEEDS_RESPONSE
        return self.payments.open_dispute(reference, reason, state)

    def escalate_dispute(self, dispute: str) -> None:
        self.payments.escalate_dispute(dispute)

    def close_inquiry(self, dispute: str) -> None:
        self.payments.close_dispute(dispute, DisputeState.CLOSED)

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        state = DisputeState.WON if won else DisputeState.LOST
        self.payments.close_dispute(dispute, state)

    def fail_refund(self, reference: str) -> str:
        return self.payments.fail_refund(reference)

    def confirm_setup(self, setup: str, method: str) -> None:
        self.payments.confirm_setup(setup, method)

    def later(self, **duration: float) -> None:
        self.clock.forward(**duration)


class SepaRig:
    """Our own rail over the bank's files: the simulated bank behind the mailbox in memory."""

    def __init__(self) -> None:
        self.ports = MemoryPorts(clock=MemoryClock(START))
        self.banked = BankedPorts(self.ports)
        self.payouts: Payouts = self.ports.bank_payouts

    @property
    def payments(self) -> Payments:
        raise AssertionError("a bank holds no cards")

    def open_account(self, account: str, *currencies: str) -> None:
        """The contract's name stands for a bank account; SEPA knows euro only."""
        assert currencies == ("EUR",), "SEPA pays in euro"
        said = {"name": account, "iban": RHEIN_IBAN, "bic": ""}
        self.ports.secrets.write(details_secret(account), json.dumps(said))
        self.banked.open_account()

    def fund(self, money: Money) -> None:
        self.banked.fund(money.minor)

    def fail_next_payout(self, reason: str) -> None:
        self.banked.bank.fates[RHEIN_IBAN] = Fate(fails=reason)

    def return_next_payout(self, reason: str) -> None:
        self.banked.bank.fates[RHEIN_IBAN] = Fate(returns=reason)

    def lose_next(self, call: str, *, after: bool) -> None:
        assert call == "pay", "what is set aside is set aside in our own table"
        self.ports.mailbox.lose_next(after=after)

    def answer(self) -> None:
        self.banked.answer()

    def complete_action(self, reference: str, *, approve: bool) -> None:
        raise AssertionError(f"a bank asks nobody ({reference}, {approve})")

    def later(self, **duration: float) -> None:
        self.ports.clock.forward(**duration)
        self.banked.answer()


_CALLS = {
    "hold": "payment_intents.create",
    "capture": "payment_intents.capture",
    "extend": "payment_intents.increment_authorization",
    "release": "payment_intents.cancel",
    "refund": "refunds.create",
    "charge": "payment_intents.create",
    "contest": "disputes.update",
    "set_up": "setup_intents.create",
    "detach": "payment_methods.detach",
    "transfer": "transfers.create",
    "pay": "payouts.create",
}


class StripeRig:
    """A new provider behind a server that many tests share."""

    def __init__(self, server: Server, config: Config | None = None) -> None:
        self.clock = server.clock
        self.clock.at = START
        self.provider = Provider(config or Config(), Journal(None), server.url)
        server.app.provider = self.provider
        self.payments, self.payouts = server.payments, server.payouts

    def control(self, name: str, **said: Any) -> dict[str, Any]:
        self.provider.tell_time(int(self.clock.at.timestamp()))
        return self.provider.control(name, said)

    def open_account(self, account: str, *currencies: str) -> None:
        self.control("account", id=account, currencies=list(currencies))

    def fund(self, money: Money) -> None:
        self.control("bank-transfer", amount=money.minor, currency=money.currency)

    def fail_next_payout(self, reason: str) -> None:
        self.control("fault", call="payouts.create", kind="payout_fails", failure_code=reason)

    def return_next_payout(self, reason: str) -> None:
        self.control("fault", call="payouts.create", kind="payout_returned", failure_code=reason)

    def lose_next(self, call: str, *, after: bool) -> None:
        kind = "timeout_after" if after else "timeout_before"
        self.control("fault", call=_CALLS[call], kind=kind)

    def answer(self) -> None:
        """It answers at once."""

    def complete_action(self, reference: str, *, approve: bool) -> None:
        outcome = "approve" if approve else "decline"
        self.control("complete-action", payment_intent=reference, outcome=outcome)

    def fees_late(self, *, late: bool) -> None:
        self.control("fees-late", late=late)

    def no_balance(self, code: Currency, into: Currency, rate: str, account: str = "") -> None:
        self.control("no-balance", currency=code, into=into, rate=rate, account=account)

    def has_balance(self, code: Currency) -> None:
        self.control("no-balance", currency=code)

    def open_dispute(self, reference: str, reason: str, *, inquiry: bool = False) -> str:
        status = "warning_needs_response" if inquiry else "needs_response"
        opened = self.control(
            "open-dispute", payment_intent=reference, reason=reason, status=status
        )
        return str(opened["id"])

    def escalate_dispute(self, dispute: str) -> None:
        self.control("escalate-dispute", dispute=dispute)

    def close_inquiry(self, dispute: str) -> None:
        self.control("close-dispute", dispute=dispute, status="warning_closed")

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        self.control("close-dispute", dispute=dispute, status="won" if won else "lost")

    def fail_refund(self, reference: str) -> str:
        return str(self.control("fail-refund", payment_intent=reference)["id"])

    def confirm_setup(self, setup: str, method: str) -> None:
        self.control("confirm-setup", setup_intent=setup, payment_method=method)

    def later(self, **duration: float) -> None:
        self.clock.forward(**duration)
