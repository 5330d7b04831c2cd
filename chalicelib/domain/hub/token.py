"""With what does a driver of an eMSP identify? The eMSP's own Token, as it told us."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.hub.card import Whitelist
from chalicelib.domain.token.token import RFID

_UID_MAX = 36  # OCPI's CiString


@dataclass(frozen=True, slots=True)
class EmspToken:
    """`raw` is its JSON. To CPOs its driver has a token of ours; a card's has the card's uid."""

    country_code: str
    party_id: str
    uid: str
    type: str
    contract_id: str
    valid: bool
    last_updated: datetime
    raw: str
    whitelist: Whitelist = Whitelist.NEVER

    @property
    def is_card(self) -> bool:
        """Whether a charger can read it, and CPOs be told of it: longer uids occur, and start by
        command.
        """
        return self.type == RFID and len(self.uid) <= _UID_MAX

    @property
    def emsp(self) -> str:
        """`CC*PID` of the driver's eMSP."""
        return f"{self.country_code}*{self.party_id}"

    @property
    def reference(self) -> str:
        """The driver's name to us."""
        return self.name(self.country_code, self.party_id, self.type, self.uid)

    @staticmethod
    def name(country_code: str, party_id: str, type_: str, uid: str) -> str:
        return f"ocpi:{country_code}*{party_id}:{type_}:{uid.lower()}"


def erased(emsp: str, at: datetime) -> EmspToken:
    """Of a driver whose personal data was erased: what is required and is not there is `#NA`."""
    country, _, party = emsp.partition("*")
    return EmspToken(country, party, "#NA", "OTHER", "#NA", valid=False, last_updated=at, raw="{}")
