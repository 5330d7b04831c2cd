"""Who says that a call whose outcome nobody knows never took place? Two people; then it is made.

A transfer or payout was recorded, its answer never came, the rail does not show it, and has by now
forgotten the key under which it could be asked again without being made twice. The window stays
open. Staff look at the rail themselves, and say so with `python -m sandbox admin payout absent`.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import WindowId
from chalicelib.domain.person import named
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import saved
from chalicelib.usecases.payout.rail import rail, remembered_for
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.sealed import rows

_PEOPLE = 2
_STAFF = 0  # no attempt of a state machine: the fence is not raised


class OutcomeKnown(Conflict):
    code = "payout_outcome_known"
    how_to_fix = "only a call that the rail has forgotten and does not show is made once more"

    def __init__(self, payout_id: str, why: str) -> None:
        super().__init__(f"{payout_id}: {why}")
        self.payout_id, self.why = payout_id, why


def unknown(ports: Ports) -> list[Payout]:
    """The payouts of open windows with a call of unknown outcome. They are looked up at the rail
    when somebody says that they are absent.
    """
    at = ports.clock.now()
    windows = [WindowId(row.key.sk) for row in rows(ports, keys.open_windows())]
    ids = [row.key.sk for each in windows for row in rows(ports, keys.window_payouts(each))]
    return [payout for each in ids if _is_old(payout := _payout(ports, each).value, at)]


def absent(ports: Ports, payout_id: str, person: str) -> Payout:
    """Record that a person looked and found nothing; the second person's word has it made again,
    by the window's next attempt and with a key of its own.

    Raises Invalid for no name, NotFound, and OutcomeKnown.
    """
    name = named(person)
    record, at = _payout(ports, payout_id), ports.clock.now()
    payout = record.value
    if not _is_old(payout, at):
        raise OutcomeKnown(payout_id, f"is {payout.stage.value}, and its key is still remembered")
    if _is_shown(ports, payout):
        raise OutcomeKnown(payout_id, "the rail shows it; the window's next attempt records it")
    people = tuple(dict.fromkeys((*payout.agreed, name)))
    if len(people) < _PEOPLE:
        return saved(ports, record, replace(payout, agreed=people), "absent", _STAFF).value
    anew = replace(payout, tried_at=at, tries=payout.tries + 1, agreed=())
    return saved(ports, record, anew, f"absent, say {' and '.join(people)}", _STAFF).value


def _is_old(payout: Payout, at: datetime) -> bool:
    asked = payout.stage in {PayoutStage.TRANSFERRING, PayoutStage.PAYING}
    tried_at = payout.tried_at
    return asked and tried_at is not None and at - tried_at >= remembered_for(payout.account)


def _is_shown(ports: Ports, payout: Payout) -> bool:
    asked = rail(ports, payout.account)
    if payout.stage is PayoutStage.TRANSFERRING:
        return asked.find_transfer(payout.id) is not None
    return asked.find_payout(payout.id, payout.account) is not None


def _payout(ports: Ports, payout_id: str) -> Record[Payout]:
    return load(ports.store, keys.payout(payout_id), Payout, "payout")
