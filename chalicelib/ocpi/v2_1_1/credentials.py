"""Which token, URL and party are exchanged in a 2.1.1 handshake? (credentials.md 2) One party."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.ocpi.envelope.credentials import Credentials, checked
from chalicelib.ocpi.lenient.place import Place


def read_credentials(value: Any) -> Credentials:  # noqa: ANN401 - any JSON
    """A peer's Credentials object. Raises Invalid."""
    place = Place.answer(value)
    place.require("token", "url")
    identity = f"{place.upper('country_code')}*{place.upper('party_id')}"
    return checked(place.text("token"), place.text("url"), (identity,))


def write_credentials(
    token: str, versions_url: str, cpos: Sequence[str] | None = None
) -> dict[str, Any]:
    assert cpos is None, "a hub has several parties, and 2.1.1 names one"
    return {
        "token": token,
        "url": versions_url,
        "business_details": {"name": NAME},
        "country_code": COUNTRY_CODE,
        "party_id": PARTY_ID,
    }
