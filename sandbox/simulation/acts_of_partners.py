"""What do partners do beside charging: top-ups, invoices, claims, their endpoint?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId, TokenId, external_id
from chalicelib.domain.money import Money
from chalicelib.domain.payment.saved_method import MethodKind
from chalicelib.domain.token.limits import Budget, BudgetOf, Every, Limits
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.debt.paid import pay_claim as book_claim
from chalicelib.usecases.event.replay import replay
from chalicelib.usecases.partner.collect import ask_top_up
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.partner.pay_invoice import pay_invoice as book_invoice
from chalicelib.usecases.payment.save_method import ask_method
from chalicelib.usecases.records import find
from chalicelib.usecases.webhook_endpoint.make import make, rotate_secret
from chalicelib.usecases.webhook_endpoint.ping import ping
from chalicelib.usecases.webhook_endpoint.read import delete
from sandbox.memory.world import CPO, EUR, PARTNERS
from sandbox.simulation.market import token_of
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

_CARD = PaymentMethod.CARD
_INSURER, _FLEET = PARTNERS[PaymentMethod.PREPAID], PARTNERS[PaymentMethod.INVOICE]
_CLOSED_AFTER = timedelta(hours=20)  # a driver's bank decides quickly here
_ENDPOINT = external_id("whe", PARTNERS[_CARD], "endpoint")


def top_up(acts: "Acts", act: Act) -> None:
    """By a card or an account that the partner saves first (`word`); later some of the money
    is given back (`minor` cents).
    """
    key, money = f"top-{act.after}-{act.word}", Money(10_000, EUR)
    method = external_id("mth", _INSURER, key)
    acts.forms[method] = act.word
    debit = act.word.startswith("pm_sepa")
    save = partial(
        ask_method,
        partner_id=_INSURER,
        token_id="",
        kind=MethodKind.SEPA_DEBIT if debit else MethodKind.CARD,
        key=key,
    )
    acts.ask("ask_method", save)
    ask = partial(ask_top_up, partner_id=_INSURER, money=money, method_id=method, key=key)
    for hours in (1, 4):  # the form may not be filled in yet
        acts.after(hours, partial(acts.ask, "ask_top_up", ask))
    if act.minor:
        acts.asked_back[external_id("top", _INSURER, key)] = act.minor
        back = partial(
            give_balance_back,
            partner_id=_INSURER,
            top_up_id=external_id("top", _INSURER, key),
            money=Money(act.minor, EUR),
            key="back",
        )
        acts.after(6, partial(acts.ask, "give_balance_back", back))


def budget(acts: "Acts", act: Act) -> None:
    """A driver of the app may spend so much a day (`minor` cents), whatever begins at once."""
    asked, table = acts.history.asked[act.trip - 1], acts.history.table
    of_id = table.get(keys.token_id(TokenId(token_of(asked.trip.method, asked.trip.card))))
    assert of_id is not None, "the market has the driver's token"
    record = find(table, keys.token(of_id.body["uid"]), Token)
    assert record is not None, "and what it is"
    daily = Budget(BudgetOf.DRIVER, Every.DAY, Money(act.minor, EUR))
    table.write(record.put(replace(record.value, limits=Limits(budgets=(daily,)))))
    acts.budgets[record.value.id] = act.minor


def take_back(acts: "Acts", act: Act) -> None:
    """The partner's bank takes a top-up back."""
    history = acts.history
    taken = [
        hold
        for owner, hold in history.payments.holds()
        if owner.startswith("top_") and hold.captured and not hold.refunded
    ]
    if taken:
        dispute = history.payments.open_dispute(taken[0].reference)
        closed = partial(history.payments.close_dispute, dispute, DisputeState(act.word))
        history.post.send("bank", closed, at=history.clock.at + _CLOSED_AFTER)


def endpoint(acts: "Acts", act: Act) -> None:
    """The app's endpoint: it is there, is away for a time (`word`), and changes its secret."""
    partner = PARTNERS[_CARD]
    register = partial(
        make,
        partner_id=partner,
        url="https://app.example/hooks",
        events=("*",),
        idempotency_key="endpoint",
    )
    acts.ask("make_endpoint", register)
    web = acts.history.ports.web
    if act.word == "away":
        web.status = 503
        acts.after(9, partial(setattr, web, "status", 204))
        acts.after(10, partial(_replay, acts))
    acts.after(1, partial(acts.ask, "ping", partial(_of_endpoint, ping)))
    acts.after(4, partial(acts.ask, "rotate_secret", partial(_of_endpoint, rotate_secret)))
    if act.minor:
        acts.after(act.minor, partial(acts.ask, "delete", partial(_of_endpoint, delete)))


def _replay(acts: "Acts") -> None:
    partner, table = PARTNERS[_CARD], acts.history.table
    for pk in table.partitions(f"events#{partner}#"):
        for item in table.query(pk, limit=1):
            id_ = item.body["id"]
            acts.ask("replay", partial(replay, partner_id=partner, event_id=id_))


def pay_invoice(acts: "Acts", act: Act) -> None:
    """The fleet pays what it has used; the money is on our account at the provider."""
    money = Money(act.minor, EUR)
    acts.fund(money)
    acts.invoices_paid += money.minor
    pay = partial(book_invoice, partner_id=_FLEET, money=money, reference=f"ref-{act.after}")
    acts.ask("pay_invoice", pay)


def pay_claim(acts: "Acts", act: Act) -> None:
    """A payee pays what it owes us, once that was invoiced."""
    table = acts.history.table
    for row in table.query(keys.claims(CPO)):
        debt_id, money = row.key.sk.partition("#")[2], Money(act.minor, EUR)
        acts.fund(money)
        acts.claims_paid += money.minor
        pay = partial(book_claim, debt_id=debt_id, money=money, reference="claim")
        acts.ask("pay_claim", pay)


def _of_endpoint(act: Callable[[Ports, PartyId, str], object], ports: Ports) -> object:
    return act(ports, PARTNERS[_CARD], _ENDPOINT)
