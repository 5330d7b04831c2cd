"""With what does a driver identify at a charger? An OCPI token that the channel issued."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.token.limits import Limits

APP_USER, RFID = "APP_USER", "RFID"


@dataclass(frozen=True, slots=True)
class Token:
    """All are whitelist NEVER: every start asks us. `driver_hash` is salted, not a name.

    An RFID is the card of an eMSP's driver, under the uid that chargers read from it.
    """

    id: TokenId
    partner_id: PartyId
    uid: str
    contract_id: str
    driver_hash: str
    valid: bool
    last_updated: datetime
    type: str = APP_USER
    payment_source: str = ""  # card: the provider's saved method `pm_…`
    vehicle: str = ""  # the partner's own names, by which tokens share budgets
    cost_centre: str = ""
    limits: Limits | None = None
