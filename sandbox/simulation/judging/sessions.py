"""Is every session explained: to its partner, and by what its CPO delivered?"""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.usecases.session.watch import STUCK
from sandbox.simulation.charger import VAT_ABROAD
from sandbox.simulation.endings import is_final
from sandbox.simulation.judging.found import Found, Lines

_NEVER = frozenset({SessionState.REFUSED, SessionState.ABANDONED})


def nothing_broke(found: Found) -> Lines:
    yield from dict.fromkeys(found.history.processes.broken)
    for item in found.history.table.query("quarantine"):
        yield f"{item.key.sk} is in quarantine: {item.body['reason']}"
    for key in found.history.payments.reused:
        yield f"the provider's key {key} was used for another call"


def every_session_is_explained(found: Found) -> Lines:
    for asked in found.history.asked:
        id_, answer = str(asked.session_id), asked.answer
        session = found.sessions.get(id_)
        if session is None:
            if answer is not None and answer.end.value == "done":
                yield f"{id_} was promised to its partner and is not there"
            continue
        if not is_final(session):
            kinds = [effect.kind.value for effect in session.effects]
            paid = session.payment.state.value
            yield f"{id_} is left {session.state.value}, payment {paid}, {kinds}"
        yield from _by_its_cpo(found, session)
        yield from _told(found, session)
    for place in found.history.cpos.values():
        late = [at for at, limit in place.started if at > limit]
        yield from (f"a charger was started at {at}, when its driver had left" for at in late)
        starts = Counter(command.authorization_reference for command in place.starts)
        yield from (f"{id_} was started {n} times" for id_, n in starts.items() if n > 1)


def _by_its_cpo(found: Found, session: Session) -> Lines:
    """What the CPO delivered is billed, or is held and says why."""
    cpo = found.history.cpos[session.peer_id]
    cdrs = [
        cdr
        for cdr in cpo.finished
        if cdr.authorization_reference == session.id and cdr.currency == "EUR"
    ]
    if session.state is SessionState.BILLED:
        if session.bill is None or not cdrs:
            yield f"{session.id} is billed without a CDR"
        elif session.bill.gross.minor != _expected(found, session, cdrs[-1]):
            yield f"{session.id} is billed {session.bill.gross}, its CDR and tariff say otherwise"
        elif session.bill.energy_kwh != cdrs[-1].total_energy_kwh:
            yield f"{session.id} is billed {session.bill.energy_kwh} kWh"
        if not session.evidence:
            yield f"{session.id} has no evidence"
        return
    if session.state is SessionState.CREDITED and not (cdrs and cdrs[-1].credit):
        yield f"{session.id} is credited, and its last CDR is none that takes one back"
    delivered = session.id in cpo.visits and cpo.visits[session.id].ended is not None
    if session.state in _NEVER and cdrs and _known_at_our_side(found, session):
        yield f"{session.id} is {session.state.value}, and its CPO delivered"
    if session.state is SessionState.ENDED and cdrs and delivered and _in_time(found, session):
        yield f"{session.id} waits for a CDR that its CPO has: {session.reason}"


def _expected(found: Found, session: Session, cdr: ReceivedCdr) -> int:
    """The lower of tariff and claim, VAT included; at most what was captured before.

    A card is not billed anew for more than was taken from it.
    """
    cpo = found.history.cpos[session.peer_id]
    claims = Decimal(found.history.trips[session.id].claims)
    claimed = cdr.total_cost.incl_vat or cdr.total_cost.excl_vat * VAT_ABROAD
    published = cpo.gross_of(cdr.total_energy_kwh)
    assert claimed == published * claims, "the CPO claims what its trip says"
    gross = int((min(claimed, published) * 100).to_integral_value(ROUND_HALF_UP))
    captured = session.payment.captured
    if session.payment.is_debit and not _paid_before_its_bill(found, session):
        return gross  # it was billed anew while its debit was under way: nothing was taken yet
    anew = session.redress is not None and session.redress.credited
    card = session.payment.method is PaymentMethod.CARD
    before = any(booked.name == "provisional" for booked in session.booked) or (anew and card)
    return min(gross, captured.minor) if before and captured else gross


def _paid_before_its_bill(found: Found, session: Session) -> bool:
    """By the journal: whether money had come in when its last sale was booked."""
    own = [entry for entry in found.entries if entry.owner == f"session#{session.id}"]
    came = min((entry.at for entry in own if entry.event is Event.CASH), default=None)
    return came is not None and came < max(e.at for e in own if e.event is Event.SALE)


def _known_at_our_side(found: Found, session: Session) -> bool:
    """A charge that nobody told us of before we gave up is the CPO's to tell."""
    pk = found.history.table.partitions(f"charging#{session.peer_id}#")
    return any(name.endswith(f"cs-{session.id[-8:]}") for name in pk)


def _in_time(found: Found, session: Session) -> bool:
    """Its CDR was there while somebody still looked for it."""
    ended = session.ended_at
    trip = found.history.trips[session.id]
    return ended is not None and trip.cdr_after <= 60 * 12 and not trip.unfit_first


def _told(found: Found, session: Session) -> Lines:
    """The partner's feed has every event of the session, each once."""
    if session.reason == STUCK:
        return
    sequences = sorted(
        item.body["sequence"]
        for pk in found.history.table.partitions(f"events#{session.partner_id}#")
        for item in found.history.table.query(pk, limit=1000)
        if item.body["object_id"] == session.id
    )
    if sequences != list(range(1, session.told + 1)):
        yield f"{session.id}: its partner was told {sequences} of {session.told}"
