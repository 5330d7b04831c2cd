"""Between whom and on what terms is a session sold?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, Role
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Party
from chalicelib.domain.revenue.allocate import Allocation, Sale, allocate, drivers_rate
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreement_by_id
from chalicelib.usecases.party.read import channel, party


@dataclass(frozen=True, slots=True)
class Terms:
    agreement: Agreement
    channel: Party
    cpo: Party
    partner: Party

    def drivers_rate(self, country: str, day: date) -> Decimal:
        """The VAT fraction on the driver's leg, for a tariff that makes no statement of VAT."""
        chain = self.agreement.role is Role.COMMISSION_CHAIN
        return drivers_rate(self.channel if chain else self.cpo, country, day)

    def allocate(self, gross: Money, energy_kwh: Decimal, country: str, day: date) -> Allocation:
        return allocate(
            Sale(
                gross=gross,
                energy_kwh=energy_kwh,
                country=country,
                day=day,
                agreement=self.agreement,
                channel=self.channel,
                cpo=self.cpo,
                partner=self.partner,
            )
        )


def terms_for(ports: Ports, agreement: Agreement, cpo_id: PartyId) -> Terms:
    return Terms(
        agreement, channel(ports), party(ports, cpo_id), party(ports, agreement.partner_id)
    )


def terms_of(ports: Ports, session: Session) -> Terms:
    """The terms that the session was started on, whatever was agreed since."""
    agreement = agreement_by_id(ports, session.partner_id, session.agreement_id)
    return terms_for(ports, agreement, session.cpo_id)
