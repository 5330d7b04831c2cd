"""What does an eMSP say of a card that one of its drivers holds to a charger?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.token.authorization import Allowed


class Whitelist(StrEnum):
    """Whether an eMSP must be asked before its token is used (WhitelistType, mod_tokens 12.4.4)."""

    ALWAYS = "ALWAYS"
    ALLOWED = "ALLOWED"
    ALLOWED_OFFLINE = "ALLOWED_OFFLINE"
    NEVER = "NEVER"

    @property
    def good_without_answer(self) -> bool:
        """Whether the token is as good when its eMSP does not answer."""
        return self is not Whitelist.NEVER


@dataclass(frozen=True, slots=True)
class AtCharger:
    """Where the card is. `identity` is the `CC*PID` of the CPO, `correlation_id` its message's."""

    identity: str
    location_id: str
    evse_uid: str
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`evse_uids` are those where the eMSP lets it charge; none: wherever it was asked for."""

    allowed: Allowed
    evse_uids: tuple[str, ...] = ()
    reference: str = ""
    info: Mapping[str, str] = field(default_factory=dict)
