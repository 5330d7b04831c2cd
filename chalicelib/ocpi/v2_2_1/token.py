"""How do our drivers' tokens look to a CPO? (mod_tokens 12.3)"""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.domain.token.token import Token


def write_token(token: Token) -> dict[str, Any]:
    """App tokens are whitelist NEVER: no CPO may start them without asking."""
    return {
        "country_code": COUNTRY_CODE,
        "party_id": PARTY_ID,
        "uid": token.uid,
        "type": token.type,
        "contract_id": token.contract_id,
        "issuer": NAME,
        "valid": token.valid,
        "whitelist": "NEVER",
        "last_updated": instant_text(token.last_updated),
    }


def token_types(asked: str) -> frozenset[str]:
    """The types of ours that a CPO means by one of its own."""
    return frozenset({asked.upper()})
