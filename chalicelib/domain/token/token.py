"""With what does a driver identify at a charger? An OCPI token that the channel issued."""

import re
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.token.limits import Limits

APP_USER, RFID = "APP_USER", "RFID"
# Of one card. A test name (`pm_card_visa`) stands for a new one each time that it is used.
_ONE_CARD = re.compile(r"pm_[A-Za-z0-9]{14,}")


class PaymentSourceTaken(Conflict):
    """A card that was given once is its driver's: it pays for nobody else's charges."""

    code = "payment_source_taken"
    field = "payment_source"
    how_to_fix = "Let the driver enter a card: each entry is a payment method of its own."

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} was given for another driver's token")
        self.source = source


def is_one_card(payment_source: str) -> bool:
    return _ONE_CARD.fullmatch(payment_source) is not None


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
