"""How do our drivers' tokens look to a 2.1.1 CPO? (mod_tokens.md 3.2)

It knows the types RFID and OTHER only, and calls the contract's id `auth_id`.
"""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.ours import NAME
from chalicelib.domain.token.token import Token

_RFID, _OTHER = "RFID", "OTHER"
_ANY = frozenset({_RFID, "APP_USER", "AD_HOC_USER", _OTHER})


def write_token(token: Token, auth_id: str = "") -> dict[str, Any]:
    """App tokens are whitelist NEVER: no CPO may start them without asking."""
    return {
        "uid": token.uid,
        "type": _RFID if token.type == _RFID else _OTHER,
        "auth_id": auth_id or token.contract_id,
        "issuer": NAME,
        "valid": token.valid,
        "whitelist": "NEVER",
        "last_updated": instant_text(token.last_updated),
    }


def token_types(asked: str) -> frozenset[str]:
    """All of ours: no type of the version means an app's token, so that the uid alone names it."""
    return _ANY if asked.upper() in {_RFID, _OTHER} else frozenset()
