"""What happens to the money of a session whose CDR does not come?

A card's hold lapses, so a completed session with energy is captured by the pinned tariff into
`held:awaiting_cdr`: nobody earns it until the CDR comes. A reservation of a balance or a credit
limit does not lapse: it is freed after a week, as long as a card's hold would have lasted.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.ledger.provisional import (
    AWAITING_CDR,
    provisional_entry,
    provisional_reversed_entry,
)
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.effects import added, told
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.payment.booking import RESERVATION_LIFE, book, entry_of
from chalicelib.usecases.session.running import running_cost

UNFIT_CDR = "cdr_refused:"  # and the refusal's code: why the CDR that came cannot be billed


def capture_without_cdr(ports: Ports, session: Session) -> tuple[Session, tuple[Write, ...]]:
    """Hold the session for its CDR; a card is captured now, at most its hold.

    Where nothing is to be taken everything is given back: many CPOs send no CDR then.
    """
    at = ports.clock.now()
    unfit = session.reason.startswith(UNFIT_CDR)  # says more than that none came
    held = replace(session, reason=session.reason if unfit else AWAITING_CDR)
    report = fold_partition(ports.store, charging_partition(session))
    if report is None or report.kwh <= 0 or report.status is ChargerStatus.INVALID:
        return added(replace(held, reason="no_energy_no_cdr"), EffectKind.RELEASE, at), ()
    cost = running_cost(ports, session, report)
    held = replace(held, running_cost=cost)
    if not cost.minor:
        return added(replace(held, reason="no_cost_no_cdr"), EffectKind.RELEASE, at), ()
    payment = session.payment
    if payment.method is not PaymentMethod.CARD:  # see session/renew.py
        held = added(held, EffectKind.RELEASE, at, after=RESERVATION_LIFE)
    if payment.method is not PaymentMethod.CARD or payment.state is not PaymentState.AUTHORISED:
        return told(held, at, "session.held", reason=AWAITING_CDR), ()
    money = min(cost, payment.hold, key=lambda amount: amount.minor)
    owner = f"session#{session.id}"
    account = receivable(payment.method, session.partner_id)
    entry = provisional_entry(owner, account, session.cpo_id, money, at)
    held, write = book(held, "provisional", entry, at)
    held = replace(
        held,
        payment=advance(payment, PaymentEvent.CAPTURE),
        detail={**held.detail, "provisional": True},
    )
    held = added(held, EffectKind.CAPTURE, at, minor=str(money.minor))
    return told(held, at, "session.held", reason=AWAITING_CDR), (write,)


def reverse_provisional(ports: Ports, session: Session, at: datetime) -> tuple[Session, Put]:
    """The CDR came: what was held is undone in the transaction of the sale."""
    booked = next(entry for entry in session.booked if entry.name == "provisional")
    entry = provisional_reversed_entry(entry_of(ports, booked), at)
    kept = {name: value for name, value in session.detail.items() if name != "provisional"}
    session = replace(session, detail=kept, reason="")
    return book(session, "provisional_reversed", entry, at)


def charging_partition(session: Session) -> str:
    """Where the charger's reports of a session lie; an unknown charger session has none."""
    country_code, _, rest = session.charger_session.partition("*")
    party_id, _, charger_id = rest.partition("*")
    return keys.charging(session.peer_id, country_code, party_id, charger_id)
