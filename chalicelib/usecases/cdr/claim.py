"""Why does a CDR ask for something else than the published price, and what do we claim of its CPO?

Computed from the session's pinned inputs for its evidence; the session itself keeps the sums only.
"""

from collections.abc import Iterator

from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import TariffHash
from chalicelib.domain.money import Money
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.claim.document import (
    Amounts,
    ClaimDocument,
    Subject,
    claim_document,
)
from chalicelib.domain.tariff.claim.report import Report, report
from chalicelib.domain.tariff.claim.trial import NamedTariff
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.session.bill import Billing, others_of
from chalicelib.usecases.tariff.read import prepared, version

_VERSIONS_MAX = 25


def comparison_of(ports: Ports, session: Session, cdr: ReceivedCdr) -> Report:
    """The claim against the pinned versions and against the CDR's own tariff, part by part."""
    return report(
        (prepared(ports, session.tariff_hash, session.time_zone), *others_of(ports, session)),
        Usage(cdr.start, cdr.end, cdr.periods),
        cdr.costs,
        cdr.tariffs,
        list(_published(ports, session)),
        Money(1, cdr.currency).exact,
    )


def claim_of(
    session: Session, cdr: ReceivedCdr, billing: Billing, found: Report
) -> ClaimDocument | None:
    """The claim that follows from a bill; None where the CDR asks for no more than agreed."""
    if billing.claimed <= billing.published or not found.reasons:
        return None
    amounts = Amounts(
        claimed=billing.claimed,
        published=billing.published,
        excess=billing.claimed - billing.published,
        driver_pays=billing.gross,
    )
    subject = Subject(
        session_id=session.id,
        cpo=f"{cdr.country_code}*{cdr.party_id}",
        cdr_id=cdr.id,
        cdr_hash=cdr.raw_hash,
        charger_session=session.charger_session,
        location_id=session.location_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
    )
    return claim_document(subject, amounts, found)


def _published(ports: Ports, session: Session) -> Iterator[NamedTariff]:
    """Every other version of the tariff that its CPO published to us and that has a price."""
    pinned = version(ports, session.tariff_hash)
    pk = keys.tariff_versions(session.peer_id, pinned.country_code, pinned.party_id, pinned.id)
    for item in ports.store.query(pk, limit=_VERSIONS_MAX, descending=True):
        told, _, name = item.key.sk.rpartition("#")
        hash_ = TariffHash(name)
        if hash_ == session.tariff_hash:
            continue
        try:
            found = prepared(ports, hash_, session.time_zone)
        except DomainError:
            continue
        yield NamedTariff(f"published {told}", hash_, found)
