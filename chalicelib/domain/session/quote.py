"""What was the driver promised? A quote pins the tariff version that will be billed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chalicelib.domain.ids import AgreementId, PartyId, PeerId, QuoteId, TariffHash
from chalicelib.domain.money import Money


@dataclass(frozen=True, slots=True)
class Quote:
    """`expected` for the planned energy and time; `hold` suffices for the stated worst case."""

    id: QuoteId
    partner_id: PartyId
    agreement_id: AgreementId
    cpo_id: PartyId
    peer_id: PeerId
    location_id: str
    evse_uid: str
    connector_id: str
    country: str
    time_zone: str  # the location's
    settlement_zone: str  # the CPO's
    tariff_id: str
    tariff_hash: TariffHash
    energy_kwh: Decimal
    duration_s: int
    expected: Money
    hold: Money
    made_at: datetime
    expires_at: datetime
    place_id: str = ""  # the location's public id `loc_…`; `location_id` is the CPO's own
