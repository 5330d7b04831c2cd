"""How do terms come into force, and a partner's programs get a key, when anybody may die meanwhile?

Both sides sign what one has proposed; terms signed on paper are recorded. All begin in a month.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.agreement.agreement import Agreement, Form, PaymentMethod
from chalicelib.domain.agreement.signing import Side
from chalicelib.domain.ids import AgreementId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.access.issue_key import issue_key, revoke_key
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.agreement.propose import countersign, propose
from sandbox.memory.world import CPO, PARTNERS
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

APP, FLEET = PARTNERS[PaymentMethod.CARD], PARTNERS[PaymentMethod.PREPAID]
_IN_A_MONTH = timedelta(days=30)


@dataclass
class Signed:
    """What its callers were answered: terms that are in force, refusals, keys, those revoked."""

    refused: list[str] = field(default_factory=list)
    agreed: list[Agreement] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)


def sign(acts: "Acts", _act: Act) -> None:
    """The CPO proposes terms to the app, which countersigns; the insurer's are on paper."""
    since = (acts.history.clock.now() + _IN_A_MONTH).date()

    def proposed(ports: Ports) -> Agreement:
        terms = Agreement(
            id=AgreementId(ports.ids.new("agr")),
            partner_id=APP,
            cpo_id=CPO,
            commission=Decimal("0.07"),
            partner_share=Decimal("0.5"),
            payment_method=PaymentMethod.CARD,
            since=since,
            form=Form.COMMISSION,
        )
        return propose(ports, terms, Side.SELLER, "Ada Lovelace")

    acts.ask("propose", proposed, partial(_countersigned, acts))
    on_paper = Agreement(
        id=AgreementId("agr_paper"),
        partner_id=FLEET,
        cpo_id=CPO,
        commission=Decimal("0.06"),
        partner_share=Decimal("0.5"),
        payment_method=PaymentMethod.PREPAID,
        since=since,
    )
    make = partial(make_agreement, agreement=on_paper)
    acts.ask("make_agreement", make, partial(_noted, acts))


def key(acts: "Acts", act: Act) -> None:
    """The app's people get a key, and have it revoked so many hours later (`minor`)."""

    def issued(ran: Ran) -> None:
        if ran.end is not End.DONE:
            return
        acts.signed.keys.append(ran.value.text)
        revoke = partial(revoke_key, partner_id=APP, key_id=ran.value.key.id)
        gone = partial(_revoked, acts, ran.value.text)
        if act.minor:
            acts.after(act.minor, partial(acts.ask, "revoke_key", revoke, gone))

    acts.ask("issue_key", partial(issue_key, partner_id=APP), issued)


def _countersigned(acts: "Acts", ran: Ran) -> None:
    if ran.end is End.DONE:
        terms = ran.value
        yes = partial(
            countersign,
            partner_id=APP,
            agreement_id=terms.id,
            hash_=terms.hash,
            side=Side.PARTNER,
            person="Grace Hopper",
        )
        acts.after(1, partial(acts.ask, "countersign", yes, partial(_noted, acts)))


def _noted(acts: "Acts", ran: Ran) -> None:
    if ran.end is End.DONE:
        acts.signed.agreed.append(ran.value)
    elif ran.refusal is not None:
        acts.signed.refused.append(ran.refusal.code)


def _revoked(acts: "Acts", text: str, ran: Ran) -> None:
    if ran.end is End.DONE:
        acts.signed.revoked.append(text)
