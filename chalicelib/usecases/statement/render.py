"""What does a statement say? Each session's line, what was carried over or set off, rate, sum.

lines + carried - set off + left owing = due, which is converted into the total, and a remainder
where banks move whole units only; the next statement carries that. A payout that was held before it
had a paper of its own is shown whole where it is carried, so that each session stands on one. It is
made of sealed lines and billed sessions only, so that making it again makes the same bytes.

One with more lines than a part holds names its parts in place of them, and is made in turns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import PayoutId, WindowId
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import Line, net
from chalicelib.domain.settlement.payout import REMAINDER, Payout
from chalicelib.domain.settlement.window import cut_off, day_of, opens, window_id, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import load
from chalicelib.usecases.statement.as_csv import as_csv, printed, table
from chalicelib.usecases.statement.as_paper import as_paper
from chalicelib.usecases.statement.parts import Ahead, Part, Written, next_lines
from chalicelib.usecases.window.net import still_due
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import read_plain, seal_bytes, seal_plain

PARTS_A_CALL = 10  # a minute or two
_LINES_A_READ = 500  # as many sessions are in memory


@dataclass(frozen=True, slots=True)
class Paper:
    """The names of a statement's files, and of how many parts it is; or `unfinished`, the file that
    says how far it has come.
    """

    json: str = ""
    csv: str = ""
    pdf: str = ""
    parts: int = 0
    unfinished: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A payout that was taken over, and what took it."""

    payout: Payout
    into: PayoutId

    @property
    def whole(self) -> bool:
        """Whether no paper shows it yet. A remainder has no lines."""
        return not self.payout.statement and self.payout.reason != REMAINDER


class StatementDoesNotAddUp(AssertionError):
    """A bug: the paper would say another sum than the payout."""


def render(ports: Ports, payout: Payout) -> Paper:
    """Seal a payout's statement in its three forms, or the next parts of a long one."""
    taken = _taken_over(ports, payout)
    windows = {payout.id: payout.window}
    windows |= {each.payout.id: each.payout.window for each in taken if each.whole}
    written = _begun(ports, payout, taken)
    for _ in range(PARTS_A_CALL):
        found, ahead = next_lines(ports, written.ahead)
        plain = {id_: _plain(ports, lines, windows[id_]) for id_, lines in found.items()}
        sums = written.with_lines(found)
        if not (ahead or written.parts):
            return _sealed(ports, payout, taken, Written((), sums=sums), plain)
        parts = written.parts
        if found:
            parts = (*parts, _part(ports, payout, len(parts) + 1, plain, _sum(found)))
        written = Written(ahead, parts, sums)
        if not ahead:
            return _sealed(ports, payout, taken, written, {})
    return Paper(unfinished=seal_plain(ports, payout.window, "written", to_plain(written)))


def _begun(ports: Ports, payout: Payout, taken: Sequence[_Taken]) -> Written:
    if payout.written:
        return from_plain(Written, read_plain(ports, payout.written))
    ahead = [Ahead(each.payout.id, each.payout.lines) for each in taken if each.whole]
    return Written((Ahead(payout.id, payout.lines), *ahead))


def _part(
    ports: Ports,
    payout: Payout,
    number: int,
    lines: Mapping[PayoutId, list[dict[str, Any]]],
    sums: tuple[Money, ...],
) -> Part:
    """Seal some lines as files of their own, which say them as a statement does."""
    carried = [
        {"statement": id_, "lines": own} for id_, own in lines.items() if own and id_ != payout.id
    ]
    plain = {"statement": payout.id, "part": number}
    plain |= {"lines": lines.get(payout.id, []), "carried": carried}
    return Part(
        json=seal_plain(ports, payout.window, "statement", plain),
        csv=_csv(ports, payout, table(printed(plain))),
        lines=sum(len(own) for own in lines.values()),
        sums=sums,
    )


def _sealed(
    ports: Ports,
    payout: Payout,
    taken: Sequence[_Taken],
    written: Written,
    lines: Mapping[PayoutId, list[dict[str, Any]]],
) -> Paper:
    """The statement itself: with its lines, unless these stand in its parts."""
    _check(payout, taken, written.sums)
    plain = _statement(ports, payout, taken, lines)
    if written.parts:
        plain["parts"] = to_plain(written.parts)
    begins = chain.from_iterable(printed(read_plain(ports, part.json)) for part in written.parts)
    text, on_paper = as_csv(plain), ports.papers.pdf(as_paper(plain, begins))
    return Paper(
        seal_plain(ports, payout.window, "statement", plain),
        _csv(ports, payout, text),
        seal_bytes(ports, payout.window, "statement", on_paper, ("pdf", "application/pdf")),
        len(written.parts),
    )


def _csv(ports: Ports, payout: Payout, text: str) -> str:
    return seal_bytes(ports, payout.window, "statement", text.encode(), ("csv", "text/csv"))


def _check(payout: Payout, taken: Sequence[_Taken], sums: Mapping[str, tuple[Money, ...]]) -> None:
    """What stands on the paper sums to what is due, and what is due converts to what is paid."""
    for each in (payout, *(each.payout for each in taken if each.whole)):
        if (shown := _shown(each, taken, sums.get(each.id, ()))) != each.due:
            raise StatementDoesNotAddUp(f"{each.id}: {shown} shown, {each.due} due")
    total = payout.money
    assert total is not None, "a statement comes after the conversion"
    assert payout.rest is None or payout.rest.currency == total.currency
    all_of_it = total if payout.rest is None else total + payout.rest
    same = [money for money in payout.due if money.currency == total.currency]
    paid = net([*same, *(conversion.got for conversion in payout.conversions)])
    if paid != ((all_of_it,) if all_of_it.minor else ()):
        raise StatementDoesNotAddUp(f"{payout.id}: {payout.due} due, {total} paid")


def _shown(payout: Payout, taken: Sequence[_Taken], lines: tuple[Money, ...]) -> tuple[Money, ...]:
    """By currency, what the lines of a statement and all that bears on them make."""
    carried = [money for each in taken if each.into == payout.id for money in _owed(each.payout)]
    kept = [-part.money for part in payout.kept]
    left = [part.money for part in payout.left]
    return net([*lines, *carried, *kept, *left])


def _statement(
    ports: Ports,
    payout: Payout,
    taken: Sequence[_Taken],
    lines: Mapping[PayoutId, list[dict[str, Any]]],
) -> dict[str, Any]:
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
        **_own(payout, lines.get(payout.id, [])),
        "carried": [_carried(each, lines.get(each.payout.id, [])) for each in taken],
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


def _plain(ports: Ports, lines: Sequence[Line], window: WindowId) -> list[dict[str, Any]]:
    found = list[dict[str, Any]]()
    for start in range(0, len(lines), _LINES_A_READ):
        some = lines[start : start + _LINES_A_READ]
        ids = sorted({line.session for line in some} - {""})
        sessions = {str(session.id): session for session in read_sessions(ports, ids)}
        found += [_line(line, sessions.get(line.session), window) for line in some]
    return found


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


def _carried(taken: _Taken, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What an earlier window held back, and why; whole where no paper shows it. `into` is what took
    it over, so that the amounts of those with the same make a part of its sum.
    """
    held = taken.payout
    told = {"statement": held.id, "window": held.window, "reason": held.reason}
    told |= {"into": taken.into, "amounts": to_plain(_owed(held))}
    return told | (_own(held, lines) if taken.whole else {})


def _taken_over(ports: Ports, payout: Payout) -> list[_Taken]:
    """What earlier windows held back for this payee, as far as no paper shows it.

    One after the other and not in each other: a payee may wait for years.
    """
    found, waiting = list[_Taken](), [(id_, payout.id) for id_ in payout.carried_from]
    while waiting:
        id_, into = waiting.pop()
        held = load(ports.store, keys.payout(id_), Payout, "payout").value
        found.append(_Taken(held, into))
        if found[-1].whole:
            waiting += [(other, held.id) for other in held.carried_from]
    return found


def _owed(held: Payout) -> tuple[Money, ...]:
    return net(part.money for part in still_due(held))


def _sum(found: Mapping[PayoutId, Sequence[Line]]) -> tuple[Money, ...]:
    return net(line.money for lines in found.values() for line in lines)
