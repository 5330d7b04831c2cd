"""The rail says something of a payout (a webhook, a bank's file, a poll): what changes?"""

from chalicelib.domain.codec import to_plain
from chalicelib.domain.settlement.payout import PAID, Payout, PayoutStage
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import RailPayout
from chalicelib.ports.store import Delete, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.payout.accept import accepted
from chalicelib.usecases.records import find

_TRIES = 5
_RAIL = 0  # no attempt of a state machine: the fence is not raised
_LISTENING = PAID | {PayoutStage.PAYING}


def rail_changed(ports: Ports, payout_id: str, rail: RailPayout) -> bool:
    """Move the payout by the rail's word; False when it is kept for later, since none fits.

    Words may come before we have recorded the payout's acceptance, repeated, or of a payout that
    we do not know: what fits nothing is kept and looked at again by the sweep.
    """
    for attempt in range(_TRIES):
        try:
            return _change(ports, payout_id, rail)
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")


def _change(ports: Ports, payout_id: str, rail: RailPayout) -> bool:
    record = find(ports.store, keys.payout(payout_id), Payout)
    kept = keys.unmatched_payout(rail.reference)
    if record is None or record.value.money != rail.money or _of_another(record.value, rail):
        body = {"payout": payout_id, "rail": to_plain(rail), "at": to_plain(ports.clock.now())}
        ports.store.write(Put(kept, body, expects=None))
        return False
    if record.value.stage in _LISTENING:
        accepted(ports, record, rail, _RAIL)
    if ports.store.get(kept) is not None:
        ports.store.write(Delete(kept))
    return True


def _of_another(payout: Payout, rail: RailPayout) -> bool:
    """Our id stands in a payout that is not the one we recorded: nothing of ours makes that."""
    return bool(payout.reference) and payout.reference != rail.reference
