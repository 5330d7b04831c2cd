"""Which peer speaks to us, with what credentials, and which parties may it speak for?"""

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
    closed_at: datetime | None = None
    renewals: int = 0  # how often our token at the peer was renewed: names its secret
    announced: tuple[str, ...] = ()  # the `CC*PID` of its credentials, as many as are bound
    hub: str = ""  # the `CC*PID` of the hub through which its parties are reached; "": none
    next_token_hash: str = ""  # of the token that it shall show once it has taken our renewal
    # Of an eMSP, to which we are the CPOs: the partner that it is. `cpo_id` is "" then.
    partner_id: PartyId | None = None

    @property
    def emsp(self) -> bool:
        return self.partner_id is not None

    @property
    def partner(self) -> PartyId:
        assert self.partner_id is not None, "only an eMSP is a partner"
        return self.partner_id

    @property
    def spokesman(self) -> tuple[str, str]:
        """Country code and party id that an object without an owner is taken to be of.

        2.1.1 registers one party, and its objects do not say whose they are. ("", "") if unsure.
        """
        known = self.announced or tuple(self.identities)
        if len(known) != 1:
            return "", ""
        country, _, party = known[0].partition("*")
        return country, party
