"""Between whom and on what terms is a session sold?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, Role
from chalicelib.domain.ids import CHANNEL, PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Party
from chalicelib.domain.revenue.allocate import Allocation, Sale, allocate, drivers_rate, rebate_of
from chalicelib.domain.revenue.fee import Use
from chalicelib.domain.revenue.volume import MonthVolume, volume_at
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreement_by_id, agreements_in_force
from chalicelib.usecases.agreement.volume import counted
from chalicelib.usecases.party.read import parties_by_id


@dataclass(frozen=True, slots=True)
class Terms:
    """`volume` is what tiers are chosen by; None where there are none, or no month was counted."""

    agreement: Agreement
    channel: Party
    cpo: Party
    partner: Party
    volume: MonthVolume | None = None

    def drivers_rate(self, country: str, day: date) -> Decimal:
        """The VAT fraction on the driver's leg, for a tariff that makes no statement of VAT."""
        chain = self.agreement.role is Role.COMMISSION_CHAIN
        return drivers_rate(self.channel if chain else self.cpo, country, day)

    def rebate(self, price: Money, energy_kwh: Decimal) -> Money:
        """What the driver pays less than the price."""
        figured = rebate_of(self.agreement, price, Use(energy_kwh))
        return Money.zero(price.currency) if figured is None else figured.amount

    def sale(
        self,
        price: Money,
        energy_kwh: Decimal,
        country: str,
        day: date,
        rebate: Money | None = None,
    ) -> Sale:
        """A sale at a price before any rebate, which is figured from it when it is not given."""
        return Sale(
            price=price,
            energy_kwh=energy_kwh,
            country=country,
            day=day,
            agreement=self.agreement,
            channel=self.channel,
            cpo=self.cpo,
            partner=self.partner,
            volume_kwh=Decimal(0) if self.volume is None else self.volume.energy_kwh,
            rebate=rebate,
        )

    def allocate(self, price: Money, energy_kwh: Decimal, country: str, day: date) -> Allocation:
        return allocate(self.sale(price, energy_kwh, country, day))


def terms_for(ports: Ports, agreement: Agreement, cpo_id: PartyId, at: datetime) -> Terms:
    """The terms of a session that is requested at an instant."""
    volumes = counted(ports, agreement.partner_id) if agreement.tiered else ()
    channel, cpo, partner = parties_by_id(ports, CHANNEL, cpo_id, agreement.partner_id)
    return Terms(agreement, channel, cpo, partner, volume_at(volumes, at))


def terms_with(
    ports: Ports, partner_id: PartyId, cpo_ids: Iterable[PartyId], at: datetime
) -> dict[PartyId, Terms]:
    """As `terms_for`, with each CPO that there is an agreement with: in two or three reads."""
    agreed = agreements_in_force(ports, partner_id, cpo_ids, at.date())
    volumes = counted(ports, partner_id) if any(one.tiered for one in agreed.values()) else ()
    ids = list(agreed)
    channel, partner, *cpos = parties_by_id(ports, CHANNEL, partner_id, *ids)
    return {
        cpo_id: Terms(
            agreement := agreed[cpo_id],
            channel,
            cpo,
            partner,
            volume_at(volumes if agreement.tiered else (), at),
        )
        for cpo_id, cpo in zip(ids, cpos, strict=True)
    }


def agreement_of(ports: Ports, session: Session) -> Agreement:
    """What the session was started on, for those who need to know of no party."""
    return agreement_by_id(ports, session.partner_id, session.agreement_id)


def terms_of(ports: Ports, session: Session) -> Terms:
    """The terms that the session was started on, whatever was agreed since."""
    return terms_for(ports, agreement_of(ports, session), session.cpo_id, session.requested_at)
