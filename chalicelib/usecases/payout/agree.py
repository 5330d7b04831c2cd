"""Who says that a returned payout is paid again? Two people, then the next window does.

Staff say it with `python -m sandbox admin payout agree`.
"""

from dataclasses import replace

from chalicelib.domain.errors import Conflict
from chalicelib.domain.person import named
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, PayoutStage, advance
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import saved
from chalicelib.usecases.payout.reverse import reverse
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.sealed import rows

_PEOPLE = 2
_STAFF = 0  # no attempt of a state machine: the fence is not raised


class PayoutNotReturned(Conflict):
    code = "payout_not_returned"
    how_to_fix = "only what the rail recorded as finally failed is paid again"

    def __init__(self, payout_id: str, stage: str) -> None:
        super().__init__(f"{payout_id} is {stage}; the rail has not returned it")
        self.payout_id, self.stage = payout_id, stage


def waiting(ports: Ports) -> list[Payout]:
    """The returned payouts that wait for people."""
    ids = [row.key.sk for row in rows(ports, keys.returned())]
    return [load(ports.store, keys.payout(each), Payout, "payout").value for each in ids]


def agree(ports: Ports, payout_id: str, person: str) -> Payout:
    """Record that a person agrees; the second person's word puts the payout on its way back.

    Raises Invalid for no name, NotFound, PayoutNotReturned.
    """
    name = named(person)
    record = load(ports.store, keys.payout(payout_id), Payout, "payout")
    payout = record.value
    if payout.stage is not PayoutStage.RETURNED:
        raise PayoutNotReturned(payout_id, payout.stage.value)
    people = tuple(dict.fromkeys((*payout.agreed, name)))
    if len(people) < _PEOPLE:
        return saved(ports, record, replace(payout, agreed=people), "agreed", _STAFF).value
    back = advance(payout, PayoutEvent.TRY_REVERSE)
    back = replace(back, agreed=people, tried_at=ports.clock.now(), tries=0)
    moved = (
        Put(Key(keys.to_reopen(), payout.id), {}, expects=None),
        Delete(Key(keys.returned(), payout.id)),
    )
    return saved(ports, record, back, "agreed", _STAFF, *moved).value


def reopen(ports: Ports, payout_id: str) -> None:
    """Take an agreed payout's money back from the payee's account; the next window pays it."""
    record: Record[Payout] = load(ports.store, keys.payout(payout_id), Payout, "payout")
    if record.value.stage is PayoutStage.REVERSING:
        reverse(ports, record, _STAFF)
    ports.store.write(Delete(Key(keys.to_reopen(), payout_id)))
