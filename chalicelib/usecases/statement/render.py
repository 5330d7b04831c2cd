"""What does a statement say? Each session's line, what was carried over, the rate and the sum.

It is made of sealed lines and billed sessions only, so that making it again makes the same bytes.
"""

import csv
from dataclasses import dataclass
from io import StringIO
from typing import Any

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import Line
from chalicelib.domain.settlement.payout import Payout
from chalicelib.domain.settlement.window import cut_off, day_of, opens, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import party
from chalicelib.usecases.records import load
from chalicelib.usecases.window.net import lines_in
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import seal_bytes, seal_plain

_COLUMNS = ("session", "event", "ended_at", "energy_kwh", "cdr", "amount", "currency", "entry")


@dataclass(frozen=True, slots=True)
class Paper:
    """The names of a statement's files."""

    json: str
    csv: str


def render(ports: Ports, payout: Payout) -> Paper:
    """Seal a payout's statement in both forms."""
    lines = _lines(ports, payout)
    window = payout.window
    json = seal_plain(ports, window, "statement", _statement(ports, payout, lines))
    text = _csv(lines, _carried(ports, payout)).encode()
    return Paper(json, seal_bytes(ports, window, "statement", text, ("csv", "text/csv")))


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
        "lines": lines,
        "carried": _carried(ports, payout),
        "due": to_plain(payout.due),
        "conversions": to_plain(payout.conversions),
        "total": to_plain(payout.money),
    }


def _lines(ports: Ports, payout: Payout) -> list[dict[str, Any]]:
    lines = lines_in(ports, payout)
    ids = sorted({line.session for line in lines} - {""})
    sessions = {str(session.id): session for session in read_sessions(ports, ids)}
    return [_line(line, sessions.get(line.session)) for line in lines]


def _line(line: Line, session: Session | None) -> dict[str, Any]:
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
    return plain


def _carried(ports: Ports, payout: Payout) -> list[dict[str, Any]]:
    """What earlier windows held back for this payee, and why."""
    found = []
    for id_ in payout.carried_from:
        held = load(ports.store, keys.payout(id_), Payout, "payout").value
        due = held.due if held.money is None else (held.money,)
        found.append(
            {
                "statement": held.id,
                "window": held.window,
                "reason": held.reason,
                "amounts": to_plain(due),
            }
        )
    return found


def _csv(lines: list[dict[str, Any]], carried: list[dict[str, Any]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        amount = line["amount"]
        writer.writerow(
            {name: line.get(name, "") for name in _COLUMNS}
            | {"amount": _shown(amount), "currency": amount["currency"]}
        )
    for held in carried:
        for amount in held["amounts"]:
            row = {"session": held["statement"], "event": f"carried: {held['reason']}"}
            writer.writerow(row | {"amount": _shown(amount), "currency": amount["currency"]})
    return out.getvalue()


def _shown(amount: dict[str, Any]) -> str:
    return str(from_plain(Money, amount)).partition(" ")[0]
