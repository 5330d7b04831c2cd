"""How is an answer wrapped? Status, message, time, and the data (transport_and_format 4.1.7)."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.ocpi.envelope.body import dump

_SUCCESS = "Success"


class Status(IntEnum):
    """OCPI status codes (status_codes.asciidoc)."""

    SUCCESS = 1000
    CLIENT_ERROR = 2000
    INVALID = 2001
    TOO_LITTLE = 2002
    UNKNOWN_LOCATION = 2003
    UNKNOWN_TOKEN = 2004
    SERVER_ERROR = 3000
    PEER_UNUSABLE = 3001
    UNSUPPORTED_VERSION = 3002
    NO_ENDPOINTS = 3003
    UNKNOWN_RECEIVER = 4001


def enveloped(
    at: datetime,
    data: Any = None,  # noqa: ANN401 - any JSON
    status: int = Status.SUCCESS,
    message: str = "",
) -> str:
    """The envelope as JSON text; `data` None is left out, as the specification advises.

    A message is optional, but some clients take no answer without one.
    """
    body: dict[str, Any] = {
        "status_code": int(status),
        "status_message": message or _SUCCESS,
        "timestamp": instant_text(at),
    }
    if data is not None:
        body["data"] = data
    return dump(body)


def enveloped_raw(at: datetime, data: str, message: str = "") -> str:
    """As `enveloped`, around JSON text that is given back byte for byte."""
    head = enveloped(at, message=message)
    return f'{head[:-1]},"data":{data}}}'
