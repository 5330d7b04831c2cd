"""How much is each payee paid out of a window? One payout a payee, made once.

A payout is made from the lines that the window's record names, together with what the payee's held
payouts of earlier windows still owe; those are taken over in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import PartyId, PayoutId, WindowId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.netting import Line, by_payee, net
from chalicelib.domain.settlement.payout import (
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
    payout_id,
)
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put, Require, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, create, find, load
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.reconcile import held_row, reconciled_in
from chalicelib.usecases.window.sealed import read_plain, rows, seal_plain

PAYEES_A_PAGE = 100
_CARRIED_MAX = 40  # held payouts that one payout takes over: a transaction has a hundred items
Payee = tuple[PartyId, PartyKind]


@dataclass(frozen=True, slots=True)
class Nets:
    """The payouts of a window, in order; a page of them is a slice."""

    payouts: tuple[PayoutId, ...]


def net_window(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Make the window's payouts; `pages` are the numbers of the child executions to run."""
    record = leased(ports, window, attempt)
    if not record.value.reached(Stage.NETTED):
        record = _net(ports, record)
    return {"outcome": "netted", "pages": _pages(record.value.payouts)}


def page_of(ports: Ports, window: WindowId, attempt: int, page: int) -> Outcome:
    """The payouts of one page, by id."""
    record = leased(ports, window, attempt)
    ids = payouts_of(ports, record.value)
    start = page * PAYEES_A_PAGE
    return {"outcome": "listed", "payouts": list(ids[start : start + PAYEES_A_PAGE])}


def payouts_of(ports: Ports, run: WindowRun) -> tuple[PayoutId, ...]:
    """Every payout of a window that is netted."""
    if not run.nets:
        return ()
    return from_plain(Nets, read_plain(ports, run.nets)).payouts


def _pages(payouts: int) -> list[int]:
    return list(range((payouts + PAYEES_A_PAGE - 1) // PAYEES_A_PAGE))


def _net(ports: Ports, record: Record[WindowRun]) -> Record[WindowRun]:
    run = record.value
    found = reconciled_in(ports, run)
    for held in (held for part in found for held in part.held):
        _keep(ports, held_row(run.id, held))
    lines = by_payee(line for part in found for line in part.lines)
    waiting = _waiting(ports, run.id)
    for payee in sorted(lines.keys() | waiting.keys()):
        _make(ports, record, payee, lines.get(payee, []), waiting.get(payee, []))
    # Also what an attempt before made of payouts that wait no longer, since it took them over.
    made = [PayoutId(row.key.sk) for row in rows(ports, keys.window_payouts(run.id))]
    nets = seal_plain(ports, run.id, "nets", to_plain(Nets(tuple(made))))
    done = run.advanced(Stage.NETTED, ports.clock.now(), nets=nets, payouts=len(made))
    ports.store.write(record.put(done))
    return Record(record.key, done, record.version + 1)


def _keep(ports: Ports, row: Put) -> None:
    """Write a held entry's row once. It may be there: an attempt before was killed after it."""
    try:
        ports.store.write(row)
    except WriteConflict:
        return


def _waiting(ports: Ports, window: WindowId) -> dict[Payee, list[Record[Payout]]]:
    """The zone's held payouts of earlier windows, by payee."""
    result: defaultdict[Payee, list[Record[Payout]]] = defaultdict(list)
    for row in rows(ports, keys.held_payouts(zone_of(window))):
        record = find(ports.store, keys.payout(row.key.sk), Payout)
        assert record is not None, "a held payout exists"
        payout = record.value
        if payout.stage is PayoutStage.HELD and payout.window < window:
            result[payout.party_id, payout.kind].append(record)
    return dict(result)


def _make(
    ports: Ports,
    record: Record[WindowRun],
    payee: Payee,
    lines: list[Line],
    waiting: list[Record[Payout]],
) -> None:
    """Make the payee's payout of this window; one that is there already stands as it is."""
    window = record.value.id
    party_id, kind = payee
    id_ = payout_id(window, party_id, kind)
    if find(ports.store, keys.payout(id_), Payout) is not None:
        return
    taken = waiting[:_CARRIED_MAX]
    amounts = [line.money for line in lines]
    payout = Payout(
        id=id_,
        window=window,
        party_id=party_id,
        kind=kind,
        stage=PayoutStage.NETTED,
        due=net([*amounts, *_still_due(taken)]),
        lines=seal_plain(ports, window, "lines", [to_plain(line) for line in lines]),
        sessions=len({line.session for line in lines} - {""}),
        carried_from=tuple(held.value.id for held in taken),
    )
    carried = [
        held.put(replace(advance(held.value, PayoutEvent.CARRY), carried_into=id_))
        for held in taken
    ]
    zone = zone_of(window)
    gone = [Delete(Key(keys.held_payouts(zone), held.value.id)) for held in taken]
    # The window's record as this attempt read it: a superseded attempt makes no payout.
    lease = Require(record.key, record.version)
    listed = Put(Key(keys.window_payouts(window), id_), {})
    ports.store.write(create(keys.payout(id_), payout), listed, *carried, *gone, lease)


def _still_due(held: Iterable[Record[Payout]]) -> Iterable[Money]:
    """What a held payout owes: in the payee's currency once it was converted."""
    for record in held:
        if record.value.money is not None:
            yield record.value.money
        else:
            yield from record.value.due


def lines_in(ports: Ports, payout: Payout) -> list[Line]:
    return [from_plain(Line, plain) for plain in read_plain(ports, payout.lines)]


def all_lines(ports: Ports, payout: Payout) -> list[Line]:
    """The payout's own lines, and those of the payouts that it took over."""
    lines = lines_in(ports, payout)
    for id_ in payout.carried_from:
        taken = load(ports.store, keys.payout(id_), Payout, "payout").value
        lines.extend(all_lines(ports, taken))
    return lines
