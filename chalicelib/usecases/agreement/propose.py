"""How do two sides come to terms? One proposes, the other countersigns exactly that content."""

from dataclasses import replace

from chalicelib.domain.agreement.agreement import Agreement
from chalicelib.domain.agreement.signing import OtherTerms, Side, check_countersigned, signed
from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_by_id
from chalicelib.usecases.agreement.make import check_terms, in_succession, put_in_force
from chalicelib.usecases.records import create, find, load

_PAGE = 100


def propose(ports: Ports, agreement: Agreement, side: Side, person: str) -> Agreement:
    """Record terms with their first signature; nothing is sold on them yet.

    The id is the proposal's own: another content is another proposal. Raises Invalid, and
    AgreementOverlaps when they could not come into force.
    """
    check_terms(ports, agreement)
    agreement = in_succession(ports, replace(agreement, signatures=(), ended=None))
    first = signed(side, person, ports.clock.now(), agreement.hash)
    made = replace(agreement, signatures=(first,))
    ports.store.write(create(keys.proposal(made.partner_id, made.id), made))
    return made


def countersign(
    ports: Ports,
    partner_id: PartyId,
    agreement_id: AgreementId,
    hash_: str,
    side: Side,
    person: str,
) -> Agreement:
    """Put proposed terms in force by the other side's signature; again: the same agreement.

    Raises NotFound, OtherTerms, SameSide, AgreementOverlaps, AgreementDiffers.
    """
    key = keys.proposal(partner_id, agreement_id)
    record = load(ports.store, key, Agreement, "agreement")
    proposed = record.value
    if hash_ != proposed.hash:
        raise OtherTerms(agreement_id, proposed.hash)
    if proposed.in_order:
        return agreement_by_id(ports, partner_id, agreement_id)
    (first,) = proposed.signatures
    second = signed(side, person, ports.clock.now(), hash_)
    check_countersigned(first, second)
    agreed = replace(proposed, signatures=(first, second))
    check_terms(ports, agreed)
    return put_in_force(ports, agreed, record.put(agreed))


def proposals_of(ports: Ports, partner_id: PartyId) -> list[Agreement]:
    """What is proposed to or by a partner and not yet countersigned."""
    found, after = list[Agreement](), ""
    while True:
        rows = ports.store.query(
            keys.agreements(partner_id), prefix="proposal#", after=after, limit=_PAGE
        )
        found.extend(from_plain(Agreement, row.body) for row in rows)
        if len(rows) < _PAGE:
            return [one for one in found if not one.in_order]
        after = rows[-1].key.sk


def agreement_or_proposal(
    ports: Ports, partner_id: PartyId, agreement_id: AgreementId
) -> Agreement:
    """In force, past, future or only proposed. Raises NotFound."""
    try:
        return agreement_by_id(ports, partner_id, agreement_id)
    except NotFound:
        proposed = find(ports.store, keys.proposal(partner_id, agreement_id), Agreement)
        if proposed is None:
            raise
        return proposed.value
