"""Which debts are thirty days old? Each is invoiced: a claim on paper, and a receivable.

From then on no window sets anything off against it. A partner hears of it by an event.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.errors import NotYet
from chalicelib.domain.ledger.claim import claim_entry
from chalicelib.domain.ledger.payout import payable
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.domain.settlement.debt import INVOICE_AFTER, Debt, DebtStage
from chalicelib.domain.settlement.netting import net
from chalicelib.domain.settlement.window import window_id, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.papers import Column, PrintedPaper
from chalicelib.ports.store import Delete, Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.effect.quarantine import quarantine
from chalicelib.usecases.event.tell import tell
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.sealed import rows, seal_bytes, seal_plain

CLAIMED = "claim.invoiced"
_COLUMNS = (Column("Agreement", 44), Column("Amount", 14, right=True), Column("", 3))


def open_debts(ports: Ports) -> list[Debt]:
    """Every debt that no window has kept and nobody has invoiced yet."""
    return [_load(ports, row).value for row in _rows(ports)]


def invoice_due(ports: Ports) -> int:
    """Invoice what is due; how many. What changes meanwhile waits for the next sweep, and what
    breaks is noted for people.
    """
    at = ports.clock.now()
    return sum(_isolated(ports, row, at) for row in _rows(ports) if _is_old(row, at))


def _rows(ports: Ports) -> Iterator[Item]:
    for zone in rows(ports, keys.zones()):
        yield from rows(ports, keys.debts(zone.key.sk))


def _is_old(row: Item, at: datetime) -> bool:
    return at >= datetime.fromisoformat(str(row.body["since"])) + INVOICE_AFTER


def _isolated(ports: Ports, row: Item, at: datetime) -> bool:
    try:
        record = _load(ports, row)
        if record.value.stage is DebtStage.OPEN:
            record = _invoice(ports, record, at)
        if record.value.stage is DebtStage.INVOICED:
            _tell(ports, record.value)
        ports.store.write(Delete(row.key))  # last: until then a killed run is done again
    except NotYet:
        return False  # it changed meanwhile, or something is away: the next sweep
    except Exception as error:  # noqa: BLE001 - one that breaks would stop everybody else's
        quarantine(ports, keys.debt(row.key.sk).pk, f"{type(error).__name__}: {error}")
        return False
    return True


def _invoice(ports: Ports, record: Record[Debt], at: datetime) -> Record[Debt]:
    debt = record.value
    payee = party(ports, debt.party_id)
    plain = _claim(debt, payee, at)
    claim = seal_plain(ports, debt.window, "claim", plain)
    printed = ports.papers.pdf(_paper(plain))
    seal_bytes(ports, debt.window, "claim", printed, ("pdf", "application/pdf"))
    account = payable(debt.kind, debt.party_id)
    sums = net(part.money for part in debt.parts)
    entry = claim_entry(debt.owner, account, sums, at, claim=debt.id, statement=debt.payout)
    done = replace(debt, stage=DebtStage.INVOICED, claim=claim, invoiced_at=at, entry_id=entry.id)
    ports.store.write(
        record.put(done),
        Put(keys.entry(window_id(at, zone_of(debt.window)), entry.id), to_plain(entry)),
        Put(Key(keys.claims(debt.party_id), f"{at.date().isoformat()}#{debt.id}"), {}),
    )
    return Record(record.key, done, record.version + 1)


def _tell(ports: Ports, debt: Debt) -> None:
    if debt.kind is not PartyKind.PARTNER:
        return  # a CPO has no feed; it gets the paper
    assert debt.invoiced_at is not None, "told after it was invoiced"
    data = {"statement": debt.payout, "sums": to_plain(net(part.money for part in debt.parts))}
    tell(
        ports,
        debt.party_id,
        event_id=f"{debt.id}:invoiced",
        type_=CLAIMED,
        sequence=1,
        at=debt.invoiced_at,
        object_id=debt.id,
        data=data,
    )


def _claim(debt: Debt, payee: Party, at: datetime) -> dict[str, Any]:
    return {
        "id": debt.id,
        "payee": {"id": payee.id, "name": payee.name, "country": payee.country},
        "kind": debt.kind.value,
        "window": debt.window,
        "statement": debt.payout,
        "owed_since": instant_text(debt.since),
        "invoiced_at": instant_text(at),
        "parts": to_plain(debt.parts),
        "sums": to_plain(net(part.money for part in debt.parts)),
    }


def _paper(claim: dict[str, Any]) -> PrintedPaper:
    amounts = [Money(part["money"]["minor"], part["money"]["currency"]) for part in claim["parts"]]
    words = [str(money).split(" ") for money in amounts]
    agreements = [part["agreement"] for part in claim["parts"]]
    sums = [str(Money(each["minor"], each["currency"])) for each in claim["sums"]]
    return PrintedPaper(
        title=f"Claim {claim['id'][:12]}",
        facts=(
            ("Owed by", f"{claim['payee']['name']} ({claim['payee']['id']})"),
            ("Owed since", claim["owed_since"]),
            ("Statement", claim["statement"]),
            ("Claim", claim["id"]),
        ),
        columns=_COLUMNS,
        rows=tuple((name, *pair) for name, pair in zip(agreements, words, strict=True)),
        totals=tuple(("To be paid", sum_) for sum_ in sums),
        notes=("It was not set off within thirty days, and is not set off any more.",),
    )


def _load(ports: Ports, row: Item) -> Record[Debt]:
    return load(ports.store, keys.debt(row.key.sk), Debt, "debt")
