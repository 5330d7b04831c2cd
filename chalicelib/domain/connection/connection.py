"""Which CPO speaks to us, with what credentials, and which parties may it speak for?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ids import PartyId, PeerId


class ConnectionState(StrEnum):
    INVITED = "invited"  # token A is out; versions, details and POST credentials only
    REGISTERED = "registered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Connection:
    """`identities` are the `CC*PID` pairs that this credential may speak for, and whose they are.

    Tokens that a peer shows us are kept as SHA-256; the one that we show is a secret's name.
    """

    id: PeerId
    state: ConnectionState
    cpo_id: PartyId
    identities: Mapping[str, PartyId]
    token_hash: str = ""  # of the token that the peer shows us now
    their_token_secret: str = ""  # Secrets Manager name of the token that we show them
    versions_url: str = ""
    version: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)  # "<module>.<role>" → url
    raw_token: bool = False  # send the token unencoded, as many 2.1.1/2.2 peers expect
    registered_at: datetime | None = None
    cursors: Mapping[str, str] = field(default_factory=dict)  # module → last_updated pulled up to
    renewals: int = 0  # how often our token at the peer was renewed: names its secret
