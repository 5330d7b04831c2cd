"""What does the environment say? Its one reader; importing a module reads nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


class SettingMissing(AssertionError):
    """A function was deployed without a name that it needs: a bug of the template."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment does not set {name}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """Each function is given only the names it needs, so that a missing one shows when it is used.

    The names of secrets are Secrets Manager names or ARNs, never secrets.
    """

    environment: Mapping[str, str]

    @classmethod
    def of_process(cls) -> "Settings":
        return cls(dict(os.environ))

    def _needed(self, name: str) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise SettingMissing(name)
        return value

    @property
    def table(self) -> str:
        return self._needed("TABLE")

    @property
    def personal_table(self) -> str:
        return self._needed("PERSONAL_TABLE")

    @property
    def files_bucket(self) -> str:
        return self._needed("FILES_BUCKET")

    @property
    def public_url(self) -> str:
        return self._needed("PUBLIC_URL").rstrip("/")

    @property
    def clock_file(self) -> str:
        """Empty: wall time."""
        return self.environment.get("CLOCK_FILE", "")

    @property
    def stripe_api_base(self) -> str:
        """Empty: Stripe's own address."""
        return self.environment.get("STRIPE_API_BASE", "")

    @property
    def stripe_secret_name(self) -> str:
        return self._needed("STRIPE_SECRET_NAME")

    @property
    def stripe_webhook_secret_name(self) -> str:
        """Names a JSON list of live signing secrets: one, or two during a rotation."""
        return self._needed("STRIPE_WEBHOOK_SECRET_NAME")

    @property
    def bank_bucket(self) -> str:
        """The mailbox that the bank's gateway reads and fills."""
        return self._needed("BANK_BUCKET")

    @property
    def bank_account_secret_name(self) -> str:
        """Names JSON of our own account: name, iban, bic, version of pain.001, instant."""
        return self._needed("BANK_ACCOUNT_SECRET_NAME")

    @property
    def personal_salt_name(self) -> str:
        return self._needed("PERSONAL_SALT_NAME")

    @property
    def rates_url(self) -> str:
        return self._needed("RATES_URL")

    @property
    def allow_private_urls(self) -> bool:
        """Only the laptop's peers live at private addresses."""
        return self.environment.get("ALLOW_PRIVATE_URLS") == "true"

    @property
    def settlement_machine_arn(self) -> str:
        return self._needed("SETTLEMENT_MACHINE_ARN")

    @property
    def settle_wait_s(self) -> int:
        """How long the settlement machine waits before it asks the clock again."""
        return int(self._needed("SETTLE_WAIT_S"))
