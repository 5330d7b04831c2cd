"""Everything a use case may ask, in one bundle that builds each part when it is first used."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # nearly every use case names the bundle, and few of them more than two ports
    from chalicelib.ports.bank import BankMessages, Mailbox
    from chalicelib.ports.clock import Clock, Ids
    from chalicelib.ports.cpo import ChargePoints
    from chalicelib.ports.emsp import Emsps
    from chalicelib.ports.files import Files
    from chalicelib.ports.papers import Papers
    from chalicelib.ports.payments import Payments
    from chalicelib.ports.payouts import Payouts
    from chalicelib.ports.rates import RateFeed
    from chalicelib.ports.secrets import Secrets
    from chalicelib.ports.store import Store
    from chalicelib.ports.web import Web


class Ports(Protocol):
    @property
    def store(self) -> "Store": ...
    @property
    def personal(self) -> "Store":
        """The second table: personal data by salted hash, erasable while the books stay."""

    @property
    def files(self) -> "Files": ...
    @property
    def clock(self) -> "Clock": ...
    @property
    def ids(self) -> "Ids": ...
    @property
    def secrets(self) -> "Secrets": ...
    @property
    def cpos(self) -> "ChargePoints": ...
    @property
    def emsps(self) -> "Emsps": ...
    @property
    def payments(self) -> "Payments": ...
    @property
    def payouts(self) -> "Payouts":
        """The payment provider's rail; usecases/payout/rail.py chooses by the payee's account."""

    @property
    def bank_payouts(self) -> "Payouts":
        """SEPA credit transfers through our bank."""

    @property
    def mailbox(self) -> "Mailbox": ...
    @property
    def bank_messages(self) -> "BankMessages": ...
    @property
    def papers(self) -> "Papers": ...
    @property
    def web(self) -> "Web": ...
    @property
    def rates(self) -> "RateFeed": ...
    @property
    def personal_salt(self) -> str:
        """What hides whom a hash of personal data is about."""

    @property
    def public_url(self) -> str:
        """Where partners and peers reach us, without a trailing slash."""
