"""What does a statement say? Each session's line, what was carried over or set off, rate, sum.

lines + carried - set off + left owing = due, which is converted into the total, and a remainder
where banks move whole units only; the next statement carries that. A payout that was held before it
had a paper of its own is shown whole where it is carried, so that each session stands on one. It is
made of sealed lines and billed sessions only, so that making it again makes the same bytes.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import Line, net
from chalicelib.domain.settlement.payout import REMAINDER, Payout
from chalicelib.domain.settlement.window import cut_off, day_of, opens, window_id, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import load
from chalicelib.usecases.statement.as_csv import as_csv
from chalicelib.usecases.statement.as_paper import as_paper
from chalicelib.usecases.window.net import lines_in, still_due
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import seal_bytes, seal_plain


@dataclass(frozen=True, slots=True)
class Paper:
    """The names of a statement's files."""

    json: str
    csv: str
    pdf: str


class StatementDoesNotAddUp(AssertionError):
    """A bug: the paper would say another sum than the payout."""


def render(ports: Ports, payout: Payout) -> Paper:
    """Seal a payout's statement in its three forms, all made of the same one."""
    window, plain = payout.window, _statement(ports, payout, _lines(ports, payout))
    _check(payout, plain)
    text = as_csv(plain).encode()
    printed = ports.papers.pdf(as_paper(plain))
    return Paper(
        seal_plain(ports, window, "statement", plain),
        seal_bytes(ports, window, "statement", text, ("csv", "text/csv")),
        seal_bytes(ports, window, "statement", printed, ("pdf", "application/pdf")),
    )


def _check(payout: Payout, plain: dict[str, Any]) -> None:
    """What stands on the paper sums to what is due, and what is due converts to what is paid."""
    shown = _shown(payout, plain)
    total = payout.money
    assert total is not None, "a statement comes after the conversion"
    assert payout.rest is None or payout.rest.currency == total.currency
    all_of_it = total if payout.rest is None else total + payout.rest
    same = [money for money in payout.due if money.currency == total.currency]
    paid = net([*same, *(conversion.got for conversion in payout.conversions)])
    if shown != payout.due or paid != ((all_of_it,) if all_of_it.minor else ()):
        raise StatementDoesNotAddUp(f"{payout.id}: {shown} shown, {payout.due} due, {total} paid")


def _shown(payout: Payout, plain: dict[str, Any]) -> tuple[Money, ...]:
    """By currency, what the lines of a statement and all that bears on them make."""
    lines = [_money(line["amount"]) for line in plain["lines"]]
    own = (held for held in plain["carried"] if held["into"] == payout.id)
    carried = [_money(amount) for held in own for amount in held["amounts"]]
    kept = [-part.money for part in payout.kept]
    left = [part.money for part in payout.left]
    return net([*lines, *carried, *kept, *left])


def _money(amount: dict[str, Any]) -> Money:
    return Money(int(amount["minor"]), Currency(amount["currency"]))


def _statement(ports: Ports, payout: Payout, lines: list[dict[str, Any]]) -> dict[str, Any]:
    assert payout.money is not None, "a statement comes after the conversion"
    payee = party(ports, payout.party_id)
    return {
        "id": payout.id,
        "window": payout.window,
        "day": day_of(payout.window).isoformat(),
        "time_zone": zone_of(payout.window),
        "from": to_plain(opens(payout.window)),
        "until": to_plain(cut_off(payout.window)),
        "payee": {"id": payee.id, "name": payee.name, "country": payee.country},
        "kind": payout.kind.value,
        **_own(payout, lines),
        "carried": _carried(ports, payout),
        "total": to_plain(payout.money),
    }


def _own(payout: Payout, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that makes a payout's sum, but what it took over."""
    return {
        "lines": lines,
        "set_off": to_plain(payout.kept),
        "left_owing": to_plain(payout.left),
        "due": to_plain(payout.due),
        "conversions": to_plain(payout.conversions),
    } | ({} if payout.rest is None else {"remainder": to_plain(payout.rest)})


def _lines(ports: Ports, payout: Payout) -> list[dict[str, Any]]:
    lines = lines_in(ports, payout)
    ids = sorted({line.session for line in lines} - {""})
    sessions = {str(session.id): session for session in read_sessions(ports, ids)}
    return [_line(line, sessions.get(line.session), payout.window) for line in lines]


def _line(line: Line, session: Session | None, window: WindowId) -> dict[str, Any]:
    """A line of a session that ended on another day says on which, and what was booked before."""
    plain: dict[str, Any] = {
        "session": line.session,
        "event": line.event,
        "entry": line.entry_id,
        "amount": to_plain(line.money),
    }
    if session is not None:
        plain["ended_at"] = to_plain(session.ended_at)
        plain["energy_kwh"] = to_plain(session.energy_kwh)
        plain["cdr"] = session.cdr_id
        if session.ended_at and window_id(session.ended_at, session.settlement_zone) != window:
            plain["of"] = window_id(session.ended_at, session.settlement_zone)
            plain["history"] = [
                {"name": booked.name, "entry": booked.entry_id, "window": booked.window}
                for booked in session.booked
                if booked.entry_id != line.entry_id
            ]
    return plain


def _carried(ports: Ports, payout: Payout) -> list[dict[str, Any]]:
    """What earlier windows held back for this payee, and why; whole where no paper shows it.

    One after the other and not in each other: a payee may wait for years. `into` is what took it
    over, so that the amounts of those with the same make a part of its sum.
    """
    found, waiting = list[dict[str, Any]](), [(id_, payout.id) for id_ in payout.carried_from]
    whole: list[Payout] = []
    while waiting:
        id_, into = waiting.pop()
        held = load(ports.store, keys.payout(id_), Payout, "payout").value
        due = net(part.money for part in still_due(held))
        told = {"statement": held.id, "window": held.window, "reason": held.reason}
        found.append({**told, "into": into, "amounts": to_plain(due)})
        if not held.statement and held.reason != REMAINDER:  # a remainder has no lines
            found[-1] |= _own(held, _lines(ports, held))
            whole.append(held)
            waiting += [(other, held.id) for other in held.carried_from]
    taken: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        taken.setdefault(one["into"], []).append(one)
    told_of = {one["statement"]: one for one in found}
    for held in whole:
        sums = told_of[held.id] | {"carried": taken.get(held.id, [])}
        if (shown := _shown(held, sums)) != held.due:
            raise StatementDoesNotAddUp(f"{held.id}: {shown} shown, {held.due} due")
    return found
