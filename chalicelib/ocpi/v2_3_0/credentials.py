"""Which roles do we announce in 2.3.0? (credentials 7.3) A hub is no role there, but a member."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.ocpi.v2_2_1 import credentials


def write_credentials(
    token: str, versions_url: str, cpos: Sequence[str] | None = None
) -> dict[str, Any]:
    """To a CPO we are an eMSP; to an eMSP the CPOs (`CC*PID`) behind us, the `hub_party_id`."""
    found = credentials.write_credentials(token, versions_url, cpos)
    if cpos is None:
        return found
    us, *roles = found["roles"]
    at_least_one = roles or [{**us, "role": "OTHER"}]  # who has no agreement yet reaches nobody
    return {**found, "hub_party_id": f"{COUNTRY_CODE}{PARTY_ID}", "roles": at_least_one}
