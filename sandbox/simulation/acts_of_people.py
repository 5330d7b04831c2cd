"""What do our own people decide, and what do the schedules of the house do?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.money import Money
from chalicelib.usecases.agreement.volume import count_volumes
from chalicelib.usecases.channel.forecast import forecast_hourly
from chalicelib.usecases.channel.record_exchange import record_exchange
from chalicelib.usecases.debt.invoice import invoice_due
from chalicelib.usecases.party.destination import approve as approve_account
from chalicelib.usecases.party.destination import propose_bank
from chalicelib.usecases.payout.approve import set_limit
from chalicelib.usecases.payout.staff_hold import hold_party, release
from chalicelib.usecases.rates.import_rates import import_rates
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly
from chalicelib.usecases.window.overdue import overdue
from sandbox.memory.banked import RHEIN_IBAN
from sandbox.memory.world import CPO, EUR
from sandbox.peers.bank.bank import Fate
from sandbox.simulation.endings import payouts_in, runs
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts

ADA, GRACE = "Ada Lovelace", "Grace Hopper"
_SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "count_volumes": count_volumes,
    "forecast_hourly": forecast_hourly,
    "import_rates": import_rates,
    "invoice_due": invoice_due,
    "overdue": overdue,
    "reconcile_nightly": reconcile_nightly,
}


def exchange(acts: "Acts", _act: Act) -> None:
    """Staff close a payout's conversion by what the rail took and gave, a little less."""
    history = acts.history
    for run in runs(history):
        for payout in payouts_in(history, run.id):
            for made in payout.conversions:
                got = Money(made.got.minor - 1, made.got.currency)
                acts.fund(-made.given)
                acts.fund(got)
                close = partial(
                    record_exchange,
                    reference=f"fx-{payout.id}",
                    given=made.given,
                    got=got,
                    payouts=(payout.id,),
                )
                acts.ask("record_exchange", close)


def bank(acts: "Acts", act: Act) -> None:
    """The CPO is paid by bank transfer from now on. `word`: what becomes of the first one."""
    details, bank = bank_details("Rheinstrom", RHEIN_IBAN), acts.history.bank
    bank.accounts.add(RHEIN_IBAN)
    if act.word:
        bank.fates[RHEIN_IBAN] = Fate(**{act.word: "AC04"})

    def proposed(ran: Ran) -> None:
        if ran.end is End.DONE:
            yes = partial(approve_account, party_id=CPO, account=ran.value.account, person=GRACE)
            acts.ask("approve_account", yes)

    propose = partial(propose_bank, party_id=CPO, details=details, person=ADA)
    acts.ask("propose_bank", propose, proposed)


def silent(acts: "Acts", act: Act) -> None:
    """The rail answers no more to calls of a kind (`word`), be it that the first one arrives."""
    rail = acts.history.payouts
    rail.silent, _, arrives = act.word.partition(" ")
    rail.arrives = bool(arrives)


def limit(acts: "Acts", act: Act) -> None:
    limit = partial(set_limit, money=Money(act.minor, EUR), reason="careful", person=ADA)
    acts.ask("set_limit", limit)


def hold(acts: "Acts", act: Act) -> None:
    """People hold a party over a night."""
    held = partial(hold_party, party_id=CPO, reason="we look into it", person=ADA)
    acts.ask("hold_party", held)
    free = partial(release, subject=CPO, reason="it is right", person=ADA)
    freed = partial(acts.ask, "release", free)
    acts.after(act.minor, freed)


def schedule(acts: "Acts", act: Act) -> None:
    ran = acts.history.processes.run(act.word, _SCHEDULES[act.word])
    if act.word == "reconcile_nightly" and ran.end is End.DONE:
        acts.reconciled.append(ran.value)
