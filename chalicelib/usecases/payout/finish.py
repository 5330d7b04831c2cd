"""How is an approved payout made, though its window may be closed? As the state machine would."""

from chalicelib.domain.settlement.payout import SETTLED, Payout
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.confirm import confirm
from chalicelib.usecases.counterparty.fund import fund
from chalicelib.usecases.counterparty.hold import hold
from chalicelib.usecases.counterparty.pay import pay
from chalicelib.usecases.records import load
from chalicelib.usecases.window.lease import run_of


def finish(ports: Ports, payout_id: str) -> bool:
    """Fund, pay and confirm, by the window's last lease; True once nothing is left to do.

    A killed call, or one that waits for money or for the bank, is done again by the next sweep: the
    steps are the machine's own, each safe to repeat.
    """
    payout = load(ports.store, keys.payout(payout_id), Payout, "payout").value
    window, attempt = payout.window, run_of(ports, payout.window).value.lease
    if payout.stage not in SETTLED:
        said = fund(ports, window, attempt, payout_id)
        if said["outcome"] == "hold":
            hold(ports, window, attempt, payout_id, str(said["reason"]))
        elif said["outcome"] == "funded":
            said = pay(ports, window, attempt, payout_id)
        if said["outcome"] == "accepted":
            confirm(ports, window, attempt, payout_id)
        payout = load(ports.store, keys.payout(payout_id), Payout, "payout").value
    if payout.stage not in SETTLED:
        return False
    ports.store.write(Delete(Key(keys.approved(), payout_id)))
    return True
