"""How is Stripe called? One client a process, made at the first call, and its errors as ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Rejected
from chalicelib.ports.payments import KeyReused, ProviderUnavailable
from chalicelib.ports.secrets import Secrets

if TYPE_CHECKING:
    from stripe import RequestOptions, StripeClient

# The version whose shapes these adapters read. Raise it together with the SDK's pin, never alone.
API_VERSION = "2026-10-28.endive"
# Our ids in the provider's metadata, and which of a session's holds it is.
SESSION, PAYOUT, TOP_UP, METHOD = "session_id", "payout_id", "top_up_id", "method_id"
HOLD_NUMBER = "hold_number"
_CONNECT_S, _READ_S = 3, 20
_CONNECTIONS = 8  # as many owners as `run_effects` runs at once
_NETWORK_RETRIES = 1  # with the same key; more is the business of the effects


def owner_of(metadata: Mapping[str, Any]) -> str:
    """Our id, "" when it is none of ours."""
    return next((str(metadata[n]) for n in _OWNERS if metadata.get(n)), "")


_OWNERS = (SESSION, PAYOUT, TOP_UP, METHOD)


class StripeRefused(Rejected):
    """A definite no: nothing happened. `codes` are Stripe's, the more specific one first."""

    code = "provider_refused"

    def __init__(self, codes: tuple[str, ...], message: str, intent: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.codes, self.message, self.intent = codes, message, intent

    @property
    def reason(self) -> str:
        return self.codes[0] if self.codes else "invalid_request_error"


class StripeConnection:
    """`api_base` is empty for Stripe's own address. The SDK is imported when it is needed."""

    def __init__(self, secrets: Secrets, secret_name: str, api_base: str = "") -> None:
        self._secrets, self._secret_name, self._api_base = secrets, secret_name, api_base
        self._made: tuple[str, StripeClient] | None = None

    @property
    def _client(self) -> "StripeClient":
        """Made again when the key in the secret has been replaced."""
        api_key = self._secrets.read(self._secret_name)
        if self._made is None or self._made[0] != api_key:
            self._made = (api_key, self._make(api_key))
        return self._made[1]

    def _make(self, api_key: str) -> "StripeClient":
        import requests  # noqa: PLC0415 - slow, as is the SDK: only payments pay for it
        import stripe  # noqa: PLC0415

        stripe.enable_telemetry = False
        # One session for all threads, or each run's new threads would shake hands anew.
        session = requests.Session()
        session.trust_env = False  # no proxy, no .netrc that would replace our key
        for scheme in ("https://", "http://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS))
        return stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": self._api_base} if self._api_base else {},
            max_network_retries=_NETWORK_RETRIES,
            http_client=stripe.RequestsClient(timeout=(_CONNECT_S, _READ_S), session=session),
        )


def keyed(key: str, account: str = "") -> "RequestOptions":
    """The options of a call: our key, and whose balance it is about."""
    options: RequestOptions = {"idempotency_key": key} if key else {}
    if account:
        options["stripe_account"] = account
    return options


@contextmanager
def answered(key: str = "") -> Iterator[None]:
    """Definite answers become StripeRefused; what leaves the outcome open becomes a retry.

    A 401 or 403 is mostly our own set-up: nothing happened and it can be mended, so it is a retry
    too; an account that has left us (`account_invalid`) is a definite no.
    """
    import stripe  # noqa: PLC0415 - see above

    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyReused(key) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise _refused(error) from error
    except stripe.StripeError as error:
        refused = _refused(error)
        if "account_invalid" in refused.codes:
            raise refused from error
        raise ProviderUnavailable(refused.message.partition("\n")[0]) from error


def _refused(error: Any) -> StripeRefused:  # noqa: ANN401 - stripe.StripeError, imported lazily
    body = error.json_body if isinstance(error.json_body, dict) else {}
    said = body.get("error")
    said = said if isinstance(said, dict) else {}
    codes = tuple(str(said[name]) for name in ("decline_code", "code") if said.get(name))
    message = str(error.user_message or type(error).__name__)
    return StripeRefused(codes, message, said.get("payment_intent") or {})
