"""Which terms are in force between a partner and a CPO on a day?"""

from collections.abc import Iterable
from datetime import date

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound, Rejected
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys

EVERY_CPO = PartyId("*")
_VERSIONS_READ = 25
_PAGE = 100


class NoAgreement(Rejected):
    code = "no_agreement"
    how_to_fix = "agree on terms for this CPO with the channel's staff"

    def __init__(self, partner_id: PartyId, cpo_id: PartyId, day: date) -> None:
        super().__init__(f"{partner_id} has no agreement for {cpo_id} on {day}")
        self.partner_id, self.cpo_id, self.day = partner_id, cpo_id, day


def agreement_in_force(ports: Ports, partner_id: PartyId, cpo_id: PartyId, day: date) -> Agreement:
    """The CPO's own agreement before the one for every CPO; countersigned ones only."""
    for name in (cpo_id, EVERY_CPO):
        found = _first(agreements_between(ports, partner_id, name), name, day)
        if found is not None:
            return found
    raise NoAgreement(partner_id, cpo_id, day)


def agreements_in_force(
    ports: Ports, partner_id: PartyId, cpo_ids: Iterable[PartyId], day: date
) -> dict[PartyId, Agreement]:
    """As `agreement_in_force`, of those CPOs that have one: by all that the partner ever had."""
    latest = agreements_of(ports, partner_id)[::-1]
    for_every = _first(latest, EVERY_CPO, day)
    found = {cpo_id: _first(latest, cpo_id, day) or for_every for cpo_id in cpo_ids}
    return {cpo_id: one for cpo_id, one in found.items() if one is not None}


def _first(latest: Iterable[Agreement], cpo_id: PartyId, day: date) -> Agreement | None:
    return next(
        (one for one in latest if one.cpo_id == cpo_id and one.holds_on(day) and one.in_order),
        None,
    )


def agreement_by_id(ports: Ports, partner_id: PartyId, agreement_id: AgreementId) -> Agreement:
    """A partner's agreement, in force or not: what a session or bill names."""
    for agreement in agreements_of(ports, partner_id):
        if agreement.id == agreement_id:
            return agreement
    raise NotFound("agreement", agreement_id, "agreement_id")


def agreements_of(ports: Ports, partner_id: PartyId) -> list[Agreement]:
    """All agreements that a partner ever had, by CPO and first day."""
    found: list[Agreement] = []
    after = ""
    while True:
        rows = ports.store.query(
            keys.agreements(partner_id), prefix="agreement#", after=after, limit=_PAGE
        )
        found.extend(from_plain(Agreement, row.body) for row in rows)
        if len(rows) < _PAGE:
            return found
        after = rows[-1].key.sk


def prepaid_agreements(ports: Ports, partner_id: PartyId, day: date) -> list[Agreement]:
    """What a partner's balance may be used for on a day."""
    return [
        agreement
        for agreement in agreements_of(ports, partner_id)
        if agreement.holds_on(day) and agreement.payment_method is PaymentMethod.PREPAID
    ]


def agreements_between(ports: Ports, partner_id: PartyId, cpo_id: PartyId) -> list[Agreement]:
    """The last ones between these two, the latest to begin first."""
    rows = ports.store.query(
        keys.agreements(partner_id),
        prefix=f"agreement#{cpo_id}#",
        limit=_VERSIONS_READ,
        descending=True,
    )
    return [from_plain(Agreement, row.body) for row in rows]
