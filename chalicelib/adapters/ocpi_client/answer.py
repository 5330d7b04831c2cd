"""What does a peer's answer say? The envelope's status decides; the data is for whoever asked."""

from collections.abc import Callable
from typing import Any

from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.body import MalformedJson, parse_object
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable

_SUCCESS = range(1000, 2000)
_HUB_ERRORS = range(4000, 5000)  # the party behind a hub did not answer
_SERVER_ERROR = 3000  # as HTTP 500: what was asked for may have been done


def parsed(answer: Answer) -> dict[str, Any]:
    try:
        return parse_object(answer.body)
    except MalformedJson as error:
        raise CpoUnavailable(f"the answer is not OCPI: {error}") from error


def check(envelope: dict[str, Any]) -> None:
    status = envelope.get("status_code")
    message = str(envelope.get("status_message", ""))[:200]
    if isinstance(status, int) and status in _SUCCESS:
        return
    if not isinstance(status, int) or status in _HUB_ERRORS or status == _SERVER_ERROR:
        raise CpoUnavailable(f"the answer has status {status!r}: {message}")
    raise CpoRefused(status, message)


def data_of(answer: Answer) -> Any:  # noqa: ANN401 - any JSON
    envelope = parsed(answer)
    check(envelope)
    return envelope.get("data")


def read_as(read: Callable[[Any], Any], value: Any) -> Any:  # noqa: ANN401 - as `read` gives
    try:
        return read(value)
    except Invalid as error:
        raise CpoUnavailable(f"the answer is not OCPI: {error}") from error
