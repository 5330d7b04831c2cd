"""Which adapter stands behind each port? Each is built, and imported, when it is first used."""

# ruff: noqa: PLC0415 - imports stand inside: a cold start pays only for what its path needs

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.settings import Settings

if TYPE_CHECKING:
    from chalicelib.adapters.s3.files import S3Files
    from chalicelib.ports.bank import BankMessages, Mailbox
    from chalicelib.ports.clock import Clock, Ids
    from chalicelib.ports.cpo import ChargePoints
    from chalicelib.ports.emsp import Emsps
    from chalicelib.ports.machine import Machine
    from chalicelib.ports.papers import Papers
    from chalicelib.ports.payment_events import PaymentEvents
    from chalicelib.ports.payments import Payments
    from chalicelib.ports.payouts import Payouts
    from chalicelib.ports.rates import RateFeed
    from chalicelib.ports.secrets import Secrets
    from chalicelib.ports.store import Store
    from chalicelib.ports.web import Web


class Adapters:
    """The port bundle of a deployed function (boto3 alone costs 0.14 s of a cold start)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def store(self) -> "Store":
        from chalicelib.adapters.dynamodb.store import DynamoStore

        return DynamoStore(self._settings.table)

    @cached_property
    def personal(self) -> "Store":
        from chalicelib.adapters.dynamodb.store import DynamoStore

        return DynamoStore(self._settings.personal_table)

    @cached_property
    def files(self) -> "S3Files":
        from chalicelib.adapters.s3.files import S3Files

        return S3Files(self._settings.files_bucket)

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.adapters.clock import SteppedClock, WallClock

        file = self._settings.clock_file
        return SteppedClock(file) if file else WallClock()

    @cached_property
    def ids(self) -> "Ids":
        from chalicelib.adapters.ids import TimeOrderedIds

        return TimeOrderedIds(self.clock)

    @cached_property
    def secrets(self) -> "Secrets":
        from chalicelib.adapters.secrets import ManagedSecrets

        return ManagedSecrets()

    @cached_property
    def web(self) -> "Web":
        from chalicelib.adapters.web import OutsideWeb

        return OutsideWeb(allow_private=self._settings.allow_private_urls)

    @cached_property
    def cpos(self) -> "ChargePoints":
        from chalicelib.adapters.ocpi_client.circuit import Guarded
        from chalicelib.adapters.ocpi_client.client import OcpiClient

        client = OcpiClient(self.secrets, allow_private=self._settings.allow_private_urls)
        return Guarded(client, self.clock)

    @cached_property
    def emsps(self) -> "Emsps":
        from chalicelib.adapters.ocpi_client.emsp import EmspClient

        return EmspClient(self.secrets, allow_private=self._settings.allow_private_urls)

    @cached_property
    def payments(self) -> "Payments":
        from chalicelib.adapters.stripe.payments import StripePayments

        settings = self._settings
        return StripePayments(self.secrets, settings.stripe_secret_name, settings.stripe_api_base)

    @cached_property
    def payouts(self) -> "Payouts":
        from chalicelib.adapters.stripe.payouts import StripePayouts

        settings = self._settings
        return StripePayouts(self.secrets, settings.stripe_secret_name, settings.stripe_api_base)

    @cached_property
    def bank_payouts(self) -> "Payouts":
        from chalicelib.usecases.bank.rail import SepaPayouts

        return SepaPayouts(self)

    @cached_property
    def mailbox(self) -> "Mailbox":
        from chalicelib.adapters.s3.mailbox import S3Mailbox

        return S3Mailbox(self._settings.bank_bucket)

    @cached_property
    def bank_messages(self) -> "BankMessages":
        from chalicelib.adapters.sepa.messages import SepaMessages

        return SepaMessages(self.secrets, self._settings.bank_account_secret_name)

    @cached_property
    def papers(self) -> "Papers":
        from chalicelib.adapters.pdf.papers import PdfPapers

        return PdfPapers()

    @cached_property
    def rates(self) -> "RateFeed":
        from chalicelib.adapters.ecb import EcbRates

        return EcbRates(self._settings.rates_url)

    @property
    def personal_salt(self) -> str:
        return self.secrets.read(self._settings.personal_salt_name)

    @property
    def public_url(self) -> str:
        return self._settings.public_url


def settlement_machine(settings: Settings) -> "Machine":
    from chalicelib.adapters.machine import StepFunctionsMachine

    return StepFunctionsMachine(settings.settlement_machine_arn)


def stripe_events(secrets: "Secrets", settings: Settings) -> "PaymentEvents":
    from chalicelib.adapters.stripe.webhook import StripeEvents

    return StripeEvents(secrets, settings.stripe_webhook_secret_name)
