"""Which parties behind a hub can be reached, by the hub's own word? (mod_hub_client_info)"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Forbidden


class NotAHub(Forbidden):
    """Whether others are reachable is for their hub to say."""

    code = "not_a_hub"
    how_to_fix = "Register with role HUB, or with a hub_party_id, before you tell of others."

    def __init__(self, peer_id: str) -> None:
        super().__init__("this peer did not register as a hub")
        self.peer_id = peer_id


class ConnectionStatus(StrEnum):
    CONNECTED = "CONNECTED"
    OFFLINE = "OFFLINE"
    PLANNED = "PLANNED"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """`role` is OCPI's: CPO, EMSP, NSP …"""

    country_code: str
    party_id: str
    role: str
    status: ConnectionStatus
    last_updated: datetime

    @property
    def id(self) -> str:
        """The party itself: a hub tells one thing of each."""
        return f"{self.country_code}*{self.party_id}"
