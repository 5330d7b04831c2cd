"""What does an eMSP say of a driver's token? (mod_tokens 12.3.2)"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.hub.card import Whitelist
from chalicelib.domain.hub.token import EmspToken
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ocpi.lenient.place import Place

DEFAULT_TYPE = "RFID"  # of a URL that names none


def read_emsp_token(value: Mapping[str, Any]) -> EmspToken:
    """Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    if not place.has("valid"):
        raise place.invalid("valid", "is missing")
    return EmspToken(
        country_code=place.upper("country_code"),
        party_id=place.upper("party_id"),
        uid=place.id("uid"),
        type=place.upper("type"),
        contract_id=place.id("contract_id"),
        valid=place.flag("valid"),
        last_updated=place.instant("last_updated"),
        raw=dump(value),
        whitelist=_whitelist(place),
    )


def _whitelist(place: Place) -> Whitelist:
    """A word that we do not know is the strictest."""
    word = place.upper("whitelist") if place.has("whitelist") else ""
    return Whitelist(word) if word in Whitelist.__members__ else Whitelist.NEVER


def write_cdr_token(token: EmspToken) -> dict[str, Any]:
    """Which token a session or CDR was charged with (mod_cdrs 10.4.5)."""
    return {
        "country_code": token.country_code,
        "party_id": token.party_id,
        "uid": token.uid,
        "type": token.type,
        "contract_id": token.contract_id,
    }
