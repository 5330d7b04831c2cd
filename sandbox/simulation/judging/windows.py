"""Does every window close in time, with every entry in one of them, or say why not?"""

from collections import Counter
from itertools import pairwise

from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import after, alarm_at, freeze_at
from sandbox.simulation.endings import LASTING, payouts_in, runs
from sandbox.simulation.judging.found import Found, Lines

_LEFT = frozenset(PayoutStage) - {
    PayoutStage.ACCEPTED,
    PayoutStage.CREDITED,
    PayoutStage.CARRIED,
    PayoutStage.HELD,
    PayoutStage.NOTHING_DUE,
}


def every_window_closes_or_says_why(found: Found) -> Lines:
    for run in runs(found.history):
        payouts = payouts_in(found.history, run.id)
        left = [payout for payout in payouts if payout.stage in _LEFT]
        yield from _closed(found, run, left)
        for payout in left:
            yield f"{payout.id} is left {payout.stage.value}: {payout.reason}"
        yield from (line for payout in payouts for line in _held(payout))


def every_entry_is_in_one_window(found: Found) -> Lines:
    """Sealed once; and no day of a zone is left out."""
    if not found.history.nights():
        return
    named = Counter(id_ for ids in found.sealed.values() for id_ in ids)
    yield from (f"{id_} is sealed in {n} windows" for id_, n in named.items() if n > 1)
    for entry in found.entries:
        if entry.owner.startswith("session#") and not named[entry.id]:
            yield f"{entry.event.value} of {entry.owner} is in no window"
    for pk in found.history.table.partitions("unsettled#"):
        for item in found.history.table.query(pk):
            if not item.body.get("taken_by"):
                yield f"{item.key.sk} is left unsettled: {item.body['reason']}"
    for zone in {place.zone.replace("/", "-") for place in found.history.market.places}:
        days = sorted(run.id for run in runs(found.history) if run.id.endswith(zone))
        yield from (
            f"{one} is followed by {two}" for one, two in pairwise(days) if after(one) != two
        )


def _closed(found: Found, run: WindowRun, left: list[Payout]) -> Lines:
    now, schedules = found.history.clock.at, found.history.schedules
    if run.stage is not Stage.CLOSED and now > freeze_at(run.id) and not left:
        yield f"{run.id} is left {run.stage.value}"
    if run.stage is not Stage.CLOSED and now >= alarm_at(run.id) and run.id not in schedules.late:
        yield f"{run.id} is open and nobody was alarmed"


def _held(payout: Payout) -> Lines:
    if payout.stage is PayoutStage.HELD and not payout.reason.startswith(LASTING):
        yield f"{payout.id} is left held: {payout.reason or 'without a reason'}"
