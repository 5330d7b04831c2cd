"""What happens beside charging? Disputes, chargebacks, credits, top-ups, people's decisions, banks.

Each act is a call as its handler or `sandbox admin` makes it: a site like any other, and repeated
by whoever made it until it is answered.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money
from sandbox.simulation import (
    acts_of_drivers,
    acts_of_help_desks,
    acts_of_inquiries,
    acts_of_networks,
    acts_of_partners,
    acts_of_people,
    joining,
    signing,
)
from sandbox.simulation.roaming import acts as acts_of_emsps
from sandbox.simulation.running import Ran
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.history import History

_AGAIN_S, _TRIES = 90, 30
Then = Callable[[Ran], None]


class Acts:
    """`granted` is what people gave back, by session."""

    def __init__(self, history: "History") -> None:
        self.history = history
        self.to_come = len(history.scenario.acts)
        self.granted: dict[str, int] = {}
        self.invoices_paid = self.claims_paid = 0
        self.came_in: Counter[str] = Counter()  # to our account at the provider, by currency
        self.reconciled: list[dict[str, Any]] = []
        self.asked_back: Counter[str] = Counter()  # by top-up
        self.forms: dict[str, str] = {}  # by setup: what is filled in, if not an ordinary card
        self.chargebacks: dict[str, str] = {}  # by session: how it ended
        self.credited: dict[str, bool] = {}  # by session: whether another CDR follows
        self.signed = signing.Signed()
        self.budgets: dict[str, int] = {}  # by token: what its driver may spend a day
        self.joining: joining.JoiningCpo | None = None
        self.wanted: list[acts_of_help_desks.Asking] = []  # of chargers, beside a charge
        for act in history.scenario.acts:
            at = history.scenario.day + timedelta(hours=act.after)
            history.post.send("acts", partial(self._do, act), at=at)

    def _do(self, act: Act) -> None:
        self.to_come -= 1
        _DOES[act.what](self, act)

    def ask(self, name: str, call: Callable[[Any], Any], then: Then | None = None) -> None:
        """Somebody calls, and calls again until there is an answer."""
        self._ask(name, call, then, 0)

    def _ask(self, name: str, call: Callable[[Any], Any], then: Then | None, tries: int) -> None:
        ran = self.history.processes.run(name, call)
        if not ran.answered and tries < _TRIES:
            again = partial(self._ask, name, call, then, tries + 1)
            self.history.post.send("people", again, after_s=_AGAIN_S * (1 + tries))
        elif then is not None:
            then(ran)

    def fund(self, money: Money) -> None:
        """Money comes to our account at the provider (negative: it leaves it)."""
        self.history.payouts.fund(money)
        self.came_in[money.currency] += money.minor

    def after(self, hours: float, act: Callable[[], None]) -> None:
        self.history.post.send("people", act, after_s=int(hours * 3600))


_DOES: dict[str, Callable[[Acts, Act], None]] = {
    "bank": acts_of_people.bank,
    "budget": acts_of_partners.budget,
    "change": joining.change,
    "chargeback": acts_of_drivers.chargeback,
    "credit": acts_of_drivers.credit,
    "dispute": acts_of_drivers.dispute,
    "emsp_give_back": acts_of_emsps.give_back,
    "emsp_prefer": acts_of_emsps.prefer,
    "emsp_reserve": acts_of_emsps.reserve,
    "endpoint": acts_of_partners.endpoint,
    "exchange": acts_of_people.exchange,
    "give_back": acts_of_help_desks.give_back,
    "hold": acts_of_people.hold,
    "hub_tells": joining.hub_tells,
    "inquiry": acts_of_inquiries.inquiry,
    "join": joining.join,
    "key": signing.key,
    "limit": acts_of_people.limit,
    "part": joining.part,
    "pay_claim": acts_of_partners.pay_claim,
    "pay_invoice": acts_of_partners.pay_invoice,
    "place": acts_of_networks.place,
    "prefer": acts_of_help_desks.prefer,
    "pull": acts_of_networks.pull,
    "refund_returns": acts_of_drivers.refund_returns,
    "reserve": acts_of_help_desks.reserve,
    "save_method": acts_of_drivers.save_method,
    "schedule": acts_of_people.schedule,
    "sign": signing.sign,
    "silent": acts_of_people.silent,
    "tariff": acts_of_networks.tariff,
    "take_back": acts_of_partners.take_back,
    "top_up": acts_of_partners.top_up,
    "unlock": acts_of_help_desks.unlock,
}
