"""How do we call a partner's webhook endpoint? Out of our network only."""

from collections.abc import Mapping
from typing import Protocol


class Web(Protocol):
    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: int) -> int:
        """The HTTP status of the answer; 0 when there was none. Private addresses are refused
        (Rejected `address_refused`) unless the setting for the laptop allows them.
        """
