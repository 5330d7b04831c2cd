"""How is Stripe called? One client a process, made at the first call, and its errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.ports.payments import KeyReused, ProviderUnavailable
from chalicelib.ports.secrets import Secrets

if TYPE_CHECKING:
    from stripe import StripeClient

# The version whose shapes this adapter reads. Raise it together with the SDK's pin, never alone.
API_VERSION = "2026-10-28.endive"
_CONNECT_S, _READ_S = 3, 20
_NETWORK_RETRIES = 1  # with the same key; more is the business of the effects


class StripeConnection:
    """`api_base` is empty for Stripe's own address. The SDK is imported when it is needed."""

    def __init__(self, secrets: Secrets, secret_name: str, api_base: str) -> None:
        self._secrets, self._secret_name, self._api_base = secrets, secret_name, api_base

    @cached_property
    def client(self) -> "StripeClient":
        import stripe  # noqa: PLC0415 - 0.2 s that only payments should pay

        stripe.enable_telemetry = False
        return stripe.StripeClient(
            self._secrets.read(self._secret_name),
            stripe_version=API_VERSION,
            base_addresses={"api": self._api_base} if self._api_base else None,
            max_network_retries=_NETWORK_RETRIES,
            http_client=stripe.RequestsClient(timeout=(_CONNECT_S, _READ_S)),
        )


@contextmanager
def outcome_known(key: str = "") -> Iterator[None]:
    """Pass definite answers on; turn everything that leaves the outcome open into a retry.

    A 401 or 403 is our own set-up: nothing happened and it can be mended, so it is a retry too.
    """
    import stripe  # noqa: PLC0415 - see above

    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyReused(key) from error
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        told = error.user_message or type(error).__name__
        raise ProviderUnavailable(told.splitlines()[0]) from error
