"""How much is each payee paid out of a window? One payout a payee, made once.

A payout is made from the lines that the window's record names, together with what the payee's held
payouts of earlier windows still owe, less what the payee owes us since earlier windows; all of that
changes in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.ids import PartyId, PayoutId, WindowId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.debt import (
    CONVERTED,
    Debt,
    DebtStage,
    Part,
    SetOff,
    debt_id,
    set_off,
)
from chalicelib.domain.settlement.netting import Line, net
from chalicelib.domain.settlement.payout import (
    SETTLED,
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
    payout_id,
)
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import cut_off, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put, Require, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.payout.staff_hold import held_by_staff
from chalicelib.usecases.records import Record, create, find, load
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.lines import PayeeLines, gather, lines_in_file, seal_lines
from chalicelib.usecases.window.reconcile import heads_in, held_row
from chalicelib.usecases.window.sealed import read_plain, rows, seal_plain

PAYEES_A_PAGE = 100
_KEYS_A_READ = 100
# What one payout takes over or keeps: a transaction has a hundred items, two a held payout.
_CARRIED_MAX = 36
_DEBTS_MAX = 10
Payee = tuple[PartyId, PartyKind]


@dataclass(frozen=True, slots=True)
class Nets:
    """The payouts of a window, in the order in which they are paid; a page of them is a slice.

    `due` are their sums by currency. Should money be short, what was held before comes first, so
    that nobody waits for ever; then CPOs, who delivered; then the largest sums.
    """

    payouts: tuple[PayoutId, ...]
    due: tuple[Money, ...] = ()


def net_window(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Make the window's payouts; `pages` are the numbers of the child executions to run, which are
    those with a payout that is still open.
    """
    record = leased(ports, window, attempt)
    if not record.value.reached(Stage.NETTED):
        record = _net(ports, record)
    ids = payouts_of(ports, record.value)
    pages = range((len(ids) + PAYEES_A_PAGE - 1) // PAYEES_A_PAGE)
    return {"outcome": "netted", "pages": [page for page in pages if _open_on(ports, ids, page)]}


def page_of(ports: Ports, window: WindowId, attempt: int, page: int) -> Outcome:
    """The open payouts of one page, by id."""
    record = leased(ports, window, attempt)
    return {"outcome": "listed", "payouts": _open_on(ports, payouts_of(ports, record.value), page)}


def _open_on(ports: Ports, ids: tuple[PayoutId, ...], page: int) -> list[PayoutId]:
    start = page * PAYEES_A_PAGE
    found = read_payouts(ports, ids[start : start + PAYEES_A_PAGE])
    return [payout.id for payout in found if payout.stage not in SETTLED]


def read_payouts(ports: Ports, ids: Sequence[PayoutId]) -> Iterator[Payout]:
    """Each of the payouts, which exist, in this order; a hundred a read."""
    for start in range(0, len(ids), _KEYS_A_READ):
        wanted = [keys.payout(id_) for id_ in ids[start : start + _KEYS_A_READ]]
        found = ports.store.get_many(wanted)
        for key in wanted:
            yield from_plain(Payout, found[key].body)


def payouts_of(ports: Ports, run: WindowRun) -> tuple[PayoutId, ...]:
    """Every payout of a window that is netted."""
    return nets_of(ports, run).payouts


def nets_of(ports: Ports, run: WindowRun) -> Nets:
    return from_plain(Nets, read_plain(ports, run.nets)) if run.nets else Nets(())


def _net(ports: Ports, record: Record[WindowRun]) -> Record[WindowRun]:
    run = record.value
    for held in (held for _, head in heads_in(ports, run) for held in head.held):
        _keep(ports, held_row(run.id, held))
    lines = gather(ports, run.id, run.reconciled)
    waiting, debts = _waiting(ports, run.id), _debts(ports, run.id)
    for payee in sorted(lines.keys() | waiting.keys()):
        owed = _Owed(
            payee, lines.get(payee, PayeeLines()), waiting.get(payee, []), debts.get(payee, [])
        )
        _make(ports, record, owed)
    # Also what an attempt before made of payouts that wait no longer, since it took them over.
    ids = [PayoutId(row.key.sk) for row in rows(ports, keys.window_payouts(run.id))]
    made = sorted(read_payouts(ports, ids), key=_rank)
    due = net(money for payout in made for money in payout.due)
    found_nets = Nets(tuple(payout.id for payout in made), due)
    nets = seal_plain(ports, run.id, "nets", to_plain(found_nets))
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
        if payout.stage is not PayoutStage.HELD or payout.window >= window:
            continue
        if held_by_staff(ports, payout.id):
            continue  # people said so; it waits for their release, not for the next window
        result[payout.party_id, payout.kind].append(record)
    return dict(result)


def _debts(ports: Ports, window: WindowId) -> dict[Payee, list[Record[Debt]]]:
    """What payees have owed us since earlier windows of the zone, by payee."""
    result: defaultdict[Payee, list[Record[Debt]]] = defaultdict(list)
    for row in rows(ports, keys.debts(zone_of(window))):
        record = load(ports.store, keys.debt(row.key.sk), Debt, "debt")
        if record.value.stage is DebtStage.OPEN and record.value.window < window:
            result[record.value.party_id, record.value.kind].append(record)
    return dict(result)


@dataclass(frozen=True, slots=True)
class _Owed:
    """All that bears on what one payee is paid."""

    payee: Payee
    lines: PayeeLines
    waiting: list[Record[Payout]]
    debts: list[Record[Debt]]


def _make(ports: Ports, record: Record[WindowRun], owed: _Owed) -> None:
    """Make the payee's payout of this window; one that is there already stands as it is."""
    window = record.value.id
    party_id, kind = owed.payee
    id_ = payout_id(window, party_id, kind)
    if find(ports.store, keys.payout(id_), Payout) is not None:
        return
    taken = owed.waiting[:_CARRIED_MAX]
    debts = sorted(owed.debts, key=lambda each: (each.value.since, each.value.id))[:_DEBTS_MAX]
    sums = [*owed.lines.parts, *(part for held in taken for part in still_due(held.value))]
    found = set_off(sums, [debt.value for debt in debts], id_)
    payout = Payout(
        id=id_,
        window=window,
        party_id=party_id,
        kind=kind,
        stage=PayoutStage.NETTED,
        due=net(part.money for part in found.parts),
        lines=seal_lines(ports, window, owed.lines.rows),
        sessions=owed.lines.sessions,
        carried_from=tuple(held.value.id for held in taken),
        parts=found.parts,
        left=found.left,
        kept=found.kept,
        approved=_approved(taken),
        waiting_since=min((at for held in taken if (at := held.value.waiting_since)), default=None),
    )
    carried = [
        held.put(replace(advance(held.value, PayoutEvent.CARRY), carried_into=id_))
        for held in taken
    ]
    gone = [Delete(Key(keys.held_payouts(zone_of(window)), held.value.id)) for held in taken]
    # The window's record as this attempt read it: a superseded attempt makes no payout.
    lease = Require(record.key, record.version)
    listed = Put(Key(keys.window_payouts(window), id_), {})
    new = create(keys.payout(id_), payout)
    ports.store.write(new, listed, *carried, *gone, *_owing(payout, found, debts), lease)


def _owing(payout: Payout, found: SetOff, debts: list[Record[Debt]]) -> list[Write]:
    """The debts after the payout: what it kept is smaller, what it left is new."""
    zone = zone_of(payout.window)
    known = {debt.value.id: debt for debt in debts}
    writes = list[Write]()
    for debt in found.debts:
        writes.append(known[debt.id].put(debt))
        if not debt.parts:
            writes.append(Delete(Key(keys.debts(zone), debt.id)))
    if found.left:
        id_ = debt_id(payout.id)
        since = cut_off(payout.window)
        party, kind = payout.party_id, payout.kind
        new = Debt(id_, payout.id, payout.window, party, kind, since, found.left)
        row = Put(Key(keys.debts(zone), id_), {"since": instant_text(since)})
        writes += [create(keys.debt(id_), new), row]
    return writes


def still_due(held: Payout) -> tuple[Part, ...]:
    """What a held payout owes: once it was converted (or its remainder was set aside), one sum that
    no debt is kept from.
    """
    if held.money is not None and (held.conversions or held.rest):
        return (Part(CONVERTED, held.money),)
    return held.parts or tuple(Part("", money) for money in held.due)


def _approved(taken: Iterable[Record[Payout]]) -> Money | None:
    """What two people approved of the payouts taken over holds for their sums still."""
    approved = [held.value.approved for held in taken if held.value.approved is not None]
    return net(approved)[0] if len({money.currency for money in approved}) == 1 else None


def _rank(payout: Payout) -> tuple[bool, bool, int, str]:
    size = sum(money.minor for money in payout.due)
    return not payout.carried_from, payout.kind is not PartyKind.CPO, -size, payout.id


def lines_in(ports: Ports, payout: Payout) -> list[Line]:
    return lines_in_file(ports, payout.lines)


def all_lines(ports: Ports, payout: Payout) -> list[Line]:
    """The payout's own lines, and those of the payouts that it took over."""
    lines, waiting = lines_in(ports, payout), list(payout.carried_from)
    while waiting:  # not recursively: a payee may wait for years, a payout a day
        taken = load(ports.store, keys.payout(waiting.pop()), Payout, "payout").value
        lines += lines_in(ports, taken)
        waiting += taken.carried_from
    return lines
