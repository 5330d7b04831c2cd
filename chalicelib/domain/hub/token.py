"""With what does a driver of an eMSP identify? The eMSP's own Token, as it told us."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EmspToken:
    """`raw` is its JSON. CPOs never see it: to them we start with a token of ours."""

    country_code: str
    party_id: str
    uid: str
    type: str
    contract_id: str
    valid: bool
    last_updated: datetime
    raw: str

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
