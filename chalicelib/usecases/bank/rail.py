"""How does our bank pay a party? One payment file a payout, handed over once, answered by files.

The bank has no account of the payee that we could fill first: `transfer` sets our own money aside,
`pay` puts the file. Nothing here knows more than the bank has said: an upload is no acceptance.
"""

import json
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bank.calendar import banking_day
from chalicelib.domain.bank.details import SEPA_CURRENCY, BankDetails, bank_details, is_bank_account
from chalicelib.domain.bank.message import Instruction
from chalicelib.domain.bank.payment import BankTransfer, TransferState, payout_id_of
from chalicelib.domain.money import Currency, Money, total
from chalicelib.ports.bundle import Ports
from chalicelib.ports.files import FileDiffers
from chalicelib.ports.payments import KeyReused
from chalicelib.ports.payouts import BalanceLine, PayoutRefused, PayoutState, RailPayout, Unfunded
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.book import balance_of, changed, opened, stated_lines, transfer_of
from chalicelib.usecases.window.sealed import rows

_TRIES = 12
_FRANKFURT = ZoneInfo("Europe/Berlin")  # whose day a SEPA bank's is
_TEXT = "Charging sessions, payout"
_STATES = {
    TransferState.SENT: PayoutState.SENT,
    TransferState.ACCEPTED: PayoutState.ACCEPTED,
    TransferState.CREDITED: PayoutState.CREDITED,
    TransferState.REFUSED: PayoutState.REFUSED,
    TransferState.FAILED: PayoutState.FAILED,
}
_WAITING = {TransferState.RESERVED, TransferState.REFUSED, TransferState.FAILED}


def details_secret(account: str) -> str:
    """Where the details behind a `bank_…` lie: deleted there, they are gone, and the books stay."""
    return f"bank-details/{account}"


def file_name(transfer: BankTransfer) -> str:
    return f"{transfer.reference}.xml"


class SepaPayouts:
    """Implements ports.payouts.Payouts. `key` decides nothing: a payout's id is its key."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def balance(self, code: Currency, account: str = "") -> Money:
        """Free money of ours; for a payee what is set aside for it and is in nobody's hands."""
        if not account:
            return balance_of(self.ports, code).value.free
        waiting = (
            found.money
            for found in self._transfers(account)
            if found.state in _WAITING and not found.released
        )
        return total(waiting, code)

    def currencies(self, account: str) -> frozenset[Currency] | None:
        """SEPA's one, whosever account it is."""
        self._details(account)
        return frozenset({SEPA_CURRENCY})

    def transfer(self, payout_id: str, account: str, money: Money, key: str) -> str:
        if money.currency != SEPA_CURRENCY:
            raise PayoutRefused("currency_not_sepa", f"SEPA pays in euro, not {money.currency}")
        self._details(account)
        made = BankTransfer(
            payout_id, account, money, TransferState.RESERVED, self.ports.clock.now()
        )
        for attempt in range(_TRIES):
            known = transfer_of(self.ports, payout_id)
            if known is not None:
                if (known.value.account, known.value.money) != (account, money):
                    raise KeyReused(key)
                return known.value.transfer
            balance = balance_of(self.ports, money.currency)
            if balance.value.free < money:
                raise Unfunded(money, "")
            try:
                opened(self.ports, made, balance)
            except WriteConflict:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")

    def find_transfer(self, payout_id: str) -> str | None:
        found = transfer_of(self.ports, payout_id)
        return None if found is None else found.value.transfer

    def pay(self, payout_id: str, account: str, money: Money, key: str) -> RailPayout:
        """Recorded, looked up, put: whoever is killed between leaves what the next one finds."""
        at = self.ports.clock.now()

        def sent(found: BankTransfer) -> BankTransfer:
            if money > found.money:
                raise Unfunded(money, account)
            if (found.account, found.money) != (account, money):
                raise KeyReused(key)
            if found.state is not TransferState.RESERVED or found.released:
                return found
            return replace(found, state=TransferState.SENT, sent_at=at)

        transfer = changed(self.ports, payout_id, sent)
        if transfer is None:
            raise Unfunded(money, account)  # nothing was set aside for it
        if transfer.released:
            raise PayoutRefused("taken_back", "the money for this payout was taken back")
        if transfer.state is TransferState.SENT:
            self._put(transfer)
        return as_payout(transfer)

    def find_payout(self, payout_id: str, account: str) -> RailPayout | None:
        found = transfer_of(self.ports, payout_id)
        if found is None or found.value.account != account:
            return None
        transfer = found.value
        if transfer.state is TransferState.SENT:
            put = self.ports.mailbox.was_put(file_name(transfer))
            return as_payout(transfer) if put else None
        return None if transfer.state is TransferState.RESERVED else as_payout(transfer)

    def read_payout(self, reference: str, account: str) -> RailPayout:
        found = transfer_of(self.ports, payout_id_of(reference))
        if found and found.value.account == account and found.value.state in _STATES:
            return as_payout(found.value)
        raise PayoutRefused("resource_missing", f"no such transfer: {reference!r}")

    def reverse_transfer(self, payout_id: str, transfer: str, money: Money, key: str) -> str:
        """Let go of the money of a transfer that the bank refused or sent back, or never got."""
        del key

        def released(found: BankTransfer) -> BankTransfer:
            if found.transfer != transfer or found.money != money:
                raise PayoutRefused("amount_differs", f"{money} is not what was set aside")
            if found.state not in _WAITING:
                raise PayoutRefused("not_returned", f"the bank has it: {found.state.value}")
            return replace(found, released=True)

        if changed(self.ports, payout_id, released) is None:
            raise PayoutRefused("resource_missing", f"no such transfer: {transfer!r}")
        return f"{transfer}_back"

    def balance_lines(self, account: str = "", since: datetime | None = None) -> list[BalanceLine]:
        """The stated lines of our bank account; the bank shows us no account of a payee."""
        return [] if account else stated_lines(self.ports, SEPA_CURRENCY, since)

    def _put(self, transfer: BankTransfer) -> None:
        """Look, then put. What was put under this name counts, whoever did it."""
        name = file_name(transfer)
        if self.ports.mailbox.was_put(name):
            return
        assert transfer.sent_at is not None, "recorded before the file is put"
        instruction = Instruction(
            id=transfer.reference,
            creditor=self._details(transfer.account),
            money=transfer.money,
            made_at=transfer.sent_at,
            execute_on=banking_day(transfer.sent_at.astimezone(_FRANKFURT).date()),
            text=f"{_TEXT} {transfer.payout_id}",
        )
        try:
            self.ports.mailbox.put(name, self.ports.bank_messages.instruction(instruction))
        except FileDiffers:  # another attempt put it meanwhile, as our own account changed
            return

    def _details(self, account: str) -> BankDetails:
        if not is_bank_account(account):
            raise PayoutRefused("resource_missing", f"{account!r} is no bank account")
        try:
            said = json.loads(self.ports.secrets.read(details_secret(account)))
        except KeyError:
            raise PayoutRefused("resource_missing", f"no details of {account!r}") from None
        return bank_details(said["name"], said["iban"], said["bic"])

    def _transfers(self, account: str) -> list[BankTransfer]:
        listed = rows(self.ports, bank_keys.transfers(account))
        found = (transfer_of(self.ports, row.key.sk) for row in listed)
        return [record.value for record in found if record is not None]


def as_payout(transfer: BankTransfer) -> RailPayout:
    """The bank's word on a transfer in the rail's terms; RESERVED has none (a bug)."""
    state = _STATES[transfer.state]
    return RailPayout(transfer.reference, state, transfer.money, transfer.reason)
