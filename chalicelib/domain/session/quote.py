"""What was the driver promised? A quote pins the tariff version that will be billed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.ids import AgreementId, PartyId, PeerId, QuoteId, TariffHash
from chalicelib.domain.money import Money
from chalicelib.domain.tariff.quote import PowerStep

# From a quote to the charge; with the bank's extra step in it. Then the car has left.
START_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Quote:
    """`expected` for the planned session; `hold` suffices for the worst case that was stated.

    It can be used until `expires_at`; one that expired as it was made is for information only.
    """

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
    power_max_w: int = 0  # the connector's
    arrival_at: datetime | None = None  # None: the plan begins when it was made
    power: tuple[PowerStep, ...] | None = None  # None: even power over `duration_s`

    @property
    def binding(self) -> bool:
        return self.expires_at > self.made_at

    @property
    def arrives_at(self) -> datetime:
        return self.made_at if self.arrival_at is None else self.arrival_at
